package io.engagementwebhooks.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Waits after failures, doubling from one to the next until a success. Thread-safe. */
public final class Backoff {

    private Pause last;

    /** Why and until when nothing is asked, or empty: nothing stands in the way. */
    public synchronized Optional<Pause> pause(Instant now) {
        return last != null && now.isBefore(last.until()) ? Optional.of(last) : Optional.empty();
    }

    /**
     * Notes a failure. One that comes while a pause is on belongs to the same trouble and does not double it.
     *
     * @param atLeast what was asked for, such as by Retry-After
     */
    public synchronized Pause failed(Instant now, String reason, Duration first, Duration longest, Duration atLeast) {
        if (pause(now).isPresent()) {
            return last;
        }
        Duration doubled = last == null ? first : last.length().multipliedBy(2);
        Duration bounded = doubled.compareTo(longest) < 0 ? doubled : longest;
        Duration length = bounded.compareTo(first) < 0 ? first : bounded;
        Duration wait = length.compareTo(atLeast) < 0 ? atLeast : length;
        last = new Pause(reason, length, now.plus(wait));
        return last;
    }

    /** Notes a success: the next failure waits the shortest time. */
    public synchronized void succeeded() {
        last = null;
    }

    /**
     * A wait.
     *
     * @param reason why
     * @param length without what was asked for
     * @param until when it is over
     */
    public record Pause(String reason, Duration length, Instant until) {}
}
