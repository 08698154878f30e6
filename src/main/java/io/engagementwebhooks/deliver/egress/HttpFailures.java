package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.FailureJudge;
import io.engagementwebhooks.deliver.judge.Outcome;
import java.time.Duration;
import java.util.Optional;

/** Describes failed HTTP calls for the customer. All are retried. Thread-safe. */
public final class HttpFailures implements FailureJudge {

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        boolean isTimeout = NoResponseException.known(failure)
                .filter(known -> known.reason().isTimeout())
                .isPresent();
        return words(failure, "The endpoint", delivery.webhook().delivery().timeout())
                .map(words ->
                        new Outcome.TryLater(words, null, false, isTimeout, failure instanceof EgressRefusedException));
    }

    /**
     * Why a call got no response; empty if the failure is not one of an HTTP call.
     *
     * @param failure the exception of {@link EgressClient#send}, or of another client
     * @param subject the subject of the sentence, such as "The endpoint"
     * @param limit the timeout of the call
     */
    public static Optional<String> words(Throwable failure, String subject, Duration limit) {
        if (failure instanceof EgressRefusedException refused) {
            return Optional.of("Not allowed: " + refused.getMessage());
        }
        return NoResponseException.known(failure).map(known -> subject + known.predicate(limit));
    }

    /** A duration in seconds, or in milliseconds if it is no whole number of them. */
    public static String inWords(Duration duration) {
        return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
