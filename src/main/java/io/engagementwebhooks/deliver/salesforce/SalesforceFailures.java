package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NoResponseException;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.judge.StepTimeoutException;
import io.engagementwebhooks.deliver.step.KeyedLocks;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.salesforce.api.SalesforceException;

/**
 * Step <i>judge-failure</i>: maps exceptions of the branch to outcomes: a record that could not be built, an org
 * without a session, an error response as a Camel exception, no response. Rethrows unknown ones. Thread-safe.
 */
public record SalesforceFailures(Clock clock) implements Processor {

    /** Retry delay if the queue of a parent record is full. */
    private static final Duration TURN_RETRY = Duration.ofSeconds(2);

    @Override
    public void process(Exchange exchange) throws Exception {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        FatalErrors.check(failure);
        byte[] body = OrgAnswers.body(exchange.getMessage().getBody(), Answer.READ_BYTES);
        Outcome outcome = Causes.of(failure)
                .map(cause -> outcome(cause, failure, exchange, body))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (outcome == null) {
            throw failure;
        }
        keepAnswer(exchange, failure, body);
        exchange.getMessage().removeHeaders("*");
        DeliveryContext.end(exchange, outcome);
    }

    private Outcome outcome(Throwable cause, Throwable failure, Exchange exchange, byte[] body) {
        Optional<Outcome> late = StepTimeoutException.judge(cause, DeliveryContext.delivery(exchange));
        if (late.isPresent()) {
            return late.get();
        }
        if (cause instanceof KeyedLocks.QueueFullException line) {
            return new Outcome.NotSent(line.getMessage(), clock.instant().plus(TURN_RETRY));
        }
        if (cause instanceof NothingSentException known) {
            return known.outcome();
        }
        if (cause instanceof SalesforceRecord.NothingToWrite nothing) {
            return new Outcome.Skipped(nothing.getMessage());
        }
        if (cause instanceof BodyFault fault) {
            return Outcome.GaveUp.because(fault.getMessage());
        }
        if (cause instanceof SalesforceException) {
            return answered(failure, exchange, body);
        }
        return null;
    }

    private Outcome answered(Throwable failure, Exchange exchange, byte[] body) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        SalesforceOrg org = SalesforceOrg.of(exchange);
        Optional<NothingSentException> notSent = Causes.first(failure, NothingSentException.class);
        if (notSent.isPresent()) {
            if (OrgWrite.isSent(exchange)) {
                org.unanswered().add(delivery.id());
            }
            return notSent.get().outcome();
        }
        NotPublicLog.note(
                failure,
                delivery.webhook().account(),
                "webhook=" + delivery.webhook().name());
        Optional<EgressRefusedException> refused = Causes.first(failure, EgressRefusedException.class);
        if (refused.isPresent()) {
            return new Outcome.NotSent(
                    "The call to Salesforce was not sent: " + refused.get().getMessage(),
                    org.session().retryAt());
        }
        SalesforceErrorMapper mapper =
                new SalesforceErrorMapper(delivery, org, OrgWrite.of(exchange), OrgWrite.objects(exchange));
        int status = status(failure);
        if (status != 0) {
            return mapper.refused(status, RecordError.in(OrgAnswers.json(body)));
        }
        return notConnected(failure, delivery)
                .orElseGet(() -> mapper.unanswered(
                        Causes.first(failure, TimeoutException.class).isEmpty()));
    }

    /** The outcome of a call that failed before its request was sent; empty if it may have been sent. */
    private static Optional<Outcome> notConnected(Throwable failure, Delivery delivery) {
        return Causes.of(failure)
                .flatMap(cause -> NoResponseException.known(cause).stream())
                .filter(known -> known.reason().isBeforeRequest())
                .findFirst()
                .flatMap(known -> HttpFailures.words(
                                known,
                                "Salesforce",
                                delivery.webhook().delivery().timeout())
                        .map(words -> new Outcome.TryLater(
                                words, null, false, known.reason().isTimeout())));
    }

    private void keepAnswer(Exchange exchange, Throwable failure, byte[] answer) {
        int status = status(failure);
        if (status != 0) {
            OrgAnswers.keep(exchange, status, answer);
        }
    }

    /** The status of the response; 0 if there is none. */
    private static int status(Throwable failure) {
        return Causes.first(failure, SalesforceException.class)
                .map(SalesforceException::getStatusCode)
                .orElse(0);
    }
}
