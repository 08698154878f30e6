package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When a failing webhook is disabled automatically; a person resumes it.
 *
 * @param after the time since the first failure without a success; empty: never
 */
public record Breaker(Optional<Duration> after) {

    /** Never disables. */
    public static final Breaker NEVER = new Breaker(Optional.empty());

    public Breaker {
        Objects.requireNonNull(after);
    }

    public static Breaker after(Duration failure) {
        return new Breaker(Optional.of(failure));
    }
}
