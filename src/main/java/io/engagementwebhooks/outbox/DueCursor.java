package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import java.time.Instant;

/**
 * The position and the time of the next read of a {@link SubQueue}'s due rows. Guarded by the lock of {@link
 * WebhookQueues}.
 *
 * <p>A read skips due rows of the other kind. So it begins where the last one ended, or at the earliest due time that
 * was signaled since. Rows without a signaled due time, or with one by another instance's clock, are found by a read
 * from the beginning: at once if nothing else is due, else periodically.
 */
final class DueCursor {

    static final long NEVER = Long.MAX_VALUE;

    /** After this time a pass over all due rows restarts for rows signaled without a due time. */
    private static final long MAX_PASS_MS = 10_000;

    /** Interval of polls from the beginning without a signal. */
    private static final long FULL_POLL_INTERVAL_MS = 60_000;

    private long due = NEVER;
    private long earliestSignal = NEVER;
    private Waiting readUpTo = Waiting.FIRST;
    private boolean isComplete = true;
    private boolean isRestartRequested;
    private long passBegunAt;

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
        isRestartRequested = true;
        due = Math.min(due, now);
    }

    /** @return the position after which to read; later signals are for the next read */
    Waiting startRead(long now) {
        if (isRestartDue(now)) {
            readUpTo = Waiting.FIRST;
            passBegunAt = now;
            isRestartRequested = false;
        } else if (isComplete || earliestSignal <= readUpTo.dueAt().toEpochMilli()) {
            readUpTo = earliestSignal == NEVER ? Waiting.FIRST : new Waiting("", Instant.ofEpochMilli(earliestSignal));
        }
        earliestSignal = NEVER;
        due = NEVER;
        return readUpTo;
    }

    private boolean isRestartDue(long now) {
        long since = now - passBegunAt;
        boolean isTime = isComplete
                ? isRestartRequested || since >= FULL_POLL_INTERVAL_MS
                : isRestartRequested && since >= MAX_PASS_MS;
        return isTime || since < 0;
    }

    /** The reader has reached the end of the due rows. */
    void readToEnd(long now) {
        isComplete = true;
        if (isRestartRequested) {
            due = Math.min(due, now);
        }
    }

    /** The reader has stopped before the end. */
    void readUpTo(Waiting last, long now) {
        isComplete = false;
        readUpTo = last;
        due = Math.min(due, now);
    }
}
