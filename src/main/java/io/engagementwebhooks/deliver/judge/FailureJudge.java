package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import java.util.Optional;

/** Maps one kind of failure, such as those of one destination, to an outcome. Thread-safe. */
@FunctionalInterface
public interface FailureJudge {

    /**
     * The outcome of a failure; empty if this judge does not know it.
     *
     * @param failure the exception, or one of its causes; called for each, the outermost first
     * @param delivery the delivery of the failed attempt
     */
    Optional<Outcome> judge(Throwable failure, Delivery delivery);

    /** The response that a failure carries, for the record; empty if none. */
    default Optional<Answer> answer(Throwable failure) {
        return Optional.empty();
    }
}
