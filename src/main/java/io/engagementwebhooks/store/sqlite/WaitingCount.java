package io.engagementwebhooks.store.sqlite;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many deliveries wait, as it is on disk: counted once when the store is opened, then kept by the writer, which tells
 * what a transaction changes and how it ended. Whoever reads it reads what was committed. Changed by the writer thread
 * alone.
 */
final class WaitingCount {

    private final AtomicLong committed;
    private long uncommitted;

    WaitingCount(long counted) {
        this.committed = new AtomicLong(counted);
    }

    long get() {
        return committed.get();
    }

    /** So many more, or less, if the transaction is committed. */
    void add(long more) {
        uncommitted += more;
    }

    /** What the transaction has changed so far, for {@link #rolledBackTo}. */
    long uncommitted() {
        return uncommitted;
    }

    void committed() {
        if (uncommitted != 0) {
            committed.addAndGet(uncommitted);
            uncommitted = 0;
        }
    }

    void rolledBackTo(long before) {
        uncommitted = before;
    }
}
