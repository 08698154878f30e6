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
    private static final long LONGEST_PASS_MS = 10_000;

    /** Interval of polls from the beginning without a signal. */
    private static final long LONGEST_TRUST_MS = 60_000;

    private long due = NEVER;
    private long earliest = NEVER;
    private Waiting lookedUpTo = Waiting.FIRST;
    private boolean whole = true;
    private boolean again;
    private long begun;

    /** Time of the next read, in ms since 1970. */
    long due() {
        return due;
    }

    /** Signals a due time. @return whether it is the earliest */
    boolean due(long at) {
        earliest = Math.min(earliest, at);
        boolean isEarlier = at < due;
        due = Math.min(due, at);
        return isEarlier;
    }

    /** Signals that rows with an unknown due time may be due. */
    void dueForLong(long now) {
        again = true;
        due = Math.min(due, now);
    }

    /** @return the position after which to read; later signals are for the next read */
    Waiting startLooking(long now) {
        if (isFromTheBeginning(now)) {
            lookedUpTo = Waiting.FIRST;
            begun = now;
            again = false;
        } else if (whole || earliest <= lookedUpTo.dueAt().toEpochMilli()) {
            lookedUpTo = earliest == NEVER ? Waiting.FIRST : new Waiting("", Instant.ofEpochMilli(earliest));
        }
        earliest = NEVER;
        due = NEVER;
        return lookedUpTo;
    }

    private boolean isFromTheBeginning(long now) {
        long since = now - begun;
        boolean isTime = whole ? again || since >= LONGEST_TRUST_MS : again && since >= LONGEST_PASS_MS;
        return isTime || since < 0;
    }

    /** The reader has reached the end of the due rows. */
    void lookedAtAll(long now) {
        whole = true;
        if (again) {
            due = Math.min(due, now);
        }
    }

    /** The reader has stopped before the end. */
    void lookedUpTo(Waiting last, long now) {
        whole = false;
        lookedUpTo = last;
        due = Math.min(due, now);
    }
}
