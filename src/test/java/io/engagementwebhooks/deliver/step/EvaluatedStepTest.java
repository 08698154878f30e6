package io.engagementwebhooks.deliver.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.junit.jupiter.api.Test;

class EvaluatedStepTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Ledger ledger = new Ledger(4 << 20);
    private final AccountLedger acme = ledger.of(SampleDelivery.ACCOUNT);
    private final RequestBuilding building = new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY);

    private Exchange exchange(String template) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getIn()
                .setBody(new SampleDelivery(URI.create("https://crm.example/hooks"))
                        .sending(new Body.Templated(Template.json(template), Body.Format.JSON))
                        .delivery());
        return exchange;
    }

    private EvaluatedStep step(Processor processor) {
        return new EvaluatedStep("build", processor, ledger, clock);
    }

    @Test
    void a_body_reserves_memory_of_its_account_until_the_exchange_ends() throws Exception {
        Exchange exchange = exchange("[\"" + "x".repeat(300_000) + "\"]");

        step(building).process(exchange);

        assertEquals(0, acme.reserved());
        assertEquals(300_004, acme.inFlight());
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
        assertEquals(0, acme.inFlight());
    }

    @Test
    void without_memory_left_nothing_is_sent_and_it_is_no_attempt() {
        try (Reservation others = acme.reserve(3 << 20)) {
            Exchange exchange = exchange("[\"" + "x".repeat(300_000) + "\"]");
            NothingSentException unsent = assertThrows(
                    NothingSentException.class, () -> step(building).process(exchange));

            assertEquals(clock.instant().plusSeconds(5), unsent.until());
            assertTrue(unsent.getMessage().contains("memory"), unsent.getMessage());
            assertTrue(unsent.getCause() instanceof BudgetExceededException);
            assertEquals(
                    new Outcome.NotSent(unsent.getMessage(), unsent.until()),
                    new FailureJudging(List.of(), webhook -> false, Clock.systemUTC())
                            .judge(unsent, DeliveryContext.of(exchange)));
            assertEquals(3 << 20, others.bytes());
        }
        assertEquals(0, acme.reserved());
    }

    /** Semantics 5: slow receivers never slow ingest. */
    @Test
    void bodies_in_flight_have_a_separate_budget() throws Exception {
        try (Reservation slow = acme.reserveInFlight(12 << 20)) {
            assertThrows(NothingSentException.class, () -> step(building).process(exchange("[1]")));

            acme.reserve(3 << 20).close();
            assertEquals(12 << 20, slow.bytes());
        }
        step(building).process(exchange("[1]"));
    }

    @Test
    void intermediate_values_reserve_memory_of_their_account() throws Exception {
        step(made -> {
                    Evaluation.use(1 << 20);
                    assertTrue(acme.reserved() >= 1 << 20);
                })
                .process(exchange("{}"));

        assertEquals(0, acme.reserved());
    }
}
