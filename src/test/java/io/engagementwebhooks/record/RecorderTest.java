package io.engagementwebhooks.record;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.DueDeliveryLoader;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.deliver.step.SampleTurn;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.OutboxFixture;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.FencedException;
import io.engagementwebhooks.store.outcome.WebhookState.State;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From loading a due delivery to its record, over a real store (semantics 12 to 14 and 17). */
@Timeout(300)
class RecorderTest {

    private static final WebhookId CALLS = Ids.webhook("acme", "calls");
    private static final Webhook WEBHOOK =
            new SampleDelivery(URI.create("https://crm.example.com")).delivery().webhook();

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final CamelContext camel = new DefaultCamelContext();
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;
    private Recorder recorder;
    private DueDeliveryLoader taking;
    private String id;

    @BeforeEach
    void acceptOne() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        due = new OutboxFixture(store, clock, 10_000, 256);
        outbox = due.outbox();
        due.define(Set.of(CALLS));
        due.open();
        recorder = recorder(store);
        taking = taking(webhook -> Optional.of(WEBHOOK));
        SampleIntake intake = SampleIntake.event("e1").to("calls", clock);
        get(outbox.acceptance().accept(List.of(intake.intake())));
        id = intake.deliveryId();
    }

    @AfterEach
    void close() {
        due.close();
        recorder.close();
        store.close();
    }

    private Recorder recorder(Store into) {
        return recorder(into, AttemptTracing.PROPAGATE_ONLY);
    }

    private Recorder recorder(Store into, AttemptTracing tracing) {
        return new Recorder(
                into,
                clock,
                () -> 0,
                Breaker.after(Duration.ofDays(5)),
                new AttemptLog(new SimpleMeterRegistry(), 0),
                tracing,
                new FailureJudging(List.of(), webhook -> false, clock));
    }

    /** Records the stored attempt at the time of the report, and fails. */
    private final class ReportedTo implements AttemptTracing {

        private final List<String> stored = new ArrayList<>();

        @Override
        public Optional<TraceParent> begin(Exchange exchange) {
            return Optional.empty();
        }

        @Override
        public Ending ending(Exchange exchange) {
            return (attempt, end) -> {
                elsewhere(() -> store.deliveries().attempts("acme", id)).forEach(row -> stored.add(row.outcome()));
                throw new IllegalStateException("as a collector's client may");
            };
        }
    }

    /** Reads the store for the writer's thread, which must not. */
    private static <T> T elsewhere(Supplier<T> read) {
        return CompletableFuture.supplyAsync(read).join();
    }

    private DueDeliveryLoader taking(Function<WebhookId, Optional<Webhook>> webhooks) {
        OwnDestinations destinations = new OwnDestinations(null, Config::empty, kamelet -> Optional.empty());
        return new DueDeliveryLoader(webhooks, destinations, outbox, clock);
    }

    private DeliveryRow row() {
        return store.deliveries().delivery("acme", id).orElseThrow();
    }

    /** Lets time pass and wakes the queue, which reads the clock once a second. */
    private void pass(Duration time) {
        clock.pass(time);
        due.due(CALLS, Instant.EPOCH);
    }

    /** Takes the delivery and ends its attempt. */
    private AttemptResult tryOnce(Outcome outcome) throws InterruptedException {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        assertTrue(taking.load(exchange, next));
        if (outcome != null) {
            DeliveryContext.end(exchange, outcome);
        }
        AttemptResult ended = get(recorder.ended(exchange, next));
        return ended;
    }

    @Test
    void a_taken_delivery_has_the_current_webhook_its_event_and_attempt() throws Exception {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        assertTrue(taking.load(exchange, next));
        assertEquals(id, DeliveryContext.delivery(exchange).id());
        assertEquals(WEBHOOK, DeliveryContext.delivery(exchange).webhook());
        assertEquals(1, DeliveryContext.delivery(exchange).attempt());
        assertEquals(
                clock.instant().plus(Duration.ofDays(7)),
                DeliveryContext.delivery(exchange).expiresAt());
        assertEquals("none", exchange.getProperty(DeliveryContext.AUTHENTICATION));
    }

    @Test
    void a_delivery_that_is_taken_while_its_webhook_is_renamed_waits_for_a_second_only() throws Exception {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        assertFalse(taking(webhook -> Optional.empty()).load(exchange, next));
        AttemptResult ended = get(recorder.ended(exchange, next));
        assertEquals(clock.instant().plusSeconds(1), ended.dueAt());
        assertEquals("the webhook is not defined at the moment", row().reason());
        assertEquals(0, row().attempts());
    }

    @Test
    void a_delivery_that_cannot_be_loaded_stays_pending_without_an_attempt() throws Exception {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        DueDeliveryLoader faulty = taking(webhook -> {
            throw new IllegalStateException("a fault of ours");
        });
        assertThrows(IllegalStateException.class, () -> faulty.load(exchange, next));
        get(recorder.ended(exchange, next));
        assertEquals(DeliveryState.WAITING, row().state());
        assertEquals(clock.instant().plusSeconds(60), row().dueAt());
        assertEquals(0, row().attempts());
    }

    @Test
    void each_failed_attempt_is_recorded_and_the_schedule_continues() throws Exception {
        for (int attempt = 1; attempt <= 3; attempt++) {
            Instant end = clock.instant();
            tryOnce(Outcome.TryLater.bySchedule("answered 500"));
            assertEquals(attempt, row().attempts());
            assertEquals(end.plus(WEBHOOK.retry().gaps().get(attempt - 1)), row().dueAt());
            pass(WEBHOOK.retry().gaps().get(attempt - 1));
        }
        assertEquals(
                List.of(1, 2, 3),
                store.deliveries().attempts("acme", id).stream()
                        .map(a -> a.number())
                        .toList());
    }

    @Test
    void a_replayed_delivery_goes_through_its_schedule_again() throws Exception {
        tryOnce(Outcome.TryLater.bySchedule("answered 500"));
        pass(Duration.ofSeconds(5));
        tryOnce(Outcome.TryLater.bySchedule("answered 500"));
        get(outbox.manual().replay(CALLS, id, null));
        tryOnce(Outcome.TryLater.bySchedule("answered 500"));
        assertEquals(clock.instant().plusSeconds(5), row().dueAt());
        assertEquals(3, row().attempts());
    }

    @Test
    void an_unsendable_delivery_uses_no_attempt_and_expires() throws Exception {
        for (int attempts = 0; attempts < 3; attempts++) {
            tryOnce(new Outcome.NotSent(
                    "token endpoint unavailable", clock.instant().plus(Duration.ofDays(2))));
            assertEquals(DeliveryState.WAITING, row().state());
            assertEquals(0, row().attempts());
            pass(Duration.ofDays(2));
        }
        tryOnce(new Outcome.NotSent(
                "token endpoint unavailable", clock.instant().plus(Duration.ofDays(2))));
        assertEquals(DeliveryState.GAVE_UP, row().state());
        assertEquals(
                "token endpoint unavailable; nothing could be sent since 2026-11-24T12:00:00Z, and the age limit is 7d",
                row().reason());
        assertEquals(List.of(), store.deliveries().attempts("acme", id));
    }

    @Test
    void time_in_pause_does_not_age_a_delivery() throws Exception {
        get(outbox.setState(CALLS, State.PAUSED, "holiday"));
        pass(Duration.ofDays(30));
        get(outbox.setState(CALLS, State.ACTIVE, null));
        pass(Duration.ofDays(1));
        tryOnce(Outcome.TryLater.bySchedule("answered 500"));
        assertEquals(DeliveryState.WAITING, row().state());
        pass(Duration.ofDays(6));
        tryOnce(Outcome.TryLater.bySchedule("answered 500"));
        assertEquals(DeliveryState.GAVE_UP, row().state());
        assertTrue(row().reason().contains("age limit of 7d"), row().reason());
    }

    @Test
    void a_pause_before_a_delivery_was_accepted_does_not_make_it_younger() throws Exception {
        tryOnce(new Outcome.Delivered(""));
        get(outbox.setState(CALLS, State.PAUSED, "holiday"));
        pass(Duration.ofDays(30));
        get(outbox.setState(CALLS, State.ACTIVE, null));
        SampleIntake later = SampleIntake.event("e2").to("calls", clock);
        get(outbox.acceptance().accept(List.of(later.intake())));
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        taking.load(exchange, next);
        assertEquals(
                clock.instant().plus(Duration.ofDays(7)),
                DeliveryContext.delivery(exchange).expiresAt());
    }

    @Test
    void a_route_that_ends_without_an_outcome_counts_as_a_failed_attempt() throws Exception {
        tryOnce(null);
        assertEquals(1, row().attempts());
        assertEquals("try-later", row().outcome());
        assertTrue(row().reason().contains("internal fault"), row().reason());
    }

    @Test
    void a_route_that_recorded_is_not_recorded_again() throws Exception {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        taking.load(exchange, next);
        DeliveryContext.of(exchange).answered(new Answer(200, Map.of(), new byte[0], ""));
        DeliveryContext.end(exchange, new Outcome.Delivered(""));
        AttemptResult first = get(recorder.record(exchange));
        AttemptResult second = get(recorder.ended(exchange, next));
        assertEquals(first, second);
        assertEquals(1, store.deliveries().attempts("acme", id).size());
        assertEquals(DeliveryState.DELIVERED, row().state());
    }

    @Test
    void an_attempt_is_reported_after_it_is_stored_and_a_report_that_fails_changes_nothing() throws Exception {
        ReportedTo traces = new ReportedTo();
        try (Recorder reporting = recorder(failing(new AtomicInteger(), 1), traces)) {
            DueDelivery next = due.take();
            Exchange exchange = new DefaultExchange(camel);
            taking.load(exchange, next);
            DeliveryContext.of(exchange).answered(new Answer(200, Map.of(), new byte[0], ""));
            DeliveryContext.end(exchange, new Outcome.Delivered(""));

            AttemptResult ended = get(reporting.ended(exchange, next));

            assertEquals(List.of("delivered"), traces.stored);
            assertEquals(ended, get(DeliveryContext.of(exchange).recorded()));
        }
    }

    @Test
    void a_branch_that_ends_without_an_outcome_is_a_failed_attempt_for_the_step_that_records_too() throws Exception {
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        taking.load(exchange, next);

        recorder.record(exchange);
        get(recorder.ended(exchange, next));

        assertEquals(1, row().attempts());
        assertTrue(row().reason().contains("internal fault"), row().reason());
        assertFalse(outbox.isInFlight(CALLS, id));
    }

    @Test
    void an_outcome_that_the_record_step_failed_to_record_is_recorded_at_the_end_of_the_exchange() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Set<DeliveryState> turnsEnded = ConcurrentHashMap.newKeySet();
        Store throwing = InterceptedStore.of(store)
                .on("record", (arguments, real) -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new IllegalStateException("a fault of ours");
                    }
                    return real.proceed();
                })
                .build();
        try (Recorder again = recorder(throwing)) {
            DueDelivery next = due.take();
            Exchange exchange = new DefaultExchange(camel);
            taking.load(exchange, next);
            SampleTurn.take(exchange, () -> turnsEnded.add(elsewhere(this::row).state()));
            DeliveryContext.end(exchange, new Outcome.Delivered(""));

            again.record(exchange);
            get(again.ended(exchange, next));
        }

        assertEquals(2, asked.get());
        assertEquals(Set.of(DeliveryState.DELIVERED), turnsEnded, "the turn ends after the commit");
        assertEquals(DeliveryState.DELIVERED, row().state());
    }

    @Test
    void the_report_after_the_commit_does_not_use_the_exchange() throws Exception {
        CompletableFuture<Void> commit = new CompletableFuture<>();
        Store slow = InterceptedStore.of(store)
                .on("record", (arguments, real) -> {
                    CompletionStage<?> recorded = (CompletionStage<?>) real.proceed();
                    return commit.thenCompose(go -> recorded);
                })
                .build();
        ReportedTo traces = new ReportedTo();
        try (Recorder reporting = recorder(slow, traces)) {
            DueDelivery next = due.take();
            Exchange exchange = new DefaultExchange(camel);
            taking.load(exchange, next);
            DeliveryContext.end(exchange, new Outcome.Delivered(""));
            CompletionStage<AttemptResult> ending = reporting.ended(exchange, next);

            exchange.removeProperties("*");
            exchange.getExchangeExtension().setSafeCopyProperty("webhookDelivery", null);
            exchange.getMessage().setBody(null);
            commit.complete(null);
            get(ending);
        }

        assertEquals(List.of("delivered"), traces.stored);
    }

    @Test
    void an_overloaded_receiver_slows_its_webhook_down() throws Exception {
        assertTrue(
                tryOnce(new Outcome.TryLater("answered 503", null, false, true)).slowDown());
    }

    @Test
    void while_the_store_is_down_a_delivery_stays_in_flight_and_is_recorded_later() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        try (Recorder patient = recorder(failing(failures, 1))) {
            DueDelivery next = due.take();
            Exchange exchange = new DefaultExchange(camel);
            taking.load(exchange, next);
            DeliveryContext.end(exchange, new Outcome.Delivered(""));
            CompletionStage<AttemptResult> ending = patient.ended(exchange, next);
            assertTrue(outbox.isInFlight(CALLS, id));
            due.due(CALLS, clock.instant());
            get(ending);
            assertEquals(1, failures.get());
        }
        assertEquals(DeliveryState.DELIVERED, row().state());
        assertEquals(1, store.deliveries().attempts("acme", id).size());
        assertFalse(outbox.isInFlight(CALLS, id));
    }

    @Test
    void a_closed_recorder_fails_the_stage() throws Exception {
        Recorder closed = recorder(failing(new AtomicInteger(), Integer.MAX_VALUE));
        closed.close();
        DueDelivery next = due.take();
        Exchange exchange = new DefaultExchange(camel);
        taking.load(exchange, next);
        DeliveryContext.end(exchange, new Outcome.Delivered(""));
        assertThrows(CompletionException.class, () -> get(closed.ended(exchange, next)));
    }

    private AttemptResult failAfter(Duration time) throws InterruptedException {
        pass(time);
        return tryOnce(Outcome.TryLater.bySchedule("answered 500"));
    }

    @Test
    void a_failing_webhook_is_disabled_by_its_own_policy_or_the_default() throws Exception {
        taking = taking(webhook -> Optional.of(breakingBy(Breaker.after(Duration.ofDays(2)))));
        assertNull(failAfter(Duration.ZERO).disableReason());
        String own = failAfter(Duration.ofDays(2)).disableReason();
        assertTrue(own.contains("no delivery has arrived for 2d"), own);

        get(outbox.setState(CALLS, State.ACTIVE, null));
        taking = taking(webhook -> Optional.of(breakingBy(Breaker.NEVER)));
        assertNull(failAfter(Duration.ofHours(1)).disableReason());
        assertNull(failAfter(Duration.ofDays(6)).disableReason());
        taking = taking(webhook -> Optional.of(WEBHOOK));
        String usual = failAfter(Duration.ofHours(6)).disableReason();
        assertTrue(usual.contains("no delivery has arrived for 5d"), usual);
    }

    private static Webhook breakingBy(Breaker breaker) {
        return new Webhook(
                WEBHOOK.id(),
                WEBHOOK.events(),
                WEBHOOK.condition(),
                WEBHOOK.delivery(),
                WEBHOOK.retry(),
                Duration.ofDays(30),
                WEBHOOK.giveUpOn(),
                Optional.of(breaker));
    }

    /** A store with a dependent stage wraps its failure. */
    @Test
    void a_fenced_outcome_is_not_retried() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Store others = InterceptedStore.of(null)
                .on("record", (arguments, real) -> {
                    asked.incrementAndGet();
                    return CompletableFuture.failedFuture(new FencedException(id))
                            .thenRun(() -> {});
                })
                .build();
        try (Recorder refused = recorder(others)) {
            DueDelivery next = due.take();
            Exchange exchange = new DefaultExchange(camel);
            taking.load(exchange, next);
            DeliveryContext.end(exchange, new Outcome.Delivered(""));
            CompletionException failure =
                    assertThrows(CompletionException.class, () -> get(refused.ended(exchange, next)));
            assertEquals(FencedException.class, failure.getCause().getClass());
        }
        assertEquals(1, asked.get());
    }

    @Test
    void outcomes_that_cannot_be_stored_are_logged_once_a_minute() throws Exception {
        get(outbox.acceptance()
                .accept(List.of(SampleIntake.event("e2").to("calls", clock).intake())));
        AtomicInteger failures = new AtomicInteger();
        try (LogLines lines = new LogLines(Recorder.class);
                Recorder recording = recorder(failing(failures, 2))) {
            for (int i = 0; i < 2; i++) {
                DueDelivery next = due.take();
                Exchange exchange = new DefaultExchange(camel);
                taking.load(exchange, next);
                DeliveryContext.end(exchange, new Outcome.Delivered(""));
                recording.ended(exchange, next);
            }
            assertEquals(2, failures.get());
            assertEquals(1, lines.texts().size(), lines.texts()::toString);
        }
    }

    /** A store that fails a number of writes. */
    private Store failing(AtomicInteger failures, int times) {
        return InterceptedStore.of(store)
                .on("record", (arguments, real) -> {
                    if (failures.get() < times) {
                        failures.incrementAndGet();
                        return CompletableFuture.failedFuture(new StoreException("disk full", null));
                    }
                    return real.proceed();
                })
                .build();
    }
}
