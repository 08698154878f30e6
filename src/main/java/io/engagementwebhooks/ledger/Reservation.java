package io.engagementwebhooks.ledger;

import java.util.concurrent.atomic.AtomicLong;

/** Memory reserved for a task, such as a request. Thread-safe; may be closed more than once. */
public final class Reservation implements AutoCloseable {

    private static final long CLOSED = -1;

    private final SharedBudget.Share share;
    private final AtomicLong bytes = new AtomicLong();

    Reservation(SharedBudget.Share share) {
        this.share = share;
    }

    /** Reserves more. @throws BudgetExceededException if there is none left now; the earlier reservation stays */
    public void grow(long more) {
        if (!tryGrow(more)) {
            throw new BudgetExceededException(bytes() + more > share.limit());
        }
    }

    /** As {@link #grow}. @return false: there is none left now */
    public boolean tryGrow(long more) {
        if (!share.tryAcquire(more)) {
            return false;
        }
        if (bytes.accumulateAndGet(more, (had, add) -> had == CLOSED ? CLOSED : had + add) == CLOSED) {
            share.release(more);
        }
        return true;
    }

    /** The reserved bytes; 0 once closed. */
    public long bytes() {
        return Math.max(0, bytes.get());
    }

    /** Releases the reservation. */
    @Override
    public void close() {
        long had = bytes.getAndSet(CLOSED);
        if (had > 0) {
            share.release(had);
        }
    }
}
