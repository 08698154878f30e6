package io.engagementwebhooks.api.delivery;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.webhook.WebhookFinder;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DeliverySearchTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final PayloadMatch SEVEN = new PayloadMatch("data.order", "7");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:31:07Z"));
    private final ConcurrencyLimit limit = new ConcurrencyLimit(2, "too-many", "others search");
    private final AtomicLong nanos = new AtomicLong();

    /** Payloads of each read. */
    private final List<Integer> reads = new ArrayList<>();

    private long readMs = 1;

    @AutoClose
    private Store store;

    private DeliverySearch search;

    @BeforeEach
    void open(@TempDir Path folder) {
        store = MigratedSqlite.open(folder.resolve("store.db"), clock);
        search = new DeliverySearch(
                InterceptedStore.of(store)
                        .on("searchPayloads", (arguments, real) -> {
                            reads.add((Integer) arguments[2]);
                            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(readMs));
                            return real.proceed();
                        })
                        .build(),
                limit,
                limit,
                nanos::get);
    }

    private void accept(int from, int to) {
        for (int i = from; i <= to; i++) {
            store.events()
                    .accept(List.of(SampleIntake.event("e" + i)
                            .with("{\"order\":" + i + "}")
                            .to("crm", clock)
                            .intake()))
                    .toCompletableFuture()
                    .join();
            clock.pass(Duration.ofMillis(5));
        }
    }

    private static DeliveryQuery all(int limit) {
        return DeliveryQuery.ofText("acme", null, limit);
    }

    @Test
    void payloads_are_read_in_short_steps_for_a_limited_time_and_the_search_goes_on_from_there() {
        accept(1, 200);
        readMs = 20;
        DeliverySearch.Result first = search.find(all(50), SEVEN);
        assertEquals(List.of(16, 8), reads, "a read that took long is followed by a smaller one, until 40 ms are over");
        assertEquals(List.of(), first.deliveries());
        assertEquals(177, order(first.goOnBefore()));
        readMs = 1;
        reads.clear();
        DeliverySearch.Result rest = search.find(all(50).before(first.goOnBefore(), 50), SEVEN);
        assertEquals(List.of(16, 32, 64, 128), reads, "short reads grow");
        assertEquals(List.of("e7"), events(rest));
        assertNull(rest.goOnBefore());
        assertNull(rest.searchedBackTo());
    }

    private int order(String id) {
        return Integer.parseInt(
                store.deliveries().delivery("acme", id).orElseThrow().eventId().substring(1));
    }

    private static List<String> events(DeliverySearch.Result found) {
        return found.deliveries().stream().map(DeliveryRow::eventId).toList();
    }

    @Test
    @SuppressWarnings("try")
    void an_account_searches_payloads_once_at_a_time() {
        try (ConcurrencyLimit.Slot taken = limit.acquire("acme")) {
            assertThrows(ProblemException.class, () -> search.find(all(50), SEVEN));
            search.find(all(50), null);
        }
        search.find(all(50), SEVEN);
    }

    @Test
    void failing_deliveries_are_the_failed_and_the_retrying_ones_newest_first() {
        accept(1, 9);
        List<String> ids = search.find(all(20), null).deliveries().stream()
                .map(DeliveryRow::id)
                .toList();
        ended(ids.get(0), DeliveryState.DELIVERED);
        List.of(1, 3, 5).forEach(i -> ended(ids.get(i), DeliveryState.GAVE_UP));
        List.of(2, 4, 8).forEach(i -> ended(ids.get(i), DeliveryState.WAITING));
        DeliveryQuery failing = all(4).ofStatus(DeliveryQuery.Standing.FAILING, null);
        DeliverySearch.Result first = search.find(failing, null);
        assertEquals(List.of("e8", "e7", "e6", "e5"), events(first));
        assertNull(first.searchedBackTo());
        DeliverySearch.Result second = search.find(failing.before(first.goOnBefore(), 4), null);
        assertEquals(List.of("e4", "e1"), events(second));
        assertNull(second.goOnBefore());
        assertEquals(
                List.of("e8", "e7", "e6", "e5", "e4", "e1"),
                store.deliveries().search(failing.before(null, 10), 100).deliveries().stream()
                        .map(DeliveryRow::eventId)
                        .toList());

        var counts = search.counts(all(1));
        assertEquals(new DeliveryList.Count(9, false), counts.get("all"));
        assertEquals(new DeliveryList.Count(6, false), counts.get("failing"));
        assertEquals(new DeliveryList.Count(3, false), counts.get("retrying"));
        assertEquals(new DeliveryList.Count(2, false), counts.get("queued"));
        assertEquals(new DeliveryList.Count(0, false), counts.get("paused"));
        assertEquals(new DeliveryList.Count(3, false), search.retrying("acme"));
    }

    private void ended(String id, DeliveryState state) {
        String outcome = state == DeliveryState.WAITING ? "try-later" : state.text();
        AttemptRow attempt =
                new AttemptRow(1, clock.instant(), 5, outcome, "answered", null, 200, null, null, null, null, null);
        Instant due = state == DeliveryState.WAITING ? clock.instant().plusSeconds(60) : null;
        store.outcomes()
                .record(new AttemptResult(id, CRM, state, "answered", due, attempt, null, null))
                .toCompletableFuture()
                .join();
    }

    @Test
    void the_same_count_runs_once_at_a_time() throws Exception {
        accept(1, 3);
        AtomicInteger counts = new AtomicInteger();
        CompletableFuture<Object> second = new CompletableFuture<>();
        AtomicReference<DeliverySearch> counting = new AtomicReference<>();
        Store counted = InterceptedStore.of(store)
                .on("statusCounts", (arguments, real) -> {
                    if (counts.incrementAndGet() == 1) {
                        Thread other =
                                new Thread(() -> second.complete(counting.get().counts(all(9))));
                        other.start();
                        await().until(() -> other.getState() == Thread.State.WAITING);
                    }
                    return real.proceed();
                })
                .build();
        counting.set(new DeliverySearch(counted, limit, limit, nanos::get));
        assertEquals(counting.get().counts(all(1)), second.get());
        assertEquals(1, counts.get());
        counting.get().counts(all(1));
        assertEquals(2, counts.get(), "a finished count is not kept");
    }

    @Test
    @SuppressWarnings("try")
    void counts_are_left_out_while_others_of_the_account_run() {
        try (ConcurrencyLimit.Slot taken = limit.acquire("acme")) {
            assertNull(search.counts(all(1)));
        }
        assertEquals(new DeliveryList.Count(0, false), search.counts(all(1)).get("all"));
    }

    @Test
    void an_export_of_payloads_goes_on_after_the_first_step_of_the_search() throws Exception {
        accept(1, 200);
        readMs = 40;
        Outbox outbox = new Outbox(
                store,
                clock,
                new Outbox.Limits(10_000, 16),
                () -> -1,
                (account, rest) -> rest.run(),
                (account, task) -> task.run());
        Deliveries deliveries = new Deliveries(
                store,
                outbox,
                Config::empty,
                new WebhookFinder(Config::empty, store.identities()),
                new DeliveryViewer(outbox, Config::empty),
                search,
                null,
                null,
                clock);
        ApiKey key = ApiKey.of("reader", ApiKey.Role.READ, Secret.of("a-key-of-the-export"));
        Map<String, List<String>> query = Map.of("payload", List.of("data.order=7"));
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(
                CallerAuthentication.CALLER, new Caller(new Account("acme", List.of(key), List.of()), key));
        exchange.setProperty(
                CallerAuthentication.CALL, new HttpCall("GET", "/v1/deliveries.csv", Map.of(), query, new byte[0]));
        deliveries.export().process(exchange);
        assertTrue(exchange.getMessage().getBody(String.class).contains(",e7,"));
        assertNull(exchange.getMessage().getHeader(Deliveries.NEXT_CURSOR));
        assertTrue(reads.size() > 1, "one read a step");
    }

    @Test
    void above_ten_thousand_a_count_is_a_minimum_and_failing_ones_of_any_age_are_counted() {
        accept(1, 2);
        String failed = search.find(all(2), null).deliveries().get(1).id();
        ended(failed, DeliveryState.GAVE_UP);
        List<String> webhooks = IntStream.range(0, 500).mapToObj(i -> "w" + i).toList();
        for (int i = 0; i < 20; i++) {
            store.events()
                    .accept(List.of(SampleIntake.event("many" + i)
                            .toEach(webhooks, clock)
                            .intake()))
                    .toCompletableFuture()
                    .join();
        }
        var counts = search.counts(all(1));
        assertEquals(new DeliveryList.Count(10_000, true), counts.get("all"));
        assertEquals(new DeliveryList.Count(10_000, true), counts.get("queued"));
        assertEquals(new DeliveryList.Count(1, false), counts.get("failing"));
        assertEquals(new DeliveryList.Count(0, true), counts.get("delivered"));
    }
}
