package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code judge-failure}, in the {@code doCatch} of the deliver routes: maps an exception to an outcome. Each judge
 * gets the exception and then its causes; those of a receiver judge a user's own step only after a request was sent. An exception that none
 * knows is a {@link StepFailure}. Thread-safe.
 */
public final class FailureJudging implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(FailureJudging.class);

    private final List<FailureJudge> judges;
    private final Predicate<Webhook> maySend;
    private final Clock clock;

    /**
     * @param judges those of the destinations, in the order of use
     * @param maySend whether steps of the user's own may send the deliveries of a webhook
     */
    public FailureJudging(List<FailureJudge> judges, Predicate<Webhook> maySend, Clock clock) {
        this.judges = List.copyOf(judges);
        this.maySend = maySend;
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
        if (DeliveryContext.outcome(exchange) instanceof Outcome.Delivered delivered) {
            LOG.error("attempt.step-failed delivery={}: a step after the outcome failed", context.delivery(), thrown);
            DeliveryContext.endWithDelivery(exchange, delivered);
            return;
        }
        DeliveryContext.endWithDelivery(exchange, judge(thrown, context));
    }

    Outcome judge(Throwable thrown, DeliveryContext context) {
        Delivery delivery = context.delivery();
        NotPublicLog.note(
                thrown,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        StepThreads.Step step = context.failedStep(thrown);
        boolean isForeign = step != null && step.isForeign() && !context.hasSent();
        Optional<Outcome> known = Causes.of(thrown)
                .flatMap(failure -> known(failure, delivery, isForeign).stream())
                .findFirst();
        if (known.isPresent()) {
            LOG.debug("{} failed", delivery, thrown);
            return known.get();
        }
        return StepFailure.ofForeign(context, thrown, maySend.test(delivery.webhook()), clock.instant())
                .orElseGet(() -> StepFailure.ofProduct(context, thrown));
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
