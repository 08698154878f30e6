package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.DueStore.Waiting;
import java.time.Instant;

/**
 * The position and the time of the next read of a {@link SubQueue}'s due rows. Guarded by the lock of {@link
 * WebhookQueues}.
 *
 * <p>A read begins where the last one ended, or at the earliest due time that was signaled since. So it does not pass
 * the removed rows of a long backlog again, which PostgreSQL keeps until a vacuum.
 */
final class DueCursor {

    static final long NEVER = Long.MAX_VALUE;

    private long due = NEVER;
    private long earliestSignal = NEVER;
    private Waiting readUpTo = Waiting.FIRST;

    /** Time of the next read, in ms since 1970. */
    long due() {
        return due;
    }

    /** Signals a due time. @return whether it is the earliest */
    boolean due(long at) {
        earliestSignal = Math.min(earliestSignal, at);
        boolean isEarlier = at < due;
        due = Math.min(due, at);
        return isEarlier;
    }

    /** Signals that rows with an unknown due time may be due. */
    void pollFromStart(long now) {
        earliestSignal = Waiting.FIRST.dueAt().toEpochMilli();
        due = Math.min(due, now);
    }

    /** @return the position after which to read; later signals are for the next read */
    Waiting startRead() {
        if (earliestSignal <= readUpTo.dueAt().toEpochMilli()) {
            readUpTo = new Waiting("", Instant.ofEpochMilli(earliestSignal));
        }
        earliestSignal = NEVER;
        due = NEVER;
        return readUpTo;
    }

    /** A read has ended. @param next time of the next one, or {@link #NEVER} */
    void readUpTo(Waiting last, long next) {
        readUpTo = last;
        due = Math.min(due, next);
    }
}
