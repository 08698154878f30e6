package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.step.StepThreads;
import java.time.Duration;
import java.util.Optional;

/** A custom step exceeded the timeout and was interrupted. The message is for the customer. */
public final class StepTimeoutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StepTimeoutException(StepThreads.Step step, Duration limit, Throwable cause) {
        super(step + " did not end within " + HttpFailures.inWords(limit), cause, false, false);
    }

    /** A {@link FailureJudge}: counts as a time-out of the webhook, whatever the step has sent. */
    public static Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        return failure instanceof StepTimeoutException
                ? Optional.of(new Outcome.TryLater(failure.getMessage(), null, false, true))
                : Optional.empty();
    }
}
