package io.engagementwebhooks.deliver;

import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcome of an exception of a step that no {@link FailureJudge} knows. The exception is logged. */
public final class StepFailure {

    private static final Logger LOG = LoggerFactory.getLogger(StepFailure.class);

    private static final String LINE =
            "attempt.step-failed account={} delivery={} webhook=\"{}\" route={} step={} exception={}";

    private StepFailure() {}

    /**
     * The outcome if a step of the user's own failed: the attempt failed if something was sent; otherwise it is none, and
     * the webhook is failing. Empty for a step of the product, which has an internal fault.
     *
     * @param thrown null: no step failed
     * @param sends whether the user's own steps may send the delivery
     */
    public static Optional<Outcome> ofForeign(DeliveryContext context, Throwable thrown, boolean sends, Instant now) {
        StepThreads.Step step = thrown == null ? null : context.failedStep(thrown);
        if (step == null || !step.isForeign()) {
            return Optional.empty();
        }
        LOG.warn(LINE, values(context.delivery(), step, thrown));
        if (sends || context.hasSent()) {
            return Optional.of(Outcome.TryLater.bySchedule(reason(step, context.innermost(thrown))));
        }
        Instant retryAt = MissingRoute.retryAt(MissingRoute.FIRST_RETRY_AFTER_ENTRANCE, context.delivery(), now);
        return Optional.of(new Outcome.NotSent("Not sent: " + reason(step, context.innermost(thrown)), retryAt, true));
    }

    /** The outcome of an internal fault. */
    static Outcome ofProduct(DeliveryContext context, Throwable thrown) {
        StepThreads.Step known = context.failedStep(thrown);
        StepThreads.Step step = known == null ? new StepThreads.Step("-", "-", false) : known;
        LOG.error(LINE, values(context.delivery(), step, thrown));
        return Outcome.TryLater.bySchedule(
                "An internal fault prevented this delivery: " + reason(step, context.innermost(thrown)));
    }

    private static Object[] values(Delivery delivery, StepThreads.Step step, Throwable thrown) {
        return new Object[] {
            delivery.webhook().account(),
            delivery.id(),
            delivery.webhook().name(),
            step.route(),
            step.id(),
            thrown.getClass().getName(),
            thrown
        };
    }

    /** For the customer, without the exception's message. */
    private static String reason(StepThreads.Step step, Throwable thrown) {
        return step + " failed (" + name(thrown.getClass()) + ")";
    }

    /** An anonymous class has the name of the one it extends. */
    private static String name(Class<?> type) {
        return type.isAnonymousClass() ? name(type.getSuperclass()) : type.getSimpleName();
    }
}
