package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import java.time.Instant;

/**
 * From where and when the reader reads the due rows of a {@link SubQueue}. Guarded by the lock of {@link WebhookQueues}.
 *
 * <p>Where many rows of the other share are due, reading means passing over them. So a read begins where the one before it
 * ended, or at the earliest due time that was reported since. Rows that were reported without a due time, or that another
 * process stored by its own clock, are found by a read from the beginning: at once if nothing else is left, else after a while.
 */
final class DueCursor {

    static final long NEVER = Long.MAX_VALUE;

    /** Maximum time of one poll of all due deliveries before it restarts for deliveries that were signaled without a due time. */
    private static final long LONGEST_PASS_MS = 10_000;

    /** Interval of polls from the beginning without a signal. */
    private static final long LONGEST_TRUST_MS = 60_000;

    private long due = NEVER;
    private long earliest = NEVER;
    private Waiting lookedUpTo = Waiting.FIRST;
    private boolean whole = true;
    private boolean again;
    private long begun;

    /** When the reader is to look. */
    long due() {
        return due;
    }

    /** Something is due at a time. @return whether that is earlier than was known */
    boolean due(long at) {
        earliest = Math.min(earliest, at);
        boolean isEarlier = at < due;
        due = Math.min(due, at);
        return isEarlier;
    }

    /** Something may have been due for long. */
    void dueForLong(long now) {
        again = true;
        due = Math.min(due, now);
    }

    /** @return after which the reader polls; a signal from now on is for the next poll */
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

    /** The reader found all that is due. */
    void lookedAtAll(long now) {
        whole = true;
        if (again) {
            due = Math.min(due, now);
        }
    }

    /** The reader has not come to the end. */
    void lookedUpTo(Waiting last, long now) {
        whole = false;
        lookedUpTo = last;
        due = Math.min(due, now);
    }
}
