package io.engagementwebhooks.deliver;

import java.util.Optional;

/** Maps one kind of failure, such as those of one destination, to an outcome. Thread-safe. */
@FunctionalInterface
public interface FailureJudge {

    /**
     * The outcome a failure means, or empty: not one this judge knows.
     *
     * @param failure the exception, or one of its causes; each is asked about, the outermost first
     * @param delivery whose try it ended
     */
    Optional<Outcome> judge(Throwable failure, Delivery delivery);

    /** The response that came with a failure that this judge knows, for the record; empty: none. */
    default Optional<Answer> answer(Throwable failure) {
        return Optional.empty();
    }
}
