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
     * Records a failure and returns the pause. A failure of the same kind doubles the pause, but not during it; one of
     * another kind does not shorten it.
     *
     * @param schedule the pauses of this kind of failure
     * @param atLeast the least pause, such as a Retry-After
     */
    public synchronized Pause failed(Instant now, String reason, BackoffSchedule schedule, Duration atLeast) {
        boolean isSameKind = last != null && last.schedule().equals(schedule);
        if (isSameKind && pause(now).isPresent()) {
            return last;
        }
        Duration length = isSameKind ? schedule.after(last.length()) : schedule.first();
        Duration wait = length.compareTo(atLeast) < 0 ? atLeast : length;
        if (last == null || last.until().isBefore(now.plus(wait))) {
            last = new Pause(reason, schedule, length, now.plus(wait));
        }
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
     * @param schedule the pauses of its kind
     * @param length without the requested minimum
     * @param until its end
     */
    public record Pause(String reason, BackoffSchedule schedule, Duration length, Instant until) {}
}
