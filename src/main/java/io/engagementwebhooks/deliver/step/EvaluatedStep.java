package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.ExchangeEnd;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.QuarantinedException;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Runs a deliver step that evaluates customers' templates, programs or mappings, on the memory budget of the delivery's
 * account. The body it leaves stays reserved until the exchange ends. Thread-safe if the step is.
 *
 * <p>If the account has no memory left, it throws {@link NothingSentException}: no attempt, and the delivery is soon
 * due again. A delivery that was in this step at two crashes of the process gets a {@link BodyFault}.
 *
 * @param name identifies the step among those of a delivery
 * @param step the step to run
 * @param ledger accounts for the memory
 * @param clock for the retry time
 */
public record EvaluatedStep(String name, Processor step, Ledger ledger, Clock clock) implements Processor {

    private static final String NO_MEMORY =
            "The deliveries of this account use all of its memory; the delivery is retried in a few seconds";

    private static final Duration RETRY = Duration.ofSeconds(5);

    @Override
    public void process(Exchange exchange) throws Exception {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        // a crash never repeats a test
        String subject = context.isTrial() ? null : name + "/" + delivery.id();
        AccountLedger account = ledger.of(delivery.webhook().account());
        try {
            evaluate(exchange, account, subject);
            reserveBody(exchange, account);
        } catch (BudgetExceededException e) {
            if (e.isForGood()) {
                throw new BodyFault(e.getMessage());
            }
            throw new NothingSentException(NO_MEMORY, clock.instant().plus(RETRY), e);
        } catch (QuarantinedException e) {
            throw new BodyFault(e.getMessage());
        } finally {
            delivery.event().dropLargeTree();
        }
    }

    @SuppressWarnings("try")
    private void evaluate(Exchange exchange, AccountLedger account, String subject) throws Exception {
        try (Evaluation evaluation = Evaluation.begin(account, subject)) {
            step.process(exchange);
        }
    }

    private static void reserveBody(Exchange exchange, AccountLedger account) {
        long bytes = bytes(exchange.getMessage().getBody());
        if (bytes == 0) {
            return;
        }
        Reservation body = account.reserveInFlight(bytes);
        ExchangeEnd.run(exchange, ended -> body.close());
    }

    /** A record's text is also kept as a tree and in the form that is shown. */
    private static long bytes(Object body) {
        if (body instanceof byte[] bytes) {
            return bytes.length;
        }
        return body instanceof String text ? 4L * text.length() : 0;
    }
}
