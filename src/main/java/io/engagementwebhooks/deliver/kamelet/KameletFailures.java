package io.engagementwebhooks.deliver.kamelet;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.FailureJudge;
import io.engagementwebhooks.deliver.judge.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Maps failures of Kamelets to outcomes (semantics 50): an exception is retried; a Kamelet that cannot start, or whose
 * credentials are refused, is a fault of the webhook. Thread-safe.
 *
 * @param clock for the retry time
 */
public record KameletFailures(Clock clock) implements FailureJudge {

    private static final Duration RETRY = Duration.ofMinutes(1);

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        if (!(failure instanceof KameletFault fault)) {
            return Optional.empty();
        }
        return Optional.of(
                fault.isLasting()
                        ? new Outcome.NotSent(
                                fault.getMessage(), clock.instant().plus(RETRY), true)
                        : Outcome.TryLater.bySchedule(fault.getMessage()));
    }
}
