package io.engagementwebhooks.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Exponential backoff: pauses after failures, doubling until a success. Thread-safe. */
public final class Backoff {

    private Pause last;

    /** The current pause; empty if there is none. */
    public synchronized Optional<Pause> pause(Instant now) {
        return last != null && now.isBefore(last.until()) ? Optional.of(last) : Optional.empty();
    }

    /**
     * Records a failure and returns the pause. A failure during a pause does not double it.
     *
     * @param atLeast the least pause, such as a Retry-After
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

    /** Records a success: the next failure starts with the shortest pause. */
    public synchronized void succeeded() {
        last = null;
    }

    /**
     * A pause.
     *
     * @param reason the failure
     * @param length without the requested minimum
     * @param until its end
     */
    public record Pause(String reason, Duration length, Instant until) {}
}
