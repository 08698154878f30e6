package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code judge-failure}, in the {@code doCatch} of the deliver routes: maps an exception to an outcome. Each judge
 * gets the exception and then its causes. Any other exception of a user's own step is not the receiver's fault, and no
 * attempt unless a request was sent; in a destination that notes its outcome itself, it is a failed attempt. Any other
 * exception of the product is an internal fault, logged and retried. Thread-safe.
 */
public final class FailureJudging implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(FailureJudging.class);

    private static final String STEP_FAILED =
            "attempt.step-failed account={} delivery={} webhook=\"{}\" route={} step={} exception={}";

    private final List<FailureJudge> judges;
    private final Predicate<Webhook> notesOutcome;
    private final Clock clock;

    /**
     * @param judges those of the destinations, in the order of use
     * @param notesOutcome whether steps of the user's own send the deliveries of a webhook
     */
    public FailureJudging(List<FailureJudge> judges, Predicate<Webhook> notesOutcome, Clock clock) {
        this.judges = List.copyOf(judges);
        this.notesOutcome = notesOutcome;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Throwable thrown = failure != null ? failure : exchange.getException();
        FatalErrors.check(thrown);
        DeliveryContext context = DeliveryContext.of(exchange);
        Causes.of(thrown)
                .flatMap(cause -> judges.stream()
                        .flatMap(judge -> judge.answer(cause).stream())
                        .limit(1))
                .forEach(context::answered);
        // headers of a request that was not sent
        exchange.getMessage().removeHeaders("*");
        DeliveryContext.endWithDelivery(exchange, judge(thrown, context));
    }

    Outcome judge(Throwable thrown, DeliveryContext context) {
        Delivery delivery = context.delivery();
        NotPublicLog.note(
                thrown,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        StepThreads.Step step = context.failedStep(thrown);
        boolean isForeign = step != null && step.isForeign();
        Optional<Outcome> known = Causes.of(thrown)
                .flatMap(failure -> known(failure, delivery, isForeign).stream())
                .findFirst();
        if (known.isPresent()) {
            LOG.debug("{} failed", delivery, thrown);
            return known.get();
        }
        Object[] values = {
            delivery.webhook().account(),
            delivery.id(),
            delivery.webhook().name(),
            step == null ? "-" : step.route(),
            step == null ? "-" : step.id(),
            thrown.getClass().getName(),
            thrown
        };
        if (isForeign) {
            LOG.warn(STEP_FAILED, values);
        } else {
            LOG.error(STEP_FAILED, values);
        }
        String where = step == null ? "a step" : step.toString();
        String reason = where + " failed (" + thrown.getClass().getSimpleName() + ")";
        if (!isForeign) {
            return Outcome.TryLater.bySchedule("An internal fault prevented this delivery: " + reason);
        }
        if (context.request() != null || notesOutcome.test(delivery.webhook())) {
            return Outcome.TryLater.bySchedule(reason);
        }
        Instant retryAt = MissingRoute.retryAt(MissingRoute.FIRST_RETRY_AFTER_ENTRANCE, delivery, clock.instant());
        return new Outcome.NotSent("Not sent: " + reason, retryAt, true);
    }

    private Optional<Outcome> known(Throwable failure, Delivery delivery, boolean isForeign) {
        if (failure instanceof BodyFault fault) {
            return Optional.of(Outcome.GaveUp.because(fault.getMessage()));
        }
        if (failure instanceof NothingSentException nothing) {
            return Optional.of(nothing.outcome());
        }
        return judges.stream()
                .filter(judge -> !isForeign || judge.judgesForeignSteps())
                .flatMap(judge -> judge.judge(failure, delivery).stream())
                .findFirst();
    }
}
