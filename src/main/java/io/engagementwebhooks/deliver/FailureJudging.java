package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.BodyFault;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code judge-failure}, in the {@code onException} of the deliver routes: maps an exception to an outcome. Each
 * judge gets the exception and then its causes. An unknown exception is an internal error, logged and retried.
 * Thread-safe.
 */
public final class FailureJudging implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(FailureJudging.class);

    private final List<FailureJudge> judges;

    /** @param judges those of the destinations, in the order of use */
    public FailureJudging(List<FailureJudge> judges) {
        this.judges = List.copyOf(judges);
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
        DeliveryContext.endWithDelivery(exchange, judge(thrown, context.delivery()));
    }

    Outcome judge(Throwable thrown, Delivery delivery) {
        NotPublicLog.note(
                thrown,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        Optional<Outcome> known = Causes.of(thrown)
                .flatMap(failure -> known(failure, delivery).stream())
                .findFirst();
        if (known.isPresent()) {
            LOG.debug("{} failed", delivery, thrown);
            return known.get();
        }
        LOG.error("attempt.internal-error delivery={}", delivery, thrown);
        return Outcome.TryLater.bySchedule("An internal fault prevented this delivery");
    }

    private Optional<Outcome> known(Throwable failure, Delivery delivery) {
        if (failure instanceof BodyFault fault) {
            return Optional.of(Outcome.GaveUp.because(fault.getMessage()));
        }
        if (failure instanceof NothingSentException nothing) {
            return Optional.of(nothing.outcome());
        }
        return judges.stream().flatMap(j -> j.judge(failure, delivery).stream()).findFirst();
    }
}
