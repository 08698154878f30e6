package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When a failing webhook is disabled, until a person resumes it.
 *
 * @param after so long after its first failure without one delivery that arrived; empty: never
 */
public record Breaker(Optional<Duration> after) {

    /** However long it fails. */
    public static final Breaker NEVER = new Breaker(Optional.empty());

    public Breaker {
        Objects.requireNonNull(after);
    }

    public static Breaker after(Duration failure) {
        return new Breaker(Optional.of(failure));
    }
}
