package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.BodyFault;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step {@code judge-failure}, for the {@code onException} of the deliver routes: says what an exception means for the
 * delivery. Each judge is asked about the exception and then about its causes; an unknown exception is a fault of ours,
 * logged and tried again. Thread-safe.
 */
public final class FailureJudging implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(FailureJudging.class);

    private final List<FailureJudge> judges;

    /** @param judges the destinations' own, asked in this order */
    public FailureJudging(List<FailureJudge> judges) {
        this.judges = List.copyOf(judges);
    }

    @Override
    public void process(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Throwable thrown = failure != null ? failure : exchange.getException();
        FatalErrors.check(thrown);
        DeliveryContext context = DeliveryContext.of(exchange);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Throwable known = cause;
            judges.stream()
                    .flatMap(judge -> judge.answer(known).stream())
                    .findFirst()
                    .ifPresent(answer -> context.answered(answer));
        }
        // those of the request, if it was not sent
        exchange.getMessage().removeHeaders("*");
        DeliveryContext.endWithDelivery(exchange, judge(thrown, context.delivery()));
    }

    Outcome judge(Throwable thrown, Delivery delivery) {
        NotPublicLog.note(
                thrown,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        for (Throwable failure = thrown; failure != null; failure = failure.getCause()) {
            Optional<Outcome> known = known(failure, delivery);
            if (known.isPresent()) {
                LOG.debug("{} failed", delivery, thrown);
                return known.get();
            }
        }
        LOG.error("attempt.internal-error delivery={}", delivery, thrown);
        return Outcome.TryLater.bySchedule("An internal fault kept this delivery from being sent");
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
