package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.MinuteCounter;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Step {@code judge-failure}, in the {@code doCatch} of the deliver routes: maps an exception to an outcome. Each judge
 * gets the exception and then its causes; {@link HttpFailures} judges a user's own step only after a request was sent. An
 * exception that none knows is logged. Thread-safe.
 */
public final class FailureJudging implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(FailureJudging.class);

    private final List<FailureJudge> judges;
    private final Predicate<Webhook> maySend;
    private final Clock clock;

    /** By account, step, and class of the exception. */
    private final Map<List<Object>, MinuteCounter> logged = new ConcurrentHashMap<>();

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

    /** The outcome of an attempt that failed with an exception. */
    public Outcome judge(Throwable thrown, DeliveryContext context) {
        Delivery delivery = context.delivery();
        LOG.debug("{} failed", delivery, thrown);
        NotPublicLog.note(
                thrown,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        DeliveryContext.Failed failed = context.failed(thrown);
        boolean isUnsent = failed.step().isForeign() && !context.mayHaveSent();
        return Causes.of(thrown)
                .flatMap(failure -> known(failure, delivery, isUnsent).stream())
                .findFirst()
                .orElseGet(() -> ofStep(context, failed, thrown));
    }

    private Optional<Outcome> known(Throwable failure, Delivery delivery, boolean isUnsent) {
        if (failure instanceof BodyFault fault) {
            return Optional.of(Outcome.GaveUp.because(fault.getMessage()));
        }
        if (failure instanceof NothingSentException nothing) {
            return Optional.of(nothing.outcome());
        }
        return judges.stream()
                .filter(judge -> !isUnsent || !(judge instanceof HttpFailures))
                .flatMap(judge -> judge.judge(failure, delivery).stream())
                .findFirst();
    }

    /**
     * The outcome of an exception that no judge knows. If a user's step fails after something may have been sent, the
     * attempt failed; otherwise there is no attempt, and the webhook is failing. A step of the product has an internal
     * fault. Logged once a minute for each account, step, and class of the exception.
     */
    private Outcome ofStep(DeliveryContext context, DeliveryContext.Failed failed, Throwable thrown) {
        Delivery delivery = context.delivery();
        Webhook webhook = delivery.webhook();
        StepThreads.Step step = failed.step();
        Throwable innermost = failed.failure();
        List<Object> fault = List.of(webhook.account(), step, innermost.getClass());
        logged.computeIfAbsent(fault, key -> new MinuteCounter()).next().ifPresent(count -> LOG.atLevel(
                        step.isForeign() ? Level.WARN : Level.ERROR)
                .setCause(step.isForeign() ? null : thrown)
                .log(
                        "attempt.step-failed account={} delivery={} webhook=\"{}\" route={} step={} exception={} count={}: {}",
                        webhook.account(),
                        delivery.id(),
                        webhook.name(),
                        step.route(),
                        step.id(),
                        innermost.getClass().getName(),
                        count,
                        innermost.getMessage()));
        // for the customer, without the exception's message
        String reason = step + " failed (" + name(innermost.getClass()) + ")";
        if (!step.isForeign()) {
            return Outcome.TryLater.bySchedule("An internal fault prevented this delivery: " + reason);
        }
        return context.mayHaveSent() || maySend.test(webhook)
                ? Outcome.TryLater.bySchedule(reason)
                : new Outcome.NotSent(
                        "Not sent: " + reason,
                        MissingRoute.retryAt(MissingRoute.FIRST_RETRY_AFTER_ENTRANCE, delivery, clock.instant()),
                        true);
    }

    /** An anonymous class has the name of the one it extends. */
    private static String name(Class<?> type) {
        return type.isAnonymousClass() ? name(type.getSuperclass()) : type.getSimpleName();
    }
}
