package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.ledger.SetAsideException;
import io.engagementwebhooks.webhook.BodyFault;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * A step of the deliver routes that evaluates customers' code: templates, programs, mappings. What it makes is memory of the
 * delivery's account, and the body that it leaves is so, as a request in flight, until the exchange ends. Thread-safe if the step is.
 *
 * <p>Where the account has no memory left, it ends by {@link NothingSentException}: no attempt, the delivery is due again
 * soon. A delivery that was in this step at two unclean ends of the process ends by a {@link BodyFault}.
 */
final class EvaluatedStep implements Processor {

    private static final String NO_MEMORY =
            "The deliveries of this account use all the memory that it may have at the moment; it is sent in a few seconds";

    private static final Duration RETRY = Duration.ofSeconds(5);

    private final String name;
    private final Processor step;
    private final Ledger ledger;
    private final Clock clock;

    /**
     * @param name tells the step from others that a delivery passes
     * @param step what evaluates
     * @param ledger whose memory it is
     * @param clock when it is tried again
     */
    EvaluatedStep(String name, Processor step, Ledger ledger, Clock clock) {
        this.name = name;
        this.step = step;
        this.ledger = ledger;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        // nothing sends a trial once more after a crash
        String subject = context.isTrial() ? null : name + "/" + delivery.id();
        AccountLedger account = ledger.of(delivery.webhook().account());
        try {
            evaluate(exchange, account, subject);
            hold(exchange, account);
        } catch (BudgetExceededException e) {
            if (e.isForGood()) {
                throw new BodyFault(e.getMessage());
            }
            throw new NothingSentException(NO_MEMORY, clock.instant().plus(RETRY), e);
        } catch (SetAsideException e) {
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

    private static void hold(Exchange exchange, AccountLedger account) {
        long bytes = bytes(exchange.getMessage().getBody());
        if (bytes == 0) {
            return;
        }
        Reservation body = account.reserveInFlight(bytes);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                body.close();
            }
        });
    }

    /** A record's text is kept as a tree too, and shown as it is sent. */
    private static long bytes(Object body) {
        if (body instanceof byte[] bytes) {
            return bytes.length;
        }
        return body instanceof String text ? 4L * text.length() : 0;
    }
}
