package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are refused before the store is too full (semantics 5), over a real store. */
class AdmissionTest {

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Exchange exchange = exchange("acme");
    private final AtomicBoolean backedUp = new AtomicBoolean();

    @AutoClose
    private SqliteStore store;

    private static Exchange exchange(String account) {
        ApiKey key = new ApiKey("k", ApiKey.Role.INGEST, ApiKey.hash("secret"), null);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(
                CallerAuthentication.CALLER, new Caller(new Account(account, List.of(key), List.of()), key));
        return exchange;
    }

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
    }

    private Admission admission(long maxWaiting, long maxSize) {
        Admission admission =
                new Admission(store, account -> account.equals("acme") && backedUp.get(), maxWaiting, maxSize);
        admission.refresh();
        return admission;
    }

    private String waits(String id) {
        SampleIntake intake = SampleIntake.event(id).to("crm", clock);
        store.events().accept(List.of(intake.intake())).toCompletableFuture().join();
        return intake.deliveryId();
    }

    private void delivered(String id) {
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
        store.outcomes()
                .record(new AttemptResult(
                        id, Ids.webhook("acme", "crm"), DeliveryState.DELIVERED, "", null, attempt, null, null))
                .toCompletableFuture()
                .join();
    }

    private Problem refusal(Admission admission) {
        return assertThrows(ProblemException.class, () -> admission.accept(exchange))
                .problem();
    }

    @Test
    void events_are_admitted_up_to_the_pending_limit_and_again_below_it() {
        Admission admission = admission(2, 0);
        assertDoesNotThrow(() -> admission.accept(exchange));
        String first = waits("e1");
        assertDoesNotThrow(() -> admission.accept(exchange));
        waits("e2");
        Problem problem = refusal(admission);
        assertEquals(503, problem.status());
        assertEquals("store-full", problem.code());
        assertEquals(Duration.ofSeconds(30), problem.retryAfter());
        assertTrue(problem.detail().contains("2 deliveries wait, and 2 may (webhooks.store.max-waiting)"));
        delivered(first);
        assertDoesNotThrow(() -> admission.accept(exchange));
    }

    @Test
    void above_half_of_the_limit_an_account_has_its_share_and_others_have_room() {
        Admission admission = admission(4, 0);
        waits("e1");
        waits("e2");
        String third = waits("e3");
        admission.refresh();
        Problem problem = refusal(admission);
        assertEquals("store-full", problem.code());
        assertTrue(problem.detail().contains("this account"), problem.detail());
        assertDoesNotThrow(() -> admission.accept(exchange("globex")));
        delivered(third);
        admission.refresh();
        assertDoesNotThrow(() -> admission.accept(exchange));
    }

    @Test
    void deliveries_of_an_event_for_many_webhooks_count() {
        List<String> many = IntStream.range(0, 600).mapToObj(i -> "w" + i).toList();
        Admission admission = admission(1_000, 0);
        SampleIntake event = SampleIntake.event("e1").toEach(many, clock);
        store.events().accept(List.of(event.intake())).toCompletableFuture().join();
        admission.refresh();
        assertTrue(refusal(admission).detail().contains("this account"));
        assertDoesNotThrow(() -> admission.accept(exchange("globex")));
    }

    @Test
    void a_store_at_its_maximum_size_admits_nothing() {
        Admission admission = admission(1_000, 1);
        Problem problem = refusal(admission);
        assertEquals(503, problem.status());
        assertEquals("store-full", problem.code());
        assertTrue(problem.detail().contains("webhooks.store.max-size"), problem.detail());
        Admission larger = admission(1_000, store.size() + 1_000_000);
        assertDoesNotThrow(() -> larger.accept(exchange));
        Admission unlimited = admission(1_000, 0);
        assertDoesNotThrow(() -> unlimited.accept(exchange), "0 is no limit");
    }

    @Test
    void while_too_many_events_wait_for_back_pressure_no_more_are_admitted() {
        Admission admission = admission(1_000, 0);
        backedUp.set(true);
        Problem problem = refusal(admission);
        assertEquals(503, problem.status());
        assertEquals("busy", problem.code());
        assertEquals(Duration.ofSeconds(5), problem.retryAfter());
        backedUp.set(false);
        assertDoesNotThrow(() -> admission.accept(exchange));
    }
}
