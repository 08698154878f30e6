package io.engagementwebhooks.deliver;

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
 * delivery's account, and the body that it leaves is so until the exchange ends. Thread-safe if the step is.
 *
 * <p>Where the account has no memory left, it ends by {@link NothingSentException}: no attempt, the delivery is due again
 * soon. A delivery that was in this step at two unclean ends of the process ends by a {@link BodyFault}.
 */
public final class EvaluatedStep implements Processor {

    private static final String NO_MEMORY =
            "The deliveries of this account use all the memory that it may have at the moment; it is sent in a few seconds";

    private static final Duration RETRY = Duration.ofSeconds(2);

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
    public EvaluatedStep(String name, Processor step, Ledger ledger, Clock clock) {
        this.name = name;
        this.step = step;
        this.ledger = ledger;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Delivery delivery = Progress.delivery(exchange);
        // nothing sends a trial once more after a crash
        String subject = Progress.isTrial(exchange) ? null : name + "/" + delivery.id();
        try (Evaluation evaluation =
                Evaluation.begin(ledger.of(delivery.webhook().account()), subject)) {
            step.process(exchange);
            hold(exchange, evaluation.keep(bytes(exchange.getMessage().getBody())));
        } catch (BudgetExceededException e) {
            throw new NothingSentException(NO_MEMORY, clock.instant().plus(RETRY), e);
        } catch (SetAsideException e) {
            throw new BodyFault(e.getMessage());
        } finally {
            delivery.event().dropLargeTree();
        }
    }

    private static void hold(Exchange exchange, Reservation body) {
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
