package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.erase.Erasure;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.store.outcome.FencedException;
import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.store.outcome.TestedDelivery;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.DeliveryQueries.BacklogPosition;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryQuery.Standing;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.store.query.WebhookActivity;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract of every store. */
abstract class StoreContract extends StoreFixture {

    private static final Actor STAFF = new Actor("api-key", "key_1", "staff");

    protected static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final Duration DAY = Duration.ofDays(1);

    /** Blocks writes of events and deliveries until closed. */
    protected abstract AutoCloseable holdWrites() throws Exception;

    protected static <T extends Throwable> T failure(Class<T> type, CompletionStage<?> stage) {
        return assertInstanceOf(
                type, assertThrows(CompletionException.class, () -> get(stage)).getCause());
    }

    protected Accepted accept(SampleIntake intake) {
        return get(store.events().accept(List.of(intake.intake()))).get(0);
    }

    protected SampleIntake accepted(String id) {
        SampleIntake intake = SampleIntake.event(id).to("crm", clock);
        accept(intake);
        return intake;
    }

    private List<DueDelivery> due() {
        return Due.of(store.due(), CRM, clock.instant(), 100, Set.of());
    }

    private DeliveryRow row(String id) {
        return store.deliveries().delivery("acme", id).orElseThrow();
    }

    private AttemptRow attempt(int number, String outcome, String reason) {
        byte[] body = "sorry".getBytes(StandardCharsets.UTF_8);
        return SampleAttempt.of(number, clock.instant(), 412, outcome, reason, "cut", 500, "{\"a\":\"b\"}", body);
    }

    protected AttemptResult delivered(String id) {
        return new AttemptResult(id, CRM, DeliveryState.DELIVERED, "", null, attempt(1, "delivered", ""), null, null);
    }

    protected AttemptResult tryLater(String id, int number, Duration in) {
        Instant dueAt = clock.instant().plus(in);
        AttemptRow attempt = attempt(number, "try-later", "answered 500");
        return new AttemptResult(id, CRM, DeliveryState.WAITING, "answered 500", dueAt, attempt, null, null);
    }

    private void end(SampleIntake intake) {
        get(store.outcomes().record(delivered(intake.deliveryId())));
    }

    // --- acceptance (semantics 1 to 3)

    @Test
    void an_accepted_event_is_due_unchanged() {
        SampleIntake intake = SampleIntake.event("e1").about("call/7").to("crm", clock);
        Accepted answer = accept(intake);
        assertEquals(new Accepted("e1", 1, false, Set.of()), answer);
        DueDelivery due = due().get(0);
        assertEquals(intake.deliveryId(), due.id());
        assertEquals(CRM, due.webhook());
        assertArrayEquals(intake.intake().event().document(), due.event().document());
        assertArrayEquals(intake.intake().event().dataSha256(), due.event().dataSha256());
        assertEquals("call/7", due.event().subject());
        assertNull(due.laterEvent());
        assertEquals(0, due.attempts());
        assertEquals(START, due.startedAt());
        assertEquals(START, due.dueAt());
    }

    @Test
    void an_event_keeps_its_place_in_a_trace_for_its_retries() {
        TraceParent trace = TraceParent.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .orElseThrow();
        Intake traced = SampleIntake.event("traced").to("crm", clock).intake();
        get(store.events().accept(List.of(new Intake(traced.event().withTrace(trace), traced.deliveries(), Set.of()))));
        accepted("other");

        Map<String, Optional<TraceParent>> traces = due().stream()
                .collect(Collectors.toMap(
                        due -> due.event().id(), due -> due.event().trace()));
        assertEquals(Map.of("traced", Optional.of(trace), "other", Optional.empty()), traces);
    }

    @Test
    void accepted_events_survive_a_restart() {
        SampleIntake intake = accepted("e1");
        store.close();
        store = open(clock);
        assertEquals(
                List.of(intake.deliveryId()),
                due().stream().map(DueDelivery::id).toList());
    }

    @Test
    void the_same_event_again_is_a_duplicate_and_makes_no_second_delivery() {
        accept(SampleIntake.event("e1").to("crm", clock).to("erp", clock));
        Accepted again = accept(SampleIntake.event("e1").to("crm", clock));
        assertEquals(new Accepted("e1", 2, true, Set.of()), again);
        assertEquals(1, due().size());
        assertEquals(2, store.waitingCount());
    }

    @Test
    void of_concurrent_duplicates_one_is_stored() throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(16);
        try {
            List<Future<Accepted>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String id = "e" + i % 5;
                answers.add(senders.submit(() -> accept(SampleIntake.event(id).to("crm", clock))));
            }
            int stored = 0;
            for (Future<Accepted> answer : answers) {
                stored += answer.get(60, TimeUnit.SECONDS).duplicate() ? 0 : 1;
            }
            assertEquals(5, stored);
            assertEquals(5, due().size());
        } finally {
            senders.shutdownNow();
        }
    }

    @Test
    void an_identity_with_other_data_is_refused_and_stores_nothing() {
        accepted("e1");
        SampleIntake other = SampleIntake.event("e1").with("{\"cdr_id\":8}").to("erp", clock);
        IdentityReusedException refused =
                failure(IdentityReusedException.class, store.events().accept(List.of(other.intake())));
        assertEquals(0, refused.index());
        assertEquals(1, store.waitingCount());
    }

    @Test
    void a_batch_with_one_reused_identity_stores_none_and_names_its_place() {
        accepted("e1");
        List<Intake> batch = List.of(
                SampleIntake.event("e2").to("crm", clock).intake(),
                SampleIntake.event("e3").to("new", clock).intake(),
                SampleIntake.event("e1").with("8").to("crm", clock).intake());
        assertEquals(
                2,
                failure(IdentityReusedException.class, store.events().accept(batch))
                        .index());
        assertEquals(1, store.waitingCount());
        assertEquals(
                2,
                get(store.events().accept(batch.subList(0, 2))).stream()
                        .filter(a -> !a.duplicate())
                        .count());
        assertEquals(
                1,
                Due.of(store.due(), Ids.webhook("acme", "new"), START, 9, Set.of())
                        .size());
    }

    @Test
    void the_same_event_twice_in_a_batch_is_stored_once_and_with_other_data_not_at_all() {
        Intake first = SampleIntake.event("e1").to("crm", clock).intake();
        Intake same = SampleIntake.event("e1").to("crm", clock).intake();
        Intake other = SampleIntake.event("e1").with("8").to("crm", clock).intake();
        assertEquals(
                1,
                failure(IdentityReusedException.class, store.events().accept(List.of(first, other)))
                        .index());
        assertEquals(0, store.waitingCount());
        List<Accepted> answers = get(store.events().accept(List.of(first, same)));
        assertEquals(
                List.of(false, true), answers.stream().map(Accepted::duplicate).toList());
        assertEquals(1, store.waitingCount());
    }

    @Test
    void a_batch_with_several_reused_identities_names_the_index_of_each() {
        accepted("e1");
        accepted("e2");
        SampleIntake free = SampleIntake.event("e3").to("crm", clock);
        SampleIntake waits = SampleIntake.event("e3").waitingFor("data.x", Duration.ofMinutes(1), "crm", clock);
        for (SampleIntake third : List.of(free, waits)) {
            List<Intake> batch = List.of(
                    SampleIntake.event("e1").with("8").to("crm", clock).intake(),
                    third.intake(),
                    SampleIntake.event("e2").with("9").to("crm", clock).intake(),
                    SampleIntake.event("e3").with("10").to("crm", clock).intake(),
                    SampleIntake.event("e4").to("new", clock).intake(),
                    SampleIntake.event("e2").to("crm", clock).intake());
            List<IdentityReusedException> reused = failure(
                            IdentityReusedException.class, store.events().accept(batch))
                    .all();
            assertEquals(
                    List.of(0, 2, 3),
                    reused.stream().map(IdentityReusedException::index).toList());
            assertEquals(
                    List.of(true, true, true),
                    IntStream.range(0, 3)
                            .mapToObj(i -> reused.get(i).getMessage().startsWith("event e" + (i + 1) + " "))
                            .toList());
            assertEquals(2, store.waitingCount(), "nothing of it is stored");
        }
    }

    @Test
    void a_refused_batch_does_not_affect_others_in_its_commit() {
        accepted("e1");
        List<CompletionStage<List<Accepted>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Intake fresh = SampleIntake.event("n" + i).to("w" + i, clock).intake();
            Intake reused = SampleIntake.event("e1").with("8").to("crm", clock).intake();
            answers.add(store.events().accept(List.of(fresh)));
            answers.add(store.events()
                    .accept(List.of(
                            SampleIntake.event("b" + i).to("b" + i, clock).intake(), reused)));
        }
        for (int i = 0; i < 50; i++) {
            assertFalse(get(answers.get(2 * i)).get(0).duplicate());
            failure(IdentityReusedException.class, answers.get(2 * i + 1));
        }
        assertEquals(51, store.waitingCount());
    }

    @Test
    void accounts_do_not_mix() {
        SampleIntake ours = accepted("e1");
        SampleIntake theirs = SampleIntake.event("e1").of("globex").with("8").to("crm", clock);
        assertFalse(accept(theirs).duplicate());
        assertEquals(
                List.of(ours.deliveryId()), due().stream().map(DueDelivery::id).toList());
        assertEquals(Optional.empty(), store.deliveries().delivery("acme", theirs.deliveryId()));
        assertEquals(List.of(), listed(SampleQuery.of("unknown", null, null, null, null, null, null, 10)));
        assertEquals(
                List.of(theirs.deliveryId()),
                listed(SampleQuery.of("globex", "crm", "e1", null, null, null, null, 10)));
        assertEquals(
                ReplayJobs.Replayed.NOT_FOUND, get(store.replays().replay("acme", theirs.deliveryId(), null, START)));
        get(store.outcomes().setState(CRM, WebhookState.State.PAUSED, "us", START));
        assertEquals(
                1,
                store.outcomes().webhookStates().stream()
                        .filter(s -> s.state() == WebhookState.State.PAUSED)
                        .count());
    }

    @Test
    void a_skipped_delivery_is_kept_and_not_due() {
        SampleIntake intake = SampleIntake.event("e1").skipped("condition failed", "crm", clock);
        assertEquals(1, accept(intake).deliveries());
        assertEquals(List.of(), due());
        DeliveryRow row = row(intake.deliveryId());
        assertEquals(DeliveryState.SKIPPED, row.state());
        assertEquals("skipped", row.outcome());
        assertEquals("condition failed", row.reason());
        assertEquals(START, row.endedAt());
    }

    // --- due

    @Test
    void due_deliveries_are_sorted_by_time_then_acceptance_without_excluded_ones() {
        List<String> ids = IntStream.range(0, 20)
                .mapToObj(i -> accepted("e" + i).deliveryId())
                .toList();
        get(store.outcomes().record(tryLater(ids.get(0), 1, Duration.ofSeconds(5))));
        clock.pass(Duration.ofSeconds(4));
        assertEquals(
                ids.subList(3, 8),
                Due.of(store.due(), CRM, clock.instant(), 5, Set.of(ids.get(1), ids.get(2))).stream()
                        .map(DueDelivery::id)
                        .toList());
        assertEquals(Optional.of(START.plusSeconds(5)), store.due().nextDue(CRM, AttemptKind.RETRIES, clock.instant()));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(ids.get(0), due().get(19).id());
        assertEquals(Optional.empty(), store.due().nextDue(CRM, AttemptKind.RETRIES, clock.instant()));
    }

    private List<DueDelivery> due(AttemptKind kind, Waiting after, int limit) {
        return store.due().due(new DueSearch(CRM, kind, after, clock.instant(), limit, Set.of()));
    }

    private static List<String> ids(List<DueDelivery> deliveries) {
        return deliveries.stream().map(DueDelivery::id).toList();
    }

    @Test
    void first_attempts_and_retries_are_read_separately_in_steps_without_a_gap() {
        List<String> retries = IntStream.range(0, 10)
                .mapToObj(i -> accepted("r" + i).deliveryId())
                .toList();
        retries.forEach(id -> get(store.outcomes().record(tryLater(id, 1, Duration.ofSeconds(5)))));
        clock.pass(Duration.ofSeconds(6));
        List<String> fresh = IntStream.range(0, 3)
                .mapToObj(i -> accepted("f" + i).deliveryId())
                .toList();
        List<DueDelivery> some = due(AttemptKind.RETRIES, Waiting.FIRST, 4);
        assertEquals(retries.subList(0, 4), ids(some));
        Waiting last = new Waiting(some.get(3).id(), some.get(3).dueAt());
        assertEquals(retries.subList(4, 10), ids(due(AttemptKind.RETRIES, last, 10)));
        assertEquals(List.of(), due(AttemptKind.RETRIES, Waiting.lastDueAt(clock.instant()), 10));
        assertEquals(fresh, ids(due(AttemptKind.FIRST_ATTEMPTS, Waiting.FIRST, 10)));
    }

    @Test
    void the_next_due_time_is_that_of_the_kind() {
        List<SampleIntake> many = IntStream.range(0, 600)
                .mapToObj(i -> SampleIntake.event("e" + i).to("crm", clock))
                .toList();
        get(store.events().accept(many.stream().map(SampleIntake::intake).toList()));
        List<CompletionStage<?>> recorded = new ArrayList<>();
        many.forEach(intake ->
                recorded.add(store.outcomes().record(tryLater(intake.deliveryId(), 1, Duration.ofSeconds(5)))));
        recorded.forEach(Patience::get);
        accept(SampleIntake.event("w").waitingFor("data.x", Duration.ofMinutes(1), "crm", clock));
        Instant now = clock.instant();
        assertEquals(Optional.of(START.plusSeconds(60)), store.due().nextDue(CRM, AttemptKind.FIRST_ATTEMPTS, now));
        assertEquals(Optional.of(START.plusSeconds(5)), store.due().nextDue(CRM, AttemptKind.RETRIES, now));
    }

    @Test
    void waiting_webhooks_are_reported_with_the_first_that_is_due() {
        SampleIntake first = accepted("e1");
        accept(SampleIntake.event("e2").waitingFor("data.x", Duration.ofMinutes(1), "erp", clock));
        get(store.outcomes().record(tryLater(first.deliveryId(), 1, Duration.ofSeconds(5))));
        assertEquals(
                Set.of(
                        new WaitingWebhook(CRM, START.plusSeconds(5)),
                        new WaitingWebhook(Ids.webhook("acme", "erp"), START.plusSeconds(60))),
                Set.copyOf(store.due().waitingWebhooks()));
        assertEquals(
                Map.of(Ids.webhook("acme", "erp"), 1L),
                store.backlogs().pendingCounts(List.of(Ids.webhook("acme", "erp"), Ids.webhook("acme", "none"))));
    }

    @Test
    void the_backlog_position_is_counted_up_to_a_limit() {
        String first = accepted("e1").deliveryId();
        String second = accepted("e2").deliveryId();
        clock.pass(Duration.ofSeconds(1));
        String third = accepted("e3").deliveryId();
        SampleIntake other = SampleIntake.event("e4").to("erp", clock);
        accept(other);
        get(store.outcomes().record(tryLater(first, 1, Duration.ofSeconds(5))));
        List<DeliveryRow> rows = List.of(row(first), row(second), row(third), row(other.deliveryId()));
        assertEquals(
                Map.of(
                        second,
                        new BacklogPosition(0, true),
                        third,
                        new BacklogPosition(1, true),
                        first,
                        new BacklogPosition(2, true),
                        other.deliveryId(),
                        new BacklogPosition(0, true)),
                store.deliveries().backlogPositions(rows, 10));
        assertEquals(
                Map.of(first, new BacklogPosition(1, false)),
                store.deliveries().backlogPositions(List.of(row(first)), 1));
    }

    @Test
    void the_first_due_delivery_of_each_webhook_is_reported_with_what_it_waits_for() {
        SampleIntake held = accepted("e1");
        accepted("e2");
        Instant until = START.plusSeconds(60);
        AttemptRow refused = attempt(1, "try-later", "429");
        get(store.outcomes()
                .record(new AttemptResult(
                        held.deliveryId(),
                        CRM,
                        DeliveryState.WAITING,
                        "",
                        START.plusSeconds(60),
                        refused,
                        until,
                        null)));
        SampleIntake waits = SampleIntake.event("e3").waitingFor("data.x", Duration.ofMinutes(1), "erp", clock);
        accept(waits);
        get(store.outcomes().setState(ERP, WebhookState.State.PAUSED, "by staff", clock.instant()));
        List<DeliveryRow> first =
                store.deliveries().firstDue(List.of(CRM, ERP, Ids.webhook("acme", "none")), List.of());
        assertEquals(2, first.size());
        Map<String, DeliveryRow> byEvent = first.stream().collect(Collectors.toMap(DeliveryRow::eventId, row -> row));
        DeliveryRow ofCrm = byEvent.get("e2");
        assertNull(ofCrm.waitField());
        assertEquals(until, ofCrm.holdUntil());
        assertEquals(WebhookState.State.ACTIVE, ofCrm.webhookState());
        DeliveryRow ofErp = byEvent.get("e3");
        assertEquals("data.x", ofErp.waitField());
        assertNull(ofErp.holdUntil());
        assertEquals(WebhookState.State.PAUSED, ofErp.webhookState());
        assertFalse(ofErp.isUnsent());
    }

    @Test
    void the_first_due_delivery_excludes_those_in_flight_unless_all_are() {
        List<String> ids = IntStream.range(0, 3)
                .mapToObj(i -> accepted("e" + i).deliveryId())
                .toList();
        assertEquals(List.of(ids.get(2)), firstBut(ids.subList(0, 2)));
        assertEquals(List.of(ids.get(0)), firstBut(ids.subList(1, 3)));
        assertEquals(List.of(ids.get(0)), firstBut(ids));
    }

    private List<String> firstBut(List<String> inFlight) {
        return store.deliveries().firstDue(List.of(CRM), inFlight).stream()
                .map(DeliveryRow::id)
                .toList();
    }

    @Test
    void the_largest_backlogs_of_an_account_are_reported_first() {
        accept(SampleIntake.event("e1").to("crm", clock).to("erp", clock));
        String second = accepted("e2").deliveryId();
        accept(SampleIntake.event("e3").of("globex").with("8").to("theirs", clock));
        WebhookId erp = Ids.webhook("acme", "erp");
        assertEquals(
                List.of(CRM, erp),
                List.copyOf(store.backlogs().largestBacklogs("acme", 10).keySet()));
        assertEquals(Map.of(CRM, 2L), store.backlogs().largestBacklogs("acme", 1));
        assertEquals(Map.of(), store.backlogs().largestBacklogs("unknown", 10));
        get(store.outcomes().record(delivered(second)));
        assertEquals(Map.of(CRM, 1L, erp, 1L), store.backlogs().largestBacklogs("acme", 10));
    }

    @Test
    void the_largest_backlogs_of_the_store_are_reported_by_account_and_webhook() {
        accept(SampleIntake.event("e1").to("crm", clock).to("erp", clock));
        accepted("e2");
        accept(SampleIntake.event("e3").of("globex").with("8").to("crm", clock));
        accept(SampleIntake.event("e4").of("globex").with("9").to("crm", clock));
        String third = accepted("e5").deliveryId();
        WebhookId theirs = Ids.webhook("globex", "crm");
        assertEquals(
                List.of(CRM, theirs),
                List.copyOf(store.backlogs().largestBacklogs(2).keySet()));
        assertEquals(Map.of(CRM, 3L), store.backlogs().largestBacklogs(1));
        get(store.outcomes().record(delivered(third)));
        assertEquals(
                Map.of(CRM, 2L, theirs, 2L, Ids.webhook("acme", "erp"), 1L),
                store.backlogs().largestBacklogs(10));
    }

    @Test
    void webhooks_with_pending_deliveries_are_listed_up_to_a_limit() {
        accept(SampleIntake.event("e1").to("crm", clock).to("erp", clock));
        SampleIntake ended = SampleIntake.event("e2").to("zoo", clock);
        accept(ended);
        get(store.outcomes().record(delivered(ended.deliveryId())));
        assertEquals(
                Optional.of(Set.of(CRM, Ids.webhook("acme", "erp"))),
                store.backlogs().webhooksWithPending("acme", 2).map(Set::copyOf),
                "what has ended waits no more");
        assertEquals(Optional.empty(), store.backlogs().webhooksWithPending("acme", 1));
        assertEquals(Optional.of(List.of()), store.backlogs().webhooksWithPending("unknown", 2));
    }

    @Test
    void webhooks_are_listed_by_name_in_pages() {
        accept(SampleIntake.event("e1").to("crm", clock).to("zoo", clock).to("Ärzte", clock));
        accept(SampleIntake.event("e2").of("globex").with("8").to("theirs", clock));
        get(store.outcomes()
                .setState(Ids.webhook("acme", "erp"), WebhookState.State.PAUSED, "by staff", clock.instant()));
        assertEquals(
                List.of("crm", "erp"),
                store.backlogs().webhooks("acme", Optional.empty(), 2).stream()
                        .map(WebhookId::name)
                        .toList());
        assertEquals(
                List.of("zoo", "Ärzte"),
                store.backlogs().webhooks("acme", Optional.of(Ids.webhook("acme", "erp")), 3).stream()
                        .map(WebhookId::name)
                        .toList());
        assertEquals(
                List.of(),
                store.backlogs().webhooks("acme", Optional.of(Ids.webhook("acme", "Ärzte")), 3).stream()
                        .map(WebhookId::name)
                        .toList());
        assertEquals(
                List.of(),
                store.backlogs().webhooks("unknown", Optional.empty(), 3).stream()
                        .map(WebhookId::name)
                        .toList());
    }

    // --- record

    @Test
    void a_failed_attempt_is_kept_and_the_delivery_is_due_again_at_its_time() {
        String id = accepted("e1").deliveryId();
        clock.pass(Duration.ofSeconds(2));
        AttemptResult result = tryLater(id, 1, Duration.ofSeconds(5));
        get(store.outcomes().record(result));
        DeliveryRow row = row(id);
        assertEquals(DeliveryState.WAITING, row.state());
        assertEquals("try-later", row.outcome());
        assertEquals("answered 500", row.reason());
        assertEquals(1, row.attempts());
        assertEquals(START.plusSeconds(7), row.dueAt());
        assertNull(row.endedAt());
        assertEquals(List.of(), due());
        AttemptRow kept = store.deliveries().attempts("acme", id).get(0);
        assertArrayEquals(result.attempt().body(), kept.body());
        assertEquals(
                SampleAttempt.of(
                        1, clock.instant(), 412, "try-later", "answered 500", "cut", 500, "{\"a\":\"b\"}", kept.body()),
                kept);
        clock.pass(Duration.ofSeconds(5));
        assertEquals(1, due().get(0).attempts());
    }

    @Test
    void a_delivered_delivery_has_ended() {
        SampleIntake intake = accepted("e1");
        clock.pass(Duration.ofSeconds(2));
        end(intake);
        DeliveryRow row = row(intake.deliveryId());
        assertEquals(DeliveryState.DELIVERED, row.state());
        assertEquals("delivered", row.outcome());
        assertEquals(clock.instant(), row.endedAt());
        assertNull(row.dueAt());
        assertEquals(List.of(), due());
        assertEquals(0, store.waitingCount());
    }

    @Test
    void recording_the_same_attempt_again_changes_nothing() {
        SampleIntake intake = accepted("e1");
        end(intake);
        end(intake);
        assertEquals(1, store.deliveries().attempts("acme", intake.deliveryId()).size());
    }

    /** Semantics 17. */
    @Test
    void an_unsent_attempt_keeps_the_attempt_count_and_the_outcome() {
        String id = accepted("e1").deliveryId();
        get(store.outcomes().record(tryLater(id, 1, Duration.ofSeconds(5))));
        get(store.outcomes()
                .record(new AttemptResult(
                        id, CRM, DeliveryState.WAITING, "no token", START.plusSeconds(30), null, null, null)));
        DeliveryRow row = row(id);
        assertEquals(1, row.attempts());
        assertEquals("try-later", row.outcome());
        assertEquals("no token", row.reason());
        assertEquals(START.plusSeconds(30), row.dueAt());
        assertEquals(1, store.deliveries().attempts("acme", id).size());
    }

    private void unsent(String id, Duration in) {
        Instant dueAt = clock.instant().plus(in);
        get(store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.WAITING, "no token", dueAt, null, null, null)));
    }

    /** Semantics 14. */
    @Test
    void unsent_since_is_kept_until_something_is_sent() {
        String id = accepted("e1").deliveryId();
        assertNull(due().get(0).unsentSince());
        clock.pass(Duration.ofSeconds(3));
        unsent(id, Duration.ofSeconds(10));
        clock.pass(Duration.ofSeconds(10));
        unsent(id, Duration.ofSeconds(20));
        clock.pass(Duration.ofSeconds(20));
        assertEquals(START.plusSeconds(3), due().get(0).unsentSince());
        assertEquals(List.of(CRM), store.due().withUnsent());
        get(store.outcomes().record(tryLater(id, 1, Duration.ZERO)));
        assertNull(due().get(0).unsentSince());
        assertEquals(List.of(), store.due().withUnsent());
    }

    @Test
    void only_deliveries_that_wait_for_a_credential_are_released() {
        String unsent = accepted("e1").deliveryId();
        unsent(unsent, Duration.ofHours(1));
        String failed = accepted("e2").deliveryId();
        get(store.outcomes().record(tryLater(failed, 1, Duration.ofHours(1))));
        String refused = accepted("e3").deliveryId();
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "try-later", "401", null, 401, null, null);
        Instant inAnHour = clock.instant().plus(Duration.ofHours(1));
        get(store.outcomes()
                .record(new AttemptResult(refused, CRM, DeliveryState.WAITING, "401", inAnHour, attempt, null, null)));
        assertEquals(List.of(1), released(CRM, false, 10));
        assertEquals(List.of(unsent), due().stream().map(DueDelivery::id).toList());
        assertEquals(List.of(1), released(CRM, true, 10));
        assertEquals(
                Set.of(unsent, refused), due().stream().map(DueDelivery::id).collect(Collectors.toSet()));
        assertEquals(List.of(0), released(CRM, true, 10));
        assertEquals(List.of(0), released(Ids.webhook("other", "crm"), true, 10));
    }

    /** The number of deliveries that each step of a release made due. */
    private List<Integer> released(WebhookId webhook, boolean refusedToo, int look) {
        List<Integer> released = new ArrayList<>();
        Waiting after = Waiting.lastDueAt(clock.instant());
        while (after != null) {
            DueStore.Released step = get(store.due().release(webhook, refusedToo, clock.instant(), after, look));
            released.add(step.deliveries());
            after = step.examinedUpTo();
        }
        return released;
    }

    @Test
    void a_release_continues_where_it_stopped_even_if_nothing_was_released() {
        List<String> ids = IntStream.range(0, 7)
                .mapToObj(i -> accepted("e" + i).deliveryId())
                .toList();
        List<String> heldUp = List.of(ids.get(0), ids.get(4), ids.get(5));
        for (String id : ids) {
            if (heldUp.contains(id)) {
                unsent(id, Duration.ofHours(1));
            } else {
                get(store.outcomes().record(tryLater(id, 1, Duration.ofHours(1))));
            }
        }
        assertEquals(
                List.of(1, 0, 2, 0), released(CRM, true, 2), "each looks at two, and no one looks at what another did");
        assertEquals(heldUp, due().stream().map(DueDelivery::id).toList());
        assertEquals(List.of(0, 0, 0), released(CRM, true, 2));
    }

    @Test
    void a_release_begins_after_the_deliveries_that_are_already_due() {
        String due = accepted("e1").deliveryId();
        unsent(due, Duration.ZERO);
        String later = accepted("e2").deliveryId();
        unsent(later, Duration.ofMillis(1));
        assertEquals(List.of(1, 0), released(CRM, true, 1));
        assertEquals(Set.of(due, later), due().stream().map(DueDelivery::id).collect(Collectors.toSet()));
    }

    @Test
    void a_delivery_that_expires_without_an_attempt_counts_none() {
        String id = accepted("e1").deliveryId();
        get(store.outcomes()
                .record(new AttemptResult(
                        id, CRM, DeliveryState.GAVE_UP, "no token since noon", null, null, null, null)));
        DeliveryRow row = row(id);
        assertEquals("gave-up", row.outcome());
        assertEquals(0, row.attempts());
        assertEquals(START, row.endedAt());
    }

    @Test
    void a_receiver_that_asks_for_several_pauses_gets_the_longest() {
        String id = accepted("e1").deliveryId();
        hold(id, START.plusSeconds(600));
        hold(id, START.plusSeconds(10));
        assertEquals(START.plusSeconds(600), state(CRM).holdUntil());
    }

    private void hold(String id, Instant until) {
        get(store.outcomes()
                .record(new AttemptResult(
                        id, CRM, DeliveryState.WAITING, "wait", until, attempt(1, "try-later", "wait"), until, null)));
    }

    @Test
    void a_410_disables_the_webhook() {
        String id = accepted("e1").deliveryId();
        clock.pass(Duration.ofSeconds(3));
        get(store.outcomes()
                .record(new AttemptResult(
                        id, CRM, DeliveryState.GAVE_UP, "gone", null, attempt(1, "gave-up", "gone"), null, "gone")));
        WebhookState state = state(CRM);
        assertEquals(WebhookState.State.DISABLED, state.state());
        assertEquals("gone", state.reason());
        assertEquals(clock.instant(), state.since());
    }

    private WebhookState state(WebhookId webhook) {
        return store.outcomes().webhookStates().stream()
                .filter(s -> s.webhook().equals(webhook))
                .findFirst()
                .orElseThrow();
    }

    // --- notifications of accounts (semantics 14, 26)

    private void gaveUp(String eventId) {
        String id = accepted(eventId).deliveryId();
        get(store.outcomes()
                .record(new AttemptResult(
                        id,
                        CRM,
                        DeliveryState.GAVE_UP,
                        "answered 500",
                        null,
                        attempt(1, "gave-up", "answered 500"),
                        null,
                        null)));
    }

    private List<String> unpublished() {
        return store.outcomes().unpublishedSystemEvents(100).stream()
                .map(event -> event.type().text() + " " + event.webhook().name())
                .toList();
    }

    private void publishedAll() {
        store.outcomes()
                .unpublishedSystemEvents(100)
                .forEach(event -> get(store.outcomes().removeSystemEvent(event.key())));
    }

    @Test
    void five_failures_in_a_row_that_span_a_minute_make_a_webhook_failing_once() {
        for (int i = 0; i < 4; i++) {
            gaveUp("e" + i);
            clock.pass(Duration.ofSeconds(20));
        }
        assertEquals(List.of(), unpublished());
        gaveUp("e4");
        gaveUp("e5");
        assertEquals(List.of("webhook.failing crm"), unpublished());
        SystemEvent event = store.outcomes().unpublishedSystemEvents(1).get(0);
        assertEquals("5 attempts in a row failed, the last one because: answered 500", event.reason());
        assertEquals(START, event.since());
        assertEquals(START.plusSeconds(80), event.at());
        publishedAll();
        gaveUp("e6");
        assertEquals(List.of(), unpublished());
        assertEquals(START, health().failingSince());
        assertEquals("answered 500", health().trouble());
    }

    private StatsStore.Health health() {
        return store.stats().health("acme", List.of(CRM)).get(CRM);
    }

    @Test
    void twenty_retried_failures_make_a_webhook_failing_within_a_minute() {
        String id = accepted("e").deliveryId();
        for (int i = 1; i < 20; i++) {
            get(store.outcomes().record(tryLater(id, i, Duration.ofSeconds(1))));
            assertEquals(List.of(), unpublished());
        }
        assertEquals(START, health().degradedSince());
        get(store.outcomes().record(tryLater(id, 20, Duration.ofSeconds(1))));
        assertEquals(List.of("webhook.failing crm"), unpublished());
        assertEquals(START, health().failingSince());
    }

    @Test
    void five_successes_in_a_row_end_the_failing_and_a_failure_between_begins_the_row_again() {
        gaveUp("a");
        clock.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 4; i++) {
            gaveUp("b" + i);
        }
        assertEquals(List.of("webhook.failing crm"), unpublished());
        for (int i = 0; i < 4; i++) {
            end(accepted("c" + i));
        }
        gaveUp("d");
        for (int i = 0; i < 4; i++) {
            end(accepted("e" + i));
            assertEquals(List.of("webhook.failing crm"), unpublished());
            assertEquals(i + 1, health().recent().successesInARow(), "a restart continues from here");
        }
        clock.pass(Duration.ofMinutes(1));
        end(accepted("f"));
        end(accepted("g"));
        assertEquals(List.of("webhook.failing crm", "webhook.recovered crm"), unpublished());
        assertEquals(START, store.outcomes().unpublishedSystemEvents(2).get(1).since());
        assertNull(health().failingSince());
        assertNull(health().degradedSince(), "no delivery is retrying");
        assertEquals(Map.of(), store.stats().unhealthy(10));
        gaveUp("h");
        assertEquals(clock.instant(), health().degradedSince(), "older failures are forgotten: 5 of 6 arrived");
        assertEquals(1, health().recent().failures());
    }

    @Test
    void a_webhook_is_degraded_after_five_successes_in_a_row_until_no_delivery_is_retrying() {
        List<String> retrying = List.of(
                accepted("r1").deliveryId(),
                accepted("r2").deliveryId(),
                accepted("r3").deliveryId());
        retrying.forEach(id -> get(store.outcomes().record(tryLater(id, 1, Duration.ofHours(1)))));
        for (int i = 0; i < 7; i++) {
            end(accepted("a" + i));
            assertEquals(START, health().degradedSince());
        }
        get(store.due().discard(CRM, retrying.subList(0, 2), "by staff", clock.instant()));
        end(accepted("b"));
        assertEquals(START, health().degradedSince(), "one is retrying");
        get(store.outcomes().record(delivered(retrying.get(2))));
        assertNull(health().degradedSince());
        assertEquals(0, health().recent().failures());
        assertEquals(Map.of(), store.stats().unhealthy(10));
    }

    @Test
    void two_failures_in_twenty_attempts_degrade_a_webhook_until_one_leaves_the_window_while_a_delivery_is_retrying() {
        for (int i = 0; i < 19; i++) {
            end(accepted("a" + i));
        }
        gaveUp("b");
        assertNull(health().degradedSince(), "19 of 20 arrived");
        clock.pass(Duration.ofMinutes(1));
        get(store.outcomes().record(tryLater(accepted("c").deliveryId(), 1, Duration.ofHours(1))));
        assertEquals(START.plusSeconds(60), health().degradedSince());
        assertEquals(2, health().recent().failures());
        assertEquals(Map.of(CRM, false), store.stats().unhealthy(10));
        for (int i = 0; i < 18; i++) {
            end(accepted("d" + i));
            assertEquals(START.plusSeconds(60), health().degradedSince());
        }
        end(accepted("e"));
        assertNull(health().degradedSince(), "19 of 20 arrived again");
        assertEquals(Map.of(), store.stats().unhealthy(10));
    }

    @Test
    void a_lasting_fault_makes_a_webhook_failing_at_once_and_once() {
        for (int i = 0; i < 3; i++) {
            String id = accepted("e" + i).deliveryId();
            get(store.outcomes()
                    .record(new AttemptResult(
                                    id, CRM, DeliveryState.WAITING, "refused", clock.instant(), null, null, null)
                            .withHealth(AttemptResult.Health.FAILING)));
        }
        assertEquals(List.of("webhook.failing crm"), unpublished());
        assertEquals(
                "refused", store.outcomes().unpublishedSystemEvents(1).get(0).reason());
        assertEquals(Map.of(CRM, true), store.stats().unhealthy(10));
        assertEquals(Map.of(CRM, StatsStore.Trouble.FAILING), store.stats().troubled("acme", 10, all -> true));
    }

    @Test
    void an_outcome_recorded_twice_counts_once() {
        String id = accepted("e1").deliveryId();
        AttemptResult gaveUp =
                new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "no", null, attempt(1, "gave-up", "no"), null, null);
        for (int i = 0; i < 9; i++) {
            get(store.outcomes().record(gaveUp));
        }
        assertEquals(List.of(), unpublished());
    }

    @Test
    void a_disabled_webhook_is_reported_unless_health_is_not_affected() {
        String own = accepted("e1").deliveryId();
        AttemptRow attempt = attempt(1, "gave-up", "gone");
        get(store.outcomes()
                .record(new AttemptResult(own, CRM, DeliveryState.GAVE_UP, "gone", null, attempt, null, "gone")
                        .withHealth(AttemptResult.Health.NONE)));
        assertEquals(List.of(), unpublished());
        get(store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant()));
        for (String event : List.of("e2", "e3")) {
            String id = accepted(event).deliveryId();
            get(store.outcomes()
                    .record(new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "gone", null, attempt, null, "gone")));
        }
        assertEquals(List.of("webhook.disabled crm"), unpublished(), "by the one that disables it");
    }

    @Test
    void deliveries_that_expire_soon_are_counted_by_webhook() {
        accepted("e1");
        clock.pass(Duration.ofDays(1));
        accepted("e2");
        accept(SampleIntake.event("e3").to("erp", clock));
        clock.pass(Duration.ofDays(83).plusSeconds(1));
        accepted("e4");
        assertEquals(0, retainWarning().gaveUp());
        SystemEvent event = store.outcomes().unpublishedSystemEvents(9).stream()
                .filter(each -> each.webhook().equals(CRM))
                .findFirst()
                .orElseThrow();
        assertEquals(
                List.of("delivery.expiring crm", "delivery.expiring erp"),
                unpublished().stream().sorted().toList());
        assertEquals(2, event.deliveries());
        assertEquals(START, event.since());
        assertTrue(event.reason().endsWith("the first at " + START.plus(Duration.ofDays(90))), event.reason());
        retainWarning();
        assertEquals(
                2, store.outcomes().unpublishedSystemEvents(9).size(), "what is not reported yet is not noted again");
        clock.pass(Duration.ofDays(7));
        publishedAll();
        assertEquals(3, retainWarning().gaveUp());
        assertEquals(List.of(), unpublished());
    }

    /** Warns a week before deliveries expire. */
    private RetentionStep retainWarning() {
        Instant now = clock.instant();
        Instant old = now.minus(Duration.ofDays(90));
        return get(store.retain(new RetentionLimits(now, old, old, old, old, old.plus(Duration.ofDays(7)), 100)));
    }

    // --- waiting for a field (semantics 21)

    private Intake bringing(SampleIntake intake) {
        return new Intake(intake.intake().event(), intake.deliveries(), Set.of("data.rec"));
    }

    @Test
    void a_delivery_whose_field_arrived_before_is_due_at_once_with_both_events() {
        SampleIntake recording = SampleIntake.event("e1").about("call/7").with("{\"rec\":1}");
        get(store.events().accept(List.of(bringing(recording))));
        get(store.events()
                .accept(List.of(
                        bringing(SampleIntake.event("e2").about("call/8").with("{\"rec\":2}")),
                        bringing(SampleIntake.event("e3").about("call/7").with("{\"rec\":3}")))));
        clock.pass(Duration.ofMinutes(1));
        SampleIntake waits =
                SampleIntake.event("e4").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        assertEquals(Set.of(CRM), accept(waits).released());
        DueDelivery due = due().get(0);
        assertEquals("e3", due.laterEvent().id(), "the last one that brought it");
        assertEquals(clock.instant(), due.dueAt());
        assertFalse(due.waitsForField());
    }

    @Test
    void a_field_of_another_subject_or_account_releases_nothing() {
        get(store.events()
                .accept(List.of(
                        bringing(SampleIntake.event("e1").about("call/8").with("{\"rec\":1}")),
                        bringing(SampleIntake.event("e1")
                                .of("globex")
                                .about("call/7")
                                .with("{\"rec\":1}")))));
        for (String field : List.of("data.rec", "data.other")) {
            String subject = field.equals("data.rec") ? "call/7" : "call/8";
            SampleIntake waits = SampleIntake.event("waits for " + field)
                    .about(subject)
                    .waitingFor(field, Duration.ofMinutes(30), "crm", clock);
            assertEquals(Set.of(), accept(waits).released());
        }
        assertEquals(List.of(), due());
    }

    @Test
    void a_field_arrival_expires_with_its_payload() {
        get(store.events()
                .accept(List.of(bringing(SampleIntake.event("e1")
                        .about("call/7")
                        .with("{\"rec\":1}")
                        .to("erp", clock)))));
        clock.pass(Duration.ofDays(2));
        retain(DAY, Duration.ofDays(90));
        assertEquals(Set.of(CRM), accept(waiting("e2")).released(), "a delivery of that event waits still");
        get(store.outcomes()
                .record(new AttemptResult(
                        due(ERP).get(0).id(), ERP, DeliveryState.GAVE_UP, "no", null, null, null, null)));
        due().forEach(d -> get(store.outcomes().record(delivered(d.id()))));
        clock.pass(Duration.ofDays(2));
        assertTrue(retain(DAY, Duration.ofDays(90)).payloads() > 0);
        assertEquals(Set.of(), accept(waiting("e3")).released());
        clock.pass(Duration.ofDays(80));
        retain(DAY, DAY);
    }

    private static final WebhookId ERP = Ids.webhook("acme", "erp");

    private List<DueDelivery> due(WebhookId webhook) {
        return Due.of(store.due(), webhook, clock.instant(), 100, Set.of());
    }

    private SampleIntake waiting(String id) {
        return SampleIntake.event(id).about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
    }

    @Test
    void a_delivery_that_waits_for_a_field_is_due_at_the_end_of_its_wait() {
        accept(SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock));
        assertEquals(List.of(), due());
        clock.pass(Duration.ofMinutes(30));
        assertTrue(due().get(0).waitsForField());
        assertNull(due().get(0).laterEvent());
    }

    @Test
    void an_event_of_the_subject_with_the_field_releases_the_delivery() {
        accept(SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock));
        clock.pass(Duration.ofMinutes(1));
        Accepted answer = accept(SampleIntake.event("e2").about("call/7").with("{\"rec\":\"r1\"}"));
        assertEquals(Set.of(CRM), answer.released());
        DueDelivery released = due().get(0);
        assertEquals("e1", released.event().id());
        assertEquals("e2", released.laterEvent().id());
        assertFalse(released.waitsForField());
        assertEquals(clock.instant(), released.dueAt());
        assertEquals(START, released.startedAt());
    }

    @Test
    void a_field_changes_nothing_of_a_delivery_whose_attempt_has_begun_without_it() {
        accept(SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock));
        clock.pass(Duration.ofMinutes(30));
        DueDelivery taken = due().get(0);
        clock.pass(Duration.ofSeconds(5));
        accept(SampleIntake.event("e2").about("call/7").with("{\"rec\":\"r1\"}"));
        assertTrue(get(store.outcomes()
                        .record(tryLater(taken.id(), 1, Duration.ofHours(1)).withTaken(0, taken.dueAt())))
                .hasChanged());
    }

    @Test
    void another_subject_account_or_an_event_without_the_field_does_not_release_it() {
        accept(SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock));
        for (SampleIntake other : List.of(
                SampleIntake.event("e2").about("call/8").with("{\"rec\":\"r1\"}"),
                SampleIntake.event("e3").about("call/7").with("{\"rec\":null}"),
                SampleIntake.event("e4").with("{\"rec\":\"r1\"}"),
                SampleIntake.event("e5").of("globex").about("call/7").with("{\"rec\":\"r1\"}"))) {
            assertEquals(Set.of(), accept(other).released());
        }
        assertEquals(List.of(), due());
    }

    @Test
    void one_event_releases_all_waiting_deliveries_once() {
        accept(SampleIntake.event("e1")
                .about("call/7")
                .waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock)
                .waitingFor("data.rec", Duration.ofMinutes(30), "erp", clock)
                .waitingFor("data.other", Duration.ofMinutes(30), "bi", clock));
        SampleIntake bringing = SampleIntake.event("e2").about("call/7").with("{\"rec\":\"r1\"}");
        assertEquals(Set.of(CRM, Ids.webhook("acme", "erp")), accept(bringing).released());
        assertEquals(
                Set.of(),
                accept(SampleIntake.event("e3").about("call/7").with("{\"rec\":2}"))
                        .released());
        assertEquals("e2", due().get(0).laterEvent().id());
    }

    // --- erasure (semantics 44)

    private Erasure erased(String field, String value) {
        store.erasures().digest().use(text -> HexFormat.of().formatHex(Sha256.of(text)));
        Erasure erasure = Erasure.starting(
                SampleIntake.newId(clock),
                "acme",
                field,
                store.erasures().digest("acme", field, value),
                "staff",
                clock.instant(),
                store.erasures().lastEvent("acme", null));
        get(store.erasures()
                .start(
                        erasure,
                        new AuditEntry("acme", START, Actor.JMX, "started", "erasure", "er_" + erasure.id(), field)));
        while (!store.erasures().step(store.erasures().one("acme", erasure.id()).orElseThrow(), () -> true)) {
            assertTrue(store.erasures().one("acme", erasure.id()).orElseThrow().isRunning());
        }
        get(store.erasures().end(erasure, store.clean()));
        return store.erasures().one("acme", erasure.id()).orElseThrow();
    }

    @Test
    void an_erased_event_keeps_its_row_without_data_and_is_a_duplicate_with_any_data() {
        accept(SampleIntake.event("e1").with("{\"anum\":[\"1\",\"2\"]}").to("crm", clock));
        accept(SampleIntake.event("e2").with("{\"anum\":\"3\"}").to("crm", clock));

        Erasure receipt = erased("data.anum", "2");

        assertEquals(
                List.of(1L, 1L, 1L, 2L),
                List.of(receipt.events(), receipt.deliveries(), receipt.canceled(), receipt.examined()));
        assertFalse(receipt.isRunning());
        assertEquals(
                List.of("e2"), due().stream().map(each -> each.event().id()).toList());
        assertTrue(accept(SampleIntake.event("e1").with("{\"other\":1}").to("crm", clock))
                .duplicate());
        assertEquals(2, store.events().events("acme", null, Long.MAX_VALUE, 10).size());
        assertEquals(List.of(), store.events().events("acme", "e1", Long.MAX_VALUE, 10));
        assertEquals(1, store.waitingCount());
    }

    @Test
    void an_erasure_removes_what_attempts_recorded_and_the_replay_of_the_delivery_is_refused() {
        SampleIntake intake = accepted("e1");
        end(intake);

        erased("id", "e1");

        AttemptRow attempt =
                store.deliveries().attempts("acme", intake.deliveryId()).get(0);
        assertNull(attempt.headers());
        assertNull(attempt.body());
        assertNull(attempt.request());
        assertNull(attempt.requestBody());
        assertEquals(
                ReplayJobs.Replayed.PAYLOAD_EXPIRED,
                get(store.replays().replay("acme", intake.deliveryId(), null, clock.instant())));
    }

    @Test
    void an_erasure_cancels_the_delivery_that_waits_with_the_erased_event() {
        SampleIntake old = SampleIntake.event("e0").about("call/7").with("{\"rec\":1}");
        SampleIntake intake =
                SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        accept(intake);
        accept(old);

        erased("data.rec", "1");

        assertEquals(DeliveryState.DISCARDED, row(intake.deliveryId()).state());
        assertEquals("erased", row(intake.deliveryId()).reason());
    }

    // --- replay

    @Test
    void a_replay_makes_the_same_delivery_due_as_if_it_were_new() {
        SampleIntake intake = accepted("e1");
        get(store.outcomes().record(tryLater(intake.deliveryId(), 1, Duration.ofSeconds(5))));
        get(store.outcomes().record(tryLater(intake.deliveryId(), 2, Duration.ofSeconds(5))));
        clock.pass(Duration.ofHours(1));
        assertEquals(
                ReplayJobs.Replayed.DUE,
                get(store.replays().replay("acme", intake.deliveryId(), null, clock.instant())));
        DueDelivery again = due().get(0);
        assertEquals(intake.deliveryId(), again.id());
        assertEquals(2, again.attempts());
        assertEquals(2, again.attemptsBeforeReplay());
        assertEquals(clock.instant(), again.startedAt());
        assertEquals(2, store.deliveries().attempts("acme", intake.deliveryId()).size());
    }

    @Test
    void an_ended_delivery_can_be_replayed() {
        SampleIntake intake = accepted("e1");
        end(intake);
        assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", intake.deliveryId(), null, START)));
        assertEquals(DeliveryState.WAITING, row(intake.deliveryId()).state());
        assertNull(row(intake.deliveryId()).endedAt());
        assertEquals(1, due().size());
    }

    @Test
    void a_replay_with_a_new_id_is_a_new_delivery_that_refers_to_the_first() {
        SampleIntake intake = accepted("e1");
        end(intake);
        clock.pass(DAY);
        String newId = SampleIntake.newId(clock);
        assertEquals(
                ReplayJobs.Replayed.DUE,
                get(store.replays().replay("acme", intake.deliveryId(), newId, clock.instant())));
        assertEquals(DeliveryState.DELIVERED, row(intake.deliveryId()).state());
        assertEquals(intake.deliveryId(), row(newId).replayOf());
        assertEquals(clock.instant(), row(newId).acceptedAt());
        assertEquals(0, due().get(0).attempts());
        assertEquals("e1", due().get(0).event().id());
    }

    @Test
    void a_replay_of_an_unknown_delivery_is_not_found() {
        assertEquals(ReplayJobs.Replayed.NOT_FOUND, get(store.replays().replay("acme", "01NONE", null, START)));
        assertEquals(ReplayJobs.Replayed.NOT_FOUND, get(store.replays().replay("unknown", "01NONE", null, START)));
    }

    @Test
    void a_replay_ends_the_hold_of_its_webhook() {
        String id = accepted("e1").deliveryId();
        hold(id, START.plusSeconds(600));
        get(store.replays().replay("acme", id, null, START));
        assertNull(state(CRM).holdUntil());
    }

    @Test
    void a_replay_is_refused_if_either_payload_has_expired() {
        SampleIntake old = SampleIntake.event("e0").about("call/7").with("{\"rec\":1}");
        SampleIntake intake =
                SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        accept(intake);
        accept(old);
        end(intake);
        clock.pass(DAY);
        SampleIntake newest = accepted("e2");
        end(newest);
        String newer = newest.deliveryId();
        assertEquals(List.of(true, true), replayable());
        retain(Duration.ofHours(1), Duration.ofDays(90));
        assertEquals(List.of(false, true), replayable());
        assertEquals(
                ReplayJobs.Replayed.PAYLOAD_EXPIRED,
                get(store.replays().replay("acme", intake.deliveryId(), null, clock.instant())));
        assertEquals(ReplayJobs.Replayed.DUE, get(store.replays().replay("acme", newer, null, clock.instant())));
        assertEquals(List.of(newer), due().stream().map(DueDelivery::id).toList());
    }

    private List<Boolean> replayable() {
        DeliveryQuery all = SampleQuery.replay("acme", "crm", null, null, null, null);
        return store.replays().find(all, null, LAST_ID, 100, 100).deliveries().stream()
                .map(ReplayJobs.Match::replayable)
                .toList();
    }

    // --- states

    @Test
    void paused_time_sums_pauses_without_the_time_between() {
        assertEquals(Duration.ZERO, set(WebhookState.State.PAUSED).pausedTotal());
        clock.pass(Duration.ofHours(1));
        assertEquals(Duration.ofHours(1), set(WebhookState.State.ACTIVE).pausedTotal());
        clock.pass(Duration.ofHours(5));
        assertEquals(Duration.ofHours(1), set(WebhookState.State.DISABLED).pausedTotal());
        clock.pass(Duration.ofHours(2));
        assertEquals(Duration.ofHours(3), set(WebhookState.State.PAUSED).pausedTotal());
        clock.pass(Duration.ofHours(4));
        assertEquals(Duration.ofHours(7), set(WebhookState.State.ACTIVE).pausedTotal());
        clock.pass(Duration.ofHours(8));
        assertEquals(Duration.ofHours(7), set(WebhookState.State.ACTIVE).pausedTotal());
        assertEquals(Duration.ofHours(7), state(CRM).pausedTotal());
    }

    private WebhookState set(WebhookState.State state) {
        WebhookState reported = get(store.outcomes().setState(CRM, state, "a person", clock.instant()));
        assertEquals(state(CRM), reported);
        return reported;
    }

    @Test
    void a_delivery_stores_the_paused_time_of_its_webhook_a_current_pause_included() {
        set(WebhookState.State.PAUSED);
        clock.pass(Duration.ofHours(1));
        accepted("e1");
        clock.pass(Duration.ofHours(1));
        accepted("e2");
        set(WebhookState.State.ACTIVE);
        accepted("e3");
        assertEquals(
                List.of(Duration.ofHours(1), Duration.ofHours(2), Duration.ofHours(2)),
                due().stream().map(DueDelivery::pausedBefore).toList());
    }

    @Test
    void a_state_set_by_a_person_ends_a_hold() {
        hold(accepted("e1").deliveryId(), START.plusSeconds(600));
        set(WebhookState.State.ACTIVE);
        assertNull(state(CRM).holdUntil());
    }

    // --- identities (semantics 39)

    private static ResourceName webhook(String name) {
        return new ResourceName("acme", "webhook", name);
    }

    private String assigned(String name) {
        return get(store.identities().assign(List.of(webhook(name)), Map.of())).get(webhook(name));
    }

    private String assigned(String name, String former) {
        return get(store.identities().assign(List.of(webhook(name)), Map.of(webhook(name), webhook(former))))
                .get(webhook(name));
    }

    @Test
    void a_name_gets_an_id_once_and_keeps_it_over_a_restart() {
        String id = assigned("crm");
        assertTrue(id.matches("wh_[0-9A-HJKMNP-TV-Z]{26}"), id);
        assertEquals(id, assigned("crm"));
        assertNotEquals(id, assigned("erp"));
        store.close();
        store = open(clock);
        assertEquals(id, assigned("crm"));
        assertEquals(
                Optional.of(new WebhookId("acme", id, "crm")),
                store.identities().webhook("acme", "crm"));
        assertEquals("crm", store.identities().webhook("acme", id).orElseThrow().name());
        assertEquals(Optional.empty(), store.identities().webhook("globex", id));
    }

    @Test
    void each_kind_and_each_account_has_own_names() {
        ResourceName client = new ResourceName("acme", "oauth-client", "crm");
        ResourceName theirs = new ResourceName("globex", "webhook", "crm");
        Map<ResourceName, String> ids =
                get(store.identities().assign(List.of(webhook("crm"), client, theirs), Map.of()));
        assertEquals(3, Set.copyOf(ids.values()).size());
        assertTrue(ids.get(client).startsWith("oc_"));
    }

    @Test
    void a_rename_moves_the_name_once_and_deliveries_and_state_follow_the_id() {
        String id = assigned("crm");
        WebhookId crm = new WebhookId("acme", id, "crm");
        SampleIntake intake = SampleIntake.event("e1").to(crm, clock);
        accept(intake);
        get(store.outcomes().setState(crm, WebhookState.State.PAUSED, "by staff", clock.instant()));
        assertEquals(id, assigned("sales", "crm"));
        WebhookId sales = row(intake.deliveryId()).webhook();
        assertEquals(crm, sales);
        assertEquals("sales", sales.name());
        assertEquals(
                intake.deliveryId(),
                Due.of(store.due(), crm, START, 9, Set.of()).get(0).id());
        assertEquals(WebhookState.State.PAUSED, state(sales).state());
        String another = assigned("crm");
        assertNotEquals(id, another, "a name that is used again");
        assertEquals(id, assigned("sales", "crm"), "it is obeyed once");
        assertEquals(another, assigned("crm"));
        assertEquals(
                0,
                Due.of(store.due(), new WebhookId("acme", another, "crm"), START, 9, Set.of())
                        .size());
    }

    @Test
    void a_definition_is_renamed_in_place_and_the_holder_of_the_name_keeps_a_label() {
        String id = assigned("crm");
        String old = assigned("sales");
        get(store.definitions().change(List.of(DefinitionStore.Change.create(defined(id, "crm", "1"))), List.of()));
        long revision = store.definitions().since(0).revision();
        assertTrue(get(store.definitions()
                .change(
                        List.of(DefinitionStore.Change.update(webhook("crm"), "1", defined(id, "sales", "2"))),
                        List.of())));
        assertEquals(
                List.of(webhook("sales")),
                definitions().stream().map(DefinitionRow::name).toList());
        DefinitionStore.Changed changed =
                store.definitions().since(revision).changes().get(0);
        assertEquals(id, changed.id());
        assertEquals(webhook("sales"), changed.name());
        assertEquals(
                id, store.identities().webhook("acme", "sales").orElseThrow().id());
        assertEquals(
                "sales", store.identities().webhook("acme", old).orElseThrow().name());
        assertEquals(
                Set.of(id, old),
                store.backlogs().webhooks("acme", Optional.empty(), 9).stream()
                        .map(WebhookId::id)
                        .collect(Collectors.toSet()));
    }

    /** Two instances rename to the same name at the same time, or create a definition whose name is taken. */
    @Test
    void two_definitions_never_have_one_name() {
        String crm = assigned("crm");
        String erp = assigned("erp");
        String sales = assigned("sales");
        assertTrue(changed(DefinitionStore.Change.create(defined(crm, "crm", "1"))));
        assertTrue(changed(DefinitionStore.Change.create(defined(erp, "erp", "1"))));
        assertTrue(changed(DefinitionStore.Change.update(webhook("crm"), "1", defined(crm, "sales", "2"))));
        assertFalse(changed(DefinitionStore.Change.update(webhook("erp"), "1", defined(erp, "sales", "2"))));
        assertFalse(changed(DefinitionStore.Change.create(defined(sales, "sales", "1"))));
        assertEquals(
                List.of(webhook("erp"), webhook("sales")),
                definitions().stream().map(DefinitionRow::name).toList());
    }

    private boolean changed(DefinitionStore.Change change) {
        return get(store.definitions().change(List.of(change), List.of()));
    }

    private DefinitionRow defined(String id, String name, String version) {
        return new DefinitionRow(id, webhook(name), ManagedBy.API, version, new byte[] {1}, clock.instant());
    }

    // --- lists

    @Test
    void deliveries_are_listed_newest_first_and_narrowed_by_each_filter() {
        String first = accepted("e1").deliveryId();
        clock.pass(Duration.ofMinutes(1));
        SampleIntake second = SampleIntake.event("e2").to("erp", clock);
        accept(second);
        clock.pass(Duration.ofMinutes(1));
        String third = accepted("e3").deliveryId();
        get(store.outcomes().record(delivered(third)));
        assertEquals(
                List.of(third, second.deliveryId(), first),
                listed(SampleQuery.of("acme", null, null, null, null, null, null, 10)));
        assertEquals(List.of(third, first), listed(SampleQuery.of("acme", "crm", null, null, null, null, null, 10)));
        assertEquals(List.of(first), listed(SampleQuery.of("acme", null, "e1", null, null, null, null, 10)));
        assertEquals(List.of(third), listed(SampleQuery.of("acme", null, null, "delivered", null, null, null, 10)));
        assertEquals(
                List.of(second.deliveryId()),
                listed(SampleQuery.of(
                        "acme", null, null, null, START.plusSeconds(60), START.plusSeconds(120), null, 10)));
        assertEquals(List.of(), listed(SampleQuery.of("acme", "none", null, null, null, null, null, 10)));
    }

    @Test
    void text_search_examines_visible_columns_in_steps() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            SampleIntake intake = SampleIntake.event("u" + i).about("call/" + i).to(i == 4 ? "Erp_100%" : "crm", clock);
            accept(intake);
            ids.add(intake.deliveryId());
            clock.pass(Duration.ofMillis(5));
        }
        get(store.outcomes()
                .record(new AttemptResult(
                        ids.get(3),
                        CRM,
                        DeliveryState.WAITING,
                        "the endpoint answered 503",
                        clock.instant(),
                        null,
                        null,
                        null)));
        assertEquals(List.of(ids.get(2)), searched("CALL/2"), "the subject, and capitals are alike");
        assertEquals(List.of(ids.get(1)), searched("u1"), "the event's id, with a letter that no delivery's has");
        assertEquals(List.of(ids.get(3)), searched("answered 503"), "the reason");
        assertEquals(List.of(ids.get(4)), searched("p_100%"), "the webhook's name, with what would be a pattern");
        assertEquals(List.of(), searched("r__00"));
        assertEquals(List.of(ids.get(5)), searched(ids.get(5).substring(3)), "the delivery's id");

        DeliveryQueries.Found first = store.deliveries().search(search("u1", null), 3);
        assertEquals(List.of(), first.deliveries(), "the first step does not get there");
        assertEquals(ids.get(3), first.examinedDownTo());
        DeliveryQueries.Found second = store.deliveries().search(search("u1", first.examinedDownTo()), 4);
        assertEquals(List.of(ids.get(1)), ids(second));
        assertEquals(null, second.examinedDownTo(), "there are no more");
        assertEquals(
                List.of(),
                store.deliveries().search(search("u1", ids.get(0)), 5).deliveries());
    }

    private static DeliveryQuery search(String text, String before) {
        return new DeliveryQuery("acme", null, null, null, null, null, null, null, text, null, null, before, 10);
    }

    private List<String> searched(String text) {
        return ids(store.deliveries().search(search(text, null), 100));
    }

    private static List<String> ids(DeliveryQueries.Found found) {
        return found.deliveries().stream().map(DeliveryRow::id).toList();
    }

    @Test
    void payloads_are_searched_in_steps_and_statuses_are_counted_among_the_newest() {
        assertEquals(Optional.empty(), store.deliveries().oldestPayload());
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SampleIntake intake = SampleIntake.event("e" + i)
                    .with("{\"order\":" + i % 2 + "}")
                    .to("crm", clock);
            accept(intake);
            ids.add(intake.deliveryId());
            clock.pass(Duration.ofMillis(5));
        }
        assertEquals(Optional.of(START), store.deliveries().oldestPayload());
        get(store.outcomes().record(tryLater(ids.get(4), 1, Duration.ofHours(1))));
        get(store.outcomes().record(delivered(ids.get(3))));
        Predicate<byte[]> one = document -> new String(document, StandardCharsets.UTF_8).contains("\"order\":1");
        DeliveryQueries.Found first = store.deliveries().searchPayloads(search(null, null), one, 3);
        assertEquals(List.of(ids.get(3)), ids(first));
        assertEquals(ids.get(2), first.examinedDownTo());
        DeliveryQueries.Found second = store.deliveries().searchPayloads(search(null, first.examinedDownTo()), one, 3);
        assertEquals(List.of(ids.get(1)), ids(second));
        assertNull(second.examinedDownTo());
        assertEquals(
                List.of(),
                ids(store.deliveries().searchPayloads(lookingFor("call.missed", null, null), one, 9)),
                "other conditions apply too");

        DeliveryQueries.StatusCounts all = store.deliveries().statusCounts(search(null, null), 9);
        assertTrue(all.complete());
        assertEquals(
                Map.of(
                        new DeliveryQueries.StateAndOutcome("waiting", null), 3L,
                        new DeliveryQueries.StateAndOutcome("waiting", "try-later"), 1L,
                        new DeliveryQueries.StateAndOutcome("delivered", "delivered"), 1L),
                all.deliveries());
        assertEquals(
                Map.of(),
                store.deliveries()
                        .statusCounts(lookingFor("call.missed", null, null), 9)
                        .deliveries());
        assertEquals(all, store.deliveries().statusCounts(lookingFor("call.ended", null, null), 9));
        assertEquals(List.of(ids.get(4)), lookedFor(null, Standing.FAILING));
        get(store.outcomes().setState(CRM, WebhookState.State.PAUSED, "by staff", clock.instant()));
        DeliveryQueries.StatusCounts newest = store.deliveries().statusCounts(search(null, null), 2);
        assertFalse(newest.complete());
        assertEquals(
                Map.of(
                        new DeliveryQueries.StateAndOutcome("paused", "try-later"), 1L,
                        new DeliveryQueries.StateAndOutcome("delivered", "delivered"), 1L),
                newest.deliveries());
        assertEquals(List.of(), lookedFor(null, Standing.FAILING));
    }

    @Test
    void event_type_and_status_are_searched_in_steps() {
        SampleIntake missed = SampleIntake.event("e1").ofType("call.missed").to("crm", clock);
        accept(missed);
        clock.pass(Duration.ofMillis(5));
        String waiting = accepted("e2").deliveryId();
        clock.pass(Duration.ofMillis(5));
        SampleIntake paused = SampleIntake.event("e3").to("erp", clock);
        accept(paused);
        get(store.outcomes()
                .setState(Ids.webhook("acme", "erp"), WebhookState.State.PAUSED, "by staff", clock.instant()));
        clock.pass(Duration.ofMillis(5));
        String discarded = accepted("e4").deliveryId();
        get(store.due().discard(CRM, List.of(discarded), "by staff", clock.instant()));
        clock.pass(Duration.ofMillis(5));
        get(store.outcomes().record(delivered(accepted("e5").deliveryId())));
        clock.pass(Duration.ofMillis(5));
        String again = accepted("e6").deliveryId();
        get(store.outcomes().record(delivered(again)));
        get(store.replays().replay("acme", again, null, clock.instant()));

        assertEquals(List.of(missed.deliveryId()), lookedFor("call.missed", null));
        assertEquals(List.of(), lookedFor("call.", null));
        assertEquals(
                List.of(again, waiting, missed.deliveryId()),
                lookedFor(null, Standing.WAITING),
                "one that is sent again waits, whatever became of it before");
        assertEquals(List.of(paused.deliveryId()), lookedFor(null, Standing.PAUSED));
        assertEquals(
                List.of(again, waiting, missed.deliveryId()),
                lookedFor(null, Standing.QUEUED),
                "one that is sent again is queued like a new one");
        assertEquals(1, lookedFor(null, Standing.ENDED).size());
        assertEquals(List.of(discarded), lookedFor(null, Standing.DISCARDED));
        assertEquals(List.of(missed.deliveryId()), lookedFor("call.missed", Standing.WAITING));
        assertEquals(List.of(), lookedFor("call.missed", Standing.DISCARDED));

        DeliveryQueries.Found first = store.deliveries().search(lookingFor("call.missed", null, null), 3);
        assertEquals(List.of(), first.deliveries(), "the first step does not get there");
        assertEquals(discarded, first.examinedDownTo());
        DeliveryQueries.Found second =
                store.deliveries().search(lookingFor("call.missed", null, first.examinedDownTo()), 4);
        assertEquals(List.of(missed.deliveryId()), ids(second));
        assertEquals(null, second.examinedDownTo(), "there are no more");
    }

    private static DeliveryQuery lookingFor(String eventType, Standing standing, String before) {
        return new DeliveryQuery(
                "acme", null, null, eventType, standing, null, null, null, null, null, null, before, 10);
    }

    private List<String> lookedFor(String eventType, Standing standing) {
        DeliveryQuery query = lookingFor(eventType, standing, null);
        List<String> found = ids(store.deliveries().search(query, 100));
        assertEquals(found, listed(query), "looked for in one go");
        return found;
    }

    @Test
    void delivered_ones_are_searched_among_those_of_a_webhook() {
        String first = accepted("e1").deliveryId();
        get(store.outcomes().record(delivered(first)));
        clock.pass(Duration.ofMillis(5));
        String second = accepted("e2").deliveryId();
        DeliveryQuery delivered = SampleQuery.of("acme", "crm", null, "delivered", null, null, null, 10);
        assertEquals(
                new DeliveryQueries.Found(List.of(), second), store.deliveries().search(delivered, 1));
        assertEquals(
                List.of(row(first)), store.deliveries().search(delivered, 3).deliveries());
        assertEquals(null, store.deliveries().search(delivered, 3).examinedDownTo());
    }

    @Test
    void pages_follow_each_other_without_gap_or_overlap_while_more_arrive() {
        Set<String> expected = new HashSet<>();
        IntStream.range(0, 25).forEach(i -> expected.add(accepted("e" + i).deliveryId()));
        List<String> seen = new ArrayList<>();
        String before = null;
        List<String> page;
        int late = 0;
        do {
            page = listed(SampleQuery.of("acme", null, null, null, null, null, before, 10));
            seen.addAll(page);
            before = page.isEmpty() ? null : page.get(page.size() - 1);
            accepted("late" + late++);
        } while (page.size() == 10);
        assertEquals(25, seen.size());
        assertEquals(expected, Set.copyOf(seen));
    }

    private List<String> listed(DeliveryQuery query) {
        return store.deliveries().deliveries(query).stream()
                .map(DeliveryRow::id)
                .toList();
    }

    // --- retention (semantics 26)

    private RetentionStep retain(Duration payload, Duration rest) {
        return retain(payload, rest, 100);
    }

    private RetentionStep retain(Duration payload, Duration rest, int rows) {
        Instant now = clock.instant();
        RetentionLimits limits = SampleLimits.of(
                now, now.minus(payload), now.minus(rest), now.minus(rest), now.minus(Duration.ofDays(90)), rows);
        int payloads = 0;
        int attempts = 0;
        int events = 0;
        int gaveUp = 0;
        for (int steps = 1; ; steps++) {
            RetentionStep step = get(store.retain(limits));
            payloads += step.payloads();
            attempts += step.attempts();
            events += step.events();
            gaveUp += step.gaveUp();
            if (!step.more()) {
                return new RetentionStep(payloads, attempts, events, gaveUp, false);
            }
            assertTrue(steps < 1000, "retention comes to an end");
        }
    }

    @Test
    void payload_attempts_and_identity_expire_counted_from_the_end() {
        SampleIntake intake = accepted("e1");
        clock.pass(Duration.ofDays(6));
        end(intake);
        clock.pass(Duration.ofDays(29));
        assertEquals(new RetentionStep(0, 0, 0, 0, false), retain(Duration.ofDays(30), Duration.ofDays(90)));
        clock.pass(Duration.ofDays(2));
        assertEquals(new RetentionStep(1, 0, 0, 0, false), retain(Duration.ofDays(30), Duration.ofDays(90)));
        assertEquals(1, store.deliveries().attempts("acme", intake.deliveryId()).size());
        assertTrue(accept(SampleIntake.event("e1")).duplicate());
        clock.pass(Duration.ofDays(60));
        assertEquals(new RetentionStep(0, 1, 1, 0, false), retain(Duration.ofDays(30), Duration.ofDays(90)));
        assertEquals(Optional.empty(), store.deliveries().delivery("acme", intake.deliveryId()));
        assertFalse(accept(SampleIntake.event("e1")).duplicate());
    }

    @Test
    void a_request_body_expires_with_the_payload() {
        SampleIntake intake = accepted("e1");
        AttemptRow sent = new AttemptRow(
                1,
                clock.instant(),
                5,
                "gave-up",
                "no",
                null,
                400,
                "{}",
                new byte[] {7},
                null,
                "{\"bytes\":3}",
                new byte[] {1, 2, 3});
        get(store.outcomes()
                .record(new AttemptResult(
                        intake.deliveryId(), CRM, DeliveryState.GAVE_UP, "no", null, sent, null, null)));
        clock.pass(Duration.ofDays(20));
        retain(Duration.ofDays(30), Duration.ofDays(90));
        assertArrayEquals(
                new byte[] {1, 2, 3},
                store.deliveries().attempts("acme", intake.deliveryId()).get(0).requestBody());
        clock.pass(Duration.ofDays(20));
        assertEquals(1, retain(Duration.ofDays(30), Duration.ofDays(90)).payloads());
        AttemptRow left =
                store.deliveries().attempts("acme", intake.deliveryId()).get(0);
        assertNull(left.requestBody());
        assertEquals("{\"bytes\":3}", left.request());
        assertArrayEquals(new byte[] {7}, left.body());
    }

    @Test
    void an_event_without_deliveries_ages_from_its_acceptance() {
        accept(SampleIntake.event("e1"));
        clock.pass(Duration.ofDays(91));
        assertEquals(1, retain(Duration.ofDays(30), Duration.ofDays(90)).payloads());
        assertEquals(1, retain(Duration.ofDays(30), Duration.ofDays(90)).events());
    }

    @Test
    void an_event_with_a_waiting_delivery_is_not_touched_nor_are_the_attempts_of_its_others() {
        SampleIntake intake = SampleIntake.event("e1").to("crm", clock).to("erp", clock);
        accept(intake);
        end(intake);
        clock.pass(Duration.ofDays(80));
        assertEquals(new RetentionStep(0, 0, 0, 0, false), retain(DAY, DAY));
        assertEquals(1, store.deliveries().attempts("acme", intake.deliveryId()).size());
        assertNotNull(Due.of(store.due(), Ids.webhook("acme", "erp"), clock.instant(), 9, Set.of())
                .get(0)
                .event());
    }

    @Test
    void an_event_needed_by_a_pending_delivery_is_kept_until_that_ends() {
        SampleIntake waits =
                SampleIntake.event("e1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        accept(waits);
        accept(SampleIntake.event("e2").about("call/7").with("{\"rec\":1}"));
        clock.pass(Duration.ofDays(80));
        assertEquals(new RetentionStep(0, 0, 0, 0, false), retain(DAY, DAY));
        assertNotNull(due().get(0).laterEvent());
        end(waits);
        clock.pass(Duration.ofDays(2));
        assertEquals(2, retain(DAY, DAY).payloads());
        for (int rounds = 0; rounds < 3; rounds++) {
            retain(DAY, DAY);
        }
        assertFalse(accept(SampleIntake.event("e1")).duplicate());
        assertFalse(accept(SampleIntake.event("e2")).duplicate());
    }

    @Test
    void a_pending_delivery_expires_counted_from_its_last_replay() {
        String old = accepted("e1").deliveryId();
        String replayed = accepted("e2").deliveryId();
        clock.pass(Duration.ofDays(60));
        get(store.replays().replay("acme", replayed, null, clock.instant()));
        clock.pass(Duration.ofDays(31));
        assertEquals(1, retain(Duration.ofDays(365), Duration.ofDays(365)).gaveUp());
        assertEquals(DeliveryState.GAVE_UP, row(old).state());
        assertEquals(clock.instant(), row(old).endedAt());
        assertEquals(List.of(replayed), due().stream().map(DueDelivery::id).toList());
    }

    @Test
    void many_rows_of_one_moment_are_removed_in_small_steps_that_resume() {
        List<Intake> many = IntStream.range(0, 40)
                .mapToObj(i -> SampleIntake.event("e" + i).to(i % 2 == 0 ? "crm" : "erp", clock))
                .map(SampleIntake::intake)
                .toList();
        get(store.events().accept(many));
        many.stream()
                .filter(i -> i.deliveries().get(0).webhook().equals(CRM))
                .forEach(i -> get(
                        store.outcomes().record(delivered(i.deliveries().get(0).id()))));
        clock.pass(Duration.ofDays(50));
        assertEquals(20, retain(DAY, DAY, 7).payloads());
        // the first or the next round removes events that expired during the first
        retain(DAY, DAY, 7);
        retain(DAY, DAY, 7);
        many.forEach(i -> assertEquals(
                i.deliveries().get(0).webhook().equals(CRM)
                        ? List.of()
                        : List.of(i.event().id()),
                store
                        .deliveries()
                        .deliveries(SampleQuery.of("acme", null, i.event().id(), null, null, null, null, 9))
                        .stream()
                        .map(DeliveryRow::eventId)
                        .toList()));
        assertEquals(20, store.waitingCount());
    }

    // --- third parties' records (semantics 20)

    private static final RecordKey SESSION = RecordKey.of("acme", "session", 1, "u", 2);

    private SampleIntake acceptedAbout(String id) {
        clock.pass(Duration.ofSeconds(1));
        return accepted(id);
    }

    private void write(RecordKey record, SampleIntake intake) {
        get(store.outcomes().record(delivered(intake.deliveryId()).withWritten(Set.of(record))));
    }

    @Test
    void an_event_is_superseded_once_a_newer_one_was_delivered_to_the_record() {
        SampleIntake older = accepted("e1");
        SampleIntake newer = acceptedAbout("e2");
        assertEquals(Optional.empty(), store.records().supersededBy(SESSION, older.deliveryId()));

        write(SESSION, newer);

        assertEquals(Optional.of("e2"), store.records().supersededBy(SESSION, older.deliveryId()));
        assertEquals(
                Optional.empty(), store.records().supersededBy(SESSION, newer.deliveryId()), "a replay of the newest");
        assertEquals(Optional.empty(), store.records().supersededBy(RecordKey.of("acme", "other"), older.deliveryId()));
        store.close();
        openStore();
        assertEquals(
                Optional.of("e2"), store.records().supersededBy(SESSION, older.deliveryId()), "it survives a restart");
    }

    @Test
    void of_two_events_of_one_moment_neither_supersedes_the_other() {
        SampleIntake first = accepted("e1");
        SampleIntake second = accepted("e2");

        write(SESSION, second);

        assertEquals(Optional.empty(), store.records().supersededBy(SESSION, first.deliveryId()));
    }

    @Test
    void a_late_delivery_of_an_older_event_does_not_supersede_a_newer_one() {
        SampleIntake older = accepted("e1");
        SampleIntake newer = acceptedAbout("e2");
        SampleIntake together = accepted("e3");

        write(SESSION, newer);
        write(SESSION, older);

        assertEquals(Optional.of("e2"), store.records().supersededBy(SESSION, older.deliveryId()));
        assertEquals(Optional.empty(), store.records().supersededBy(SESSION, together.deliveryId()));
    }

    @Test
    void a_replay_with_a_new_id_is_as_old_as_its_event() {
        SampleIntake older = accepted("e1");
        write(SESSION, acceptedAbout("e2"));
        String again = SampleIntake.newId(clock);

        get(store.replays().replay("acme", older.deliveryId(), again, clock.instant()));

        assertEquals(Optional.of("e2"), store.records().supersededBy(SESSION, again));
    }

    @Test
    void an_undelivered_event_supersedes_nothing() {
        SampleIntake older = accepted("e1");
        SampleIntake newer = acceptedAbout("e2");

        get(store.outcomes().record(tryLater(newer.deliveryId(), 1, Duration.ofSeconds(5))));

        assertEquals(Optional.empty(), store.records().supersededBy(SESSION, older.deliveryId()));
    }

    @Test
    void slots_are_assigned_in_order_kept_and_limited() {
        assertEquals(OptionalInt.of(1), get(store.records().assignSlot(SESSION, "call 1", 3)));
        assertEquals(OptionalInt.of(2), get(store.records().assignSlot(SESSION, "call 2", 3)));
        assertEquals(OptionalInt.of(1), get(store.records().assignSlot(SESSION, "call 1", 3)));
        assertEquals(OptionalInt.of(3), get(store.records().assignSlot(SESSION, "call 3", 3)));
        assertEquals(OptionalInt.empty(), get(store.records().assignSlot(SESSION, "call 4", 3)));
        assertEquals(OptionalInt.of(1), get(store.records().assignSlot(RecordKey.of("acme", "other"), "call 4", 3)));
        RecordKey others = new RecordKey("other", SESSION.hash());
        assertEquals(OptionalInt.of(1), get(store.records().assignSlot(others, "call 2", 3)), "accounts do not mix");

        store.close();
        openStore();

        assertEquals(OptionalInt.of(2), get(store.records().assignSlot(SESSION, "call 2", 3)));
        assertEquals(OptionalInt.empty(), get(store.records().assignSlot(SESSION, "call 4", 3)));
    }

    @Test
    void concurrent_members_get_different_slots() {
        List<CompletionStage<OptionalInt>> places = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            places.add(store.records().assignSlot(SESSION, "call " + i, 3));
        }

        List<Integer> given = places.stream()
                .map(Patience::get)
                .filter(OptionalInt::isPresent)
                .map(OptionalInt::getAsInt)
                .toList();

        assertEquals(List.of(1, 2, 3), given);
    }

    @Test
    void unused_records_and_slots_expire_with_identities() {
        SampleIntake older = accepted("e1");
        write(SESSION, acceptedAbout("e2"));
        get(store.records().assignSlot(SESSION, "call 1", 3));
        get(store.records().assignSlot(SESSION, "call 2", 3));
        clock.pass(DAY.multipliedBy(50));
        get(store.records().assignSlot(SESSION, "call 2", 3));
        clock.pass(DAY.multipliedBy(50));

        retain(DAY, DAY.multipliedBy(90));

        assertEquals(Optional.empty(), store.records().supersededBy(SESSION, older.deliveryId()));
        assertEquals(OptionalInt.of(2), get(store.records().assignSlot(SESSION, "call 2", 3)), "it was used since");
        assertEquals(
                OptionalInt.of(1), get(store.records().assignSlot(SESSION, "call 3", 3)), "the place is free again");
    }

    @Test
    void several_settings_are_kept_and_removed_together() {
        get(store.settings().settings(Map.of("a", Optional.of(new byte[] {1}), "b", Optional.of(new byte[] {2}))));
        get(store.settings()
                .settings(Map.of(
                        "a",
                        Optional.empty(),
                        "b",
                        Optional.of(new byte[] {3}),
                        "never there",
                        Optional.<byte[]>empty())));
        assertEquals(Optional.empty(), store.settings().setting("a"));
        assertTrue(Arrays.equals(new byte[] {3}, store.settings().setting("b").orElseThrow()));
    }

    @Test
    void settings_are_kept_replaced_and_survive_a_restart() {
        assertEquals(Optional.empty(), store.settings().setting("a"));
        get(store.settings().setting("a", new byte[] {1}));
        get(store.settings().setting("a", new byte[] {2, 3}));
        store.close();
        store = open(clock);
        assertTrue(
                Arrays.equals(new byte[] {2, 3}, store.settings().setting("a").orElseThrow()));
    }

    // --- sessions

    private void addSession(String id, Duration life, int most) {
        Instant now = clock.instant();
        store.sessions()
                .add("acme", new SessionStore.PortalSession(id, "sealed-" + id, null, now, now.plus(life)), most);
    }

    private List<String> sessions() {
        return store.sessions().portalSessions("acme").stream()
                .map(SessionStore.PortalSession::id)
                .sorted()
                .toList();
    }

    @Test
    void the_link_of_a_portal_session_is_redeemed_once_and_a_removed_session_is_gone() {
        addSession("a", Duration.ofHours(1), 10);
        SessionStore.PortalSession made = store.sessions().portalSession("a").orElseThrow();
        assertEquals(
                new SessionStore.PortalSession("a", "sealed-a", null, START, START.plus(Duration.ofHours(1))), made);
        clock.pass(Duration.ofMinutes(1));
        assertTrue(store.sessions().redeem("a", clock.instant()));
        assertFalse(store.sessions().redeem("a", clock.instant()));
        clock.pass(Duration.ofMinutes(1));
        store.sessions().use("a", clock.instant());
        SessionStore.PortalSession used = store.sessions().portalSession("a").orElseThrow();
        assertEquals(START.plus(Duration.ofMinutes(1)), used.signedInAt());
        assertEquals(START.plus(Duration.ofMinutes(2)), used.usedAt());
        store.sessions().remove("acme", "a");
        assertTrue(store.sessions().isRevoked("a"));
        assertEquals(Optional.empty(), store.sessions().portalSession("a"));
        assertFalse(store.sessions().redeem("a", clock.instant()));
    }

    @Test
    void expired_and_the_least_recently_used_portal_sessions_are_removed() {
        addSession("a", Duration.ofHours(1), 2);
        clock.pass(Duration.ofMinutes(1));
        addSession("b", Duration.ofHours(3), 2);
        clock.pass(Duration.ofMinutes(1));
        store.sessions().use("a", clock.instant());
        clock.pass(Duration.ofMinutes(1));
        addSession("c", Duration.ofHours(3), 2);
        assertEquals(List.of("a", "c"), sessions());
        assertTrue(store.sessions().isRevoked("b"));
        assertEquals(List.of(), store.sessions().portalSessions("other"));
        clock.pass(Duration.ofHours(2));
        addSession("d", Duration.ofHours(3), 10);
        assertEquals(List.of("c", "d"), sessions());
    }

    @Test
    void an_id_is_revoked_once_and_until_a_day_after_it_expires() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        assertFalse(store.sessions().isRevoked("a"));
        assertTrue(revoke("key", "a", end));
        assertFalse(revoke("key", "a", end));
        assertTrue(store.sessions().isRevoked("a"));
        clock.pass(Duration.ofHours(25));
        revoke("key", "b", end.plus(Duration.ofDays(2)));
        assertTrue(store.sessions().isRevoked("a"), "the clock of another instance may be behind");
        clock.pass(Duration.ofHours(1));
        revoke("key", "c", end.plus(Duration.ofDays(2)));
        assertFalse(store.sessions().isRevoked("a"));
    }

    private boolean revoke(String holder, String id, Instant until) {
        return store.sessions().revoke("acme", holder, id, until);
    }

    @Test
    void revoked_ids_are_read_by_the_time_of_their_revocation() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        revoke("key", "a", end);
        clock.pass(Duration.ofMinutes(1));
        Instant since = clock.instant();
        revoke("key", "b", end);
        assertEquals(Map.of("b", end), store.sessions().revokedSince(since));
        assertEquals(
                Set.of("a", "b"), store.sessions().revokedSince(Instant.EPOCH).keySet());
    }

    @Test
    void a_key_that_revokes_many_ids_displaces_its_own_that_expire_first() {
        Instant end = clock.instant().plus(Duration.ofHours(1));
        revoke("another key", "first", end);
        for (int i = 0; i <= SessionStore.MOST_REVOKED; i++) {
            revoke("key", "id-" + i, end.plusMillis(i));
        }
        assertFalse(store.sessions().isRevoked("id-0"));
        assertTrue(store.sessions().isRevoked("id-1"));
        assertTrue(store.sessions().isRevoked("first"));
    }

    // --- events

    @Test
    void events_are_listed_newest_first_by_id_and_with_their_data_while_it_is_kept() {
        SampleIntake intake = SampleIntake.event("e1").about("call/7").to("crm", clock);
        accept(intake);
        clock.pass(Duration.ofSeconds(1));
        accept(SampleIntake.event("e2"));
        List<EventStore.EventRow> all = store.events().events("acme", null, Long.MAX_VALUE, 10);
        assertEquals(
                List.of("e2", "e1"), all.stream().map(EventStore.EventRow::id).toList());
        EventStore.EventRow first = all.get(1);
        assertEquals("call/7", first.subject());
        assertEquals(START, first.acceptedAt());
        assertEquals(1, first.deliveries());
        assertTrue(first.hasPayload());
        assertEquals(
                List.of(first), store.events().events("acme", null, all.get(0).key(), 10));
        assertEquals(List.of(first), store.events().events("acme", "e1", Long.MAX_VALUE, 10));
        assertEquals(List.of(), store.events().events("other", null, Long.MAX_VALUE, 10));
        assertEquals(Optional.of(first), store.events().row("acme", first.key()));
        assertEquals(first.key(), row(intake.deliveryId()).event());
        assertEquals(Optional.empty(), store.events().row("other", first.key()));
        assertEquals(
                "e1", store.events().event("acme", first.key()).orElseThrow().id());
        assertEquals(Optional.empty(), store.events().event("other", first.key()));
    }

    @Test
    void timing_and_request_are_stored_with_the_attempt() {
        SampleIntake intake = accepted("e1");
        byte[] sent = {0, 1, (byte) 0xff};
        AttemptRow attempt = new AttemptRow(
                1,
                clock.instant(),
                5,
                "delivered",
                "",
                null,
                200,
                null,
                null,
                "{\"connect\":3}",
                "{\"method\":\"POST\"}",
                sent);
        get(store.outcomes()
                .record(new AttemptResult(
                        intake.deliveryId(), CRM, DeliveryState.DELIVERED, "", null, attempt, null, null)));
        assertEquals(
                "{\"connect\":3}",
                store.deliveries().attempts("acme", intake.deliveryId()).get(0).timing());
        assertEquals(
                "{\"method\":\"POST\"}",
                store.deliveries().attempts("acme", intake.deliveryId()).get(0).request());
        assertArrayEquals(
                sent,
                store.deliveries().attempts("acme", intake.deliveryId()).get(0).requestBody());
    }

    @Test
    void a_delivery_is_found_with_its_event_until_that_expires() {
        SampleIntake intake = accepted("e1");
        String id = intake.deliveryId();
        assertEquals(
                "e1",
                store.deliveries().withPayload("acme", id).orElseThrow().event().id());
        assertEquals(Optional.empty(), store.deliveries().withPayload("other", id));
        end(intake);
        assertArrayEquals(
                intake.intake().event().document(),
                store.deliveries().withPayload("acme", id).orElseThrow().event().document());
        clock.pass(Duration.ofDays(50));
        retain(DAY, Duration.ofDays(100));
        assertEquals(Optional.empty(), store.deliveries().withPayload("acme", id), "its payload has expired");
    }

    // --- statistics

    private List<StatsStore.Step> minutes(String account, Instant from, Instant to) {
        return store.stats().steps(account, from, to, Duration.ofMinutes(1));
    }

    @Test
    void steps_of_several_minutes_are_their_sum_and_begin_at_multiples() {
        accepted("e1");
        for (int minute : List.of(1, 3, 1)) {
            clock.pass(Duration.ofMinutes(minute));
            end(accepted("after " + clock.instant()));
        }
        Duration five = Duration.ofMinutes(5);
        List<StatsStore.Step> steps =
                store.stats().steps("acme", START.minus(DAY).plus(Duration.ofMinutes(2)), START.plus(DAY), five);
        assertEquals(4, minutes("acme", START, START.plus(DAY)).size());
        assertEquals(
                List.of(START, START.plus(five)),
                steps.stream().map(StatsStore.Step::at).toList());
        assertEquals(
                List.of(3L, 1L), steps.stream().map(StatsStore.Step::events).toList());
        assertEquals(3, steps.stream().mapToLong(StatsStore.Step::delivered).sum());
        assertEquals(500, steps.get(0).latencies().percentile(0.5));
        assertEquals(
                List.of(3L),
                store
                        .stats()
                        .steps("acme", START.plus(Duration.ofMinutes(1)), START.plus(DAY), Duration.ofDays(1))
                        .stream()
                        .map(StatsStore.Step::events)
                        .toList(),
                "what was before the time that is asked about is left out of the first step");
    }

    @Test
    void minute_statistics_count_events_outcomes_and_latencies() {
        SampleIntake one = accepted("e1");
        accept(SampleIntake.event("e2").skipped("condition failed", "log", clock));
        accept(SampleIntake.event("e1").to("crm", clock));
        get(store.outcomes().record(tryLater(one.deliveryId(), 1, Duration.ofMinutes(1))));
        clock.pass(Duration.ofMinutes(1));
        get(store.outcomes()
                .record(new AttemptResult(
                        one.deliveryId(),
                        CRM,
                        DeliveryState.DELIVERED,
                        "",
                        null,
                        SampleAttempt.of(2, clock.instant(), 4, "delivered", "", null, 200, null, null),
                        null,
                        null)));
        get(store.outcomes().record(delivered(one.deliveryId())));
        List<StatsStore.Step> minutes =
                minutes("acme", START.minus(DAY), clock.instant().plus(DAY));
        assertEquals(
                List.of(START, START.plus(Duration.ofMinutes(1))),
                minutes.stream().map(StatsStore.Step::at).toList());
        StatsStore.Step first = minutes.get(0);
        assertEquals(
                List.of(2L, 0L, 1L, 0L, 1L),
                List.of(first.events(), first.delivered(), first.tryLater(), first.gaveUp(), first.skipped()));
        assertEquals(500, first.latencies().percentile(0.5));
        assertEquals(1, minutes.get(1).delivered(), "an end that is reported again counts once");
        assertEquals(5, minutes.get(1).latencies().percentile(0.99));
        assertEquals(List.of(), minutes("other", START.minus(DAY), START.plus(DAY)));
        assertEquals(
                List.of(first),
                minutes("acme", START, START.plus(Duration.ofMinutes(1))).stream()
                        .map(minute -> minute.at().equals(first.at()) ? first : minute)
                        .toList());
        get(store.stats().removeBefore(START.plus(Duration.ofMinutes(1)), 10));
        assertEquals(1, minutes("acme", START, START.plus(DAY)).size());
    }

    @Test
    void a_refused_batch_is_not_counted() {
        accepted("e1");
        failure(
                IdentityReusedException.class,
                store.events()
                        .accept(List.of(
                                SampleIntake.event("e2").to("crm", clock).intake(),
                                SampleIntake.event("e1")
                                        .with("{\"other\":1}")
                                        .to("crm", clock)
                                        .intake())));
        assertEquals(1, minutes("acme", START, START.plus(DAY)).get(0).events());
    }

    @Test
    void health_has_the_last_outcome_and_troubled_webhooks() {
        SampleIntake one = accepted("e1");
        end(one);
        clock.pass(Duration.ofMillis(5));
        accepted("e2");
        get(store.outcomes().setState(Ids.webhook("acme", "erp"), WebhookState.State.PAUSED, "p", clock.instant()));
        Map<String, StatsStore.Health> health = new java.util.HashMap<>();
        store.stats()
                .health("acme", List.of(CRM, Ids.webhook("acme", "erp"), Ids.webhook("acme", "none")))
                .forEach((webhook, its) -> health.put(webhook.name(), its));
        assertEquals(Set.of("crm", "erp"), health.keySet());
        assertEquals(
                new StatsStore.Health(
                        AttemptWindow.EMPTY,
                        null,
                        null,
                        null,
                        clock.instant(),
                        "delivered",
                        List.of("delivered", "waiting")),
                health.get("crm"));
        assertEquals(
                Map.of(Ids.webhook("acme", "erp"), StatsStore.Trouble.PAUSED),
                store.stats().troubled("acme", 10, all -> true));
        assertEquals(Map.of(), store.stats().health("acme", List.of()));
    }

    @Test
    void troubled_webhooks_are_read_up_to_a_limit_per_kind_most_urgent_first() {
        List<String> paused = IntStream.range(0, 5).mapToObj(i -> "paused" + i).toList();
        for (String name : paused) {
            setState(name, WebhookState.State.PAUSED);
        }
        setState("disabled", WebhookState.State.DISABLED);
        setState("fine", WebhookState.State.ACTIVE);
        gaveUp("degrades");
        for (int i = 0; i < 20; i++) {
            SampleIntake failing = SampleIntake.event("f" + i).to("failing", clock);
            accept(failing);
            AttemptRow attempt = attempt(1, "gave-up", "no");
            get(store.outcomes()
                    .record(new AttemptResult(
                            failing.deliveryId(),
                            Ids.webhook("acme", "failing"),
                            DeliveryState.GAVE_UP,
                            "no",
                            null,
                            attempt,
                            null,
                            null)));
        }
        accept(SampleIntake.event("other").of("globex").to("fine", clock));
        get(store.outcomes().setState(Ids.webhook("globex", "fine"), WebhookState.State.PAUSED, "p", clock.instant()));

        Map<WebhookId, StatsStore.Trouble> troubled = store.stats().troubled("acme", 3, all -> true);
        assertEquals(
                List.of(
                        "failing FAILING",
                        "disabled DISABLED",
                        "crm DEGRADED",
                        "paused0 PAUSED",
                        "paused1 PAUSED",
                        "paused2 PAUSED"),
                troubled.entrySet().stream()
                        .map(each -> each.getKey().name() + " " + each.getValue())
                        .toList());
        assertEquals(8, store.stats().troubled("acme", 10, all -> true).size());
        assertEquals(
                List.of("failing", "disabled", "crm", "paused4"),
                store
                        .stats()
                        .troubled("acme", 1, webhook -> !paused.subList(0, 4).contains(webhook.name()))
                        .keySet()
                        .stream()
                        .map(WebhookId::name)
                        .toList(),
                "those that are deleted take no room");
    }

    private void setState(String webhook, WebhookState.State state) {
        get(store.outcomes().setState(Ids.webhook("acme", webhook), state, "p", clock.instant()));
    }

    // --- webhook activity

    @Test
    void the_newest_deliveries_and_attempts_of_a_webhook_are_read_up_to_a_limit() {
        String retried = accepted("e1").deliveryId();
        get(store.outcomes().record(tryLater(retried, 1, Duration.ofHours(1))));
        clock.pass(Duration.ofMinutes(1));
        SampleIntake arrives = SampleIntake.event("e2").ofType("call.missed").to("crm", clock);
        accept(arrives);
        clock.pass(Duration.ofSeconds(5));
        end(arrives);
        clock.pass(Duration.ofMinutes(1));
        String unsent = accepted("e3").deliveryId();
        get(store.outcomes()
                .record(new AttemptResult(
                        unsent, CRM, DeliveryState.WAITING, "no token", clock.instant(), null, null, null)));
        accept(SampleIntake.event("e4").to("erp", clock));

        Instant second = START.plusSeconds(60);
        List<WebhookActivity.Recent> all = List.of(
                new WebhookActivity.Recent(
                        "call.ended", DeliveryState.WAITING, null, "no token", START.plusSeconds(125), null, true),
                new WebhookActivity.Recent(
                        "call.missed", DeliveryState.DELIVERED, "delivered", "", second, second.plusSeconds(5), false),
                new WebhookActivity.Recent(
                        "call.ended", DeliveryState.WAITING, "try-later", "answered 500", START, null, false));
        assertEquals(all, store.activity().deliveries(CRM, 10));
        assertEquals(all.subList(0, 2), store.activity().deliveries(CRM, 2));
        assertEquals(List.of(), store.activity().deliveries(Ids.webhook("acme", "none"), 2));

        WebhookActivity.RecentAttempt newer =
                new WebhookActivity.RecentAttempt(second.plusSeconds(5), 412, "delivered", 500, "");
        WebhookActivity.RecentAttempt older =
                new WebhookActivity.RecentAttempt(START, 412, "try-later", 500, "answered 500");
        assertEquals(List.of(newer, older), store.activity().attempts(CRM, 10, START.minus(DAY), 10));
        assertEquals(List.of(newer), store.activity().attempts(CRM, 10, START.minus(DAY), 1));
        assertEquals(List.of(newer), store.activity().attempts(CRM, 2, START.minus(DAY), 10));
        assertEquals(List.of(newer), store.activity().attempts(CRM, 10, second, 10));
    }

    @Test
    void failures_have_their_kind_and_endpoint_and_the_filter_of_a_kind_finds_the_same_ones() {
        gaveUp("before");
        clock.pass(Duration.ofHours(2));
        Instant from = clock.instant();
        failed("status", 404, "The receiver answered 404 Not Found", "https://crm.example.com/c/17?key=…");
        failed("timeout", null, "The endpoint did not answer within 10 s; that was the last of 2 attempts", null);
        failed("refused", null, "The endpoint Refused The Connection", "http://crm.example.com/c/18");
        failed("broken", null, "the connection broke", null);
        failed("old", 503, "No token for OAuth client 'crm': down, and the age limit is 1h", null);
        String retried = accepted("retried").deliveryId();
        get(store.outcomes().record(tryLater(retried, 1, Duration.ofHours(1))));
        String unsent = accepted("unsent").deliveryId();
        get(store.outcomes()
                .record(new AttemptResult(
                        unsent,
                        CRM,
                        DeliveryState.WAITING,
                        "No token for OAuth client 'crm': it answered 401 invalid_client",
                        clock.instant(),
                        null,
                        null,
                        null)));
        end(accepted("delivered"));

        WebhookActivity.Failures found = store.activity().failures("acme", List.of(CRM), from, 100);
        assertTrue(found.complete());
        Map<ResponseKind, List<String>> byKind = new TreeMap<>();
        found.deliveries().forEach(each -> byKind.computeIfAbsent(each.kind(), kind -> new ArrayList<>())
                .add(row(each.id()).eventId() + " " + each.status() + " " + each.retrying() + " " + each.endpoint()));
        byKind.values().forEach(Collections::sort);
        assertEquals(
                Map.of(
                        ResponseKind.STATUS, List.of("retried 500 true null", "status 404 false crm.example.com/c/17"),
                        ResponseKind.TIMEOUT, List.of("timeout null false null"),
                        ResponseKind.CONNECTION_REFUSED, List.of("refused null false crm.example.com/c/18"),
                        ResponseKind.NO_RESPONSE, List.of("broken null false null"),
                        ResponseKind.NOT_SENT, List.of("old null false null"),
                        ResponseKind.CREDENTIAL_REFUSED, List.of("unsent null true null")),
                byKind);
        byKind.forEach((kind, failures) -> {
            DeliveryQuery query = new DeliveryQuery(
                    "acme",
                    null,
                    null,
                    null,
                    DeliveryQuery.Standing.UNDELIVERED,
                    null,
                    from,
                    null,
                    null,
                    false,
                    new DeliveryQuery.Response(null, kind),
                    null,
                    10);
            assertEquals(
                    failures.size(),
                    store.deliveries().search(query, 100).deliveries().size(),
                    kind.text());
            assertEquals(
                    query.fault(), DeliveryQuery.ofJson("acme", query.toJson()).fault());
        });

        Instant later = from.plus(Duration.ofHours(1));
        assertEquals(
                List.of(),
                store.activity().failures("acme", List.of(CRM), later, 100).deliveries());
        assertFalse(store.activity().failures("acme", List.of(), from, 5).complete());
        assertEquals(
                List.of(),
                store.activity().failures("other", List.of(), from, 5).deliveries());
    }

    private void failed(String event, Integer status, String reason, String url) {
        AttemptRow attempt = new AttemptRow(
                1,
                clock.instant(),
                5,
                "gave-up",
                reason,
                null,
                status,
                null,
                null,
                null,
                url == null ? null : "{\"method\":\"POST\",\"url\":\"" + url + "\",\"headers\":{}}",
                null);
        get(store.outcomes()
                .record(new AttemptResult(
                        accepted(event).deliveryId(), CRM, DeliveryState.GAVE_UP, reason, null, attempt, null, null)));
    }

    @Test
    void acceptance_times_of_recent_deliveries_are_derived_from_ids() {
        accepted("before");
        clock.pass(Duration.ofHours(3));
        Instant from = clock.instant();
        gaveUp("e1");
        String retried = accepted("e2").deliveryId();
        get(store.outcomes().record(tryLater(retried, 1, Duration.ofHours(1))));
        String canceled = accepted("e5").deliveryId();
        get(store.outcomes().record(tryLater(canceled, 1, Duration.ofHours(1))));
        get(store.due().discard(CRM, List.of(canceled), "by staff", clock.instant()));
        clock.pass(Duration.ofHours(2));
        end(accepted("e3"));
        accept(SampleIntake.event("e4").to("erp", clock));

        Map<WebhookId, WebhookActivity.Since> since =
                store.activity().since(List.of(CRM, Ids.webhook("acme", "erp")), from, 10);
        WebhookActivity.Since crm = since.get(CRM);
        assertEquals(
                List.of(4, 1, 1),
                List.of(crm.all().size(), crm.failed().size(), crm.retrying().size()));
        Duration off = Duration.between(crm.failed().get(0), from);
        assertTrue(!off.isNegative() && off.compareTo(Duration.ofMinutes(18)) < 0, off.toString());
        assertEquals(
                1,
                crm.all().stream()
                        .filter(time -> time.isAfter(from.plus(Duration.ofMinutes(90))))
                        .count());
        assertEquals(1, since.get(Ids.webhook("acme", "erp")).all().size());
        assertEquals(
                2, store.activity().since(List.of(CRM), from, 2).get(CRM).all().size());
        assertEquals(Map.of(), store.activity().since(List.of(), from, 2));
    }

    // --- manual actions on pending deliveries

    @Test
    void a_waiting_delivery_is_discarded_once_and_can_be_replayed() {
        SampleIntake one = accepted("e1");
        SampleIntake ended = accepted("e2");
        end(ended);
        List<String> both = List.of(one.deliveryId(), ended.deliveryId());
        assertEquals(1, get(store.due().discard(CRM, both, "not wanted", clock.instant())));
        assertEquals(0, get(store.due().discard(CRM, both, "not wanted", clock.instant())));
        DeliveryRow row = row(one.deliveryId());
        assertEquals(DeliveryState.DISCARDED, row.state());
        assertEquals("not wanted", row.reason());
        assertNull(row.dueAt());
        assertEquals(START, row.endedAt());
        assertEquals(List.of(), due());
        assertEquals(0, store.waitingCount());
        get(store.outcomes().record(delivered(one.deliveryId())));
        assertEquals(DeliveryState.DISCARDED, row(one.deliveryId()).state(), "a try that ends later changes nothing");
        get(store.replays().replay("acme", one.deliveryId(), null, clock.instant()));
        assertEquals(1, due().size());
    }

    @Test
    void pending_deliveries_are_listed_in_due_order_and_made_due() {
        SampleIntake one = accepted("e1");
        get(store.outcomes().record(tryLater(one.deliveryId(), 1, Duration.ofHours(2))));
        SampleIntake two = accepted("e2");
        get(store.outcomes().record(tryLater(two.deliveryId(), 1, Duration.ofHours(1))));
        List<DueStore.Waiting> all = store.due().pending(CRM, DueStore.Waiting.FIRST, 10);
        assertEquals(
                List.of(two.deliveryId(), one.deliveryId()),
                all.stream().map(DueStore.Waiting::id).toList());
        assertEquals(all.subList(1, 2), store.due().pending(CRM, all.get(0), 10));
        assertEquals(List.of(), due());
        List<String> ids = all.stream().map(DueStore.Waiting::id).toList();
        assertEquals(2, get(store.due().makeDue(CRM, ids, clock.instant(), false)));
        assertEquals(0, get(store.due().makeDue(CRM, ids, clock.instant(), true)));
        assertEquals(2, due().size());
    }

    /** Semantics 13. */
    @Test
    void a_manual_retry_ends_a_hold_and_making_all_due_keeps_it() {
        String id = accepted("e1").deliveryId();
        Instant until = START.plus(Duration.ofHours(20));
        hold(id, until);
        assertEquals(1, get(store.due().makeDue(CRM, List.of(id), clock.instant(), false)));
        assertEquals(until, state(CRM).holdUntil());
        get(store.due().makeDue(CRM, List.of(id), clock.instant(), true));
        assertNull(state(CRM).holdUntil());
    }

    @Test
    void a_test_is_a_delivery_with_a_separate_event_and_in_no_statistics() {
        SampleIntake taken = SampleIntake.event("e1").to("crm", clock);
        TestedDelivery test = tested(taken, null);
        get(store.outcomes().recordTest(test));
        accept(taken);
        TestedDelivery again = tested(taken, row(taken.deliveryId()).event());
        get(store.outcomes().recordTest(again));
        DeliveryRow row = row(test.id());
        assertEquals(DeliveryRow.Kind.TEST, row.kind());
        assertEquals(DeliveryState.GAVE_UP, row.state());
        assertEquals(503, row.status());
        assertEquals(41L, row.ms());
        assertEquals("e1", row.eventId());
        assertEquals(1, store.deliveries().attempts("acme", test.id()).size());
        assertEquals(row(taken.deliveryId()).event(), row(again.id()).event());
        assertEquals(1, store.waitingCount());
        assertEquals(List.of(again.id(), test.id()), ofTests(true));
        assertEquals(List.of(taken.deliveryId()), ofTests(false));
        assertEquals(
                Map.of(CRM, Map.of(DeliveryState.WAITING, 1L)), store.backlogs().countsByState("acme"));
        assertEquals(
                List.of("waiting"),
                store.stats().health("acme", List.of(CRM)).get(CRM).lastDeliveries());
        assertEquals(List.of(), found("crm", null, "gave-up", null, null), "no replay takes it");
        assertEquals(1, store.activity().deliveries(CRM, 10).size());
        WebhookActivity.Since since =
                store.activity().since(List.of(CRM), START.minus(DAY), 100).get(CRM);
        assertEquals(List.of(1, 0), List.of(since.all().size(), since.failed().size()));
    }

    @Test
    void deliveries_of_a_sample_are_due_as_tests_that_count_nowhere() {
        SampleIntake sent = SampleIntake.event("e1").to("crm", clock).skipped("condition failed: x", "erp", clock);
        Event sample = sent.intake().event().asTest(SampleIntake.newId(clock));
        get(store.events().accept(List.of(Intake.of(sample, sent.deliveries()))));
        store.close();
        store = open(clock);
        DueDelivery due = due().get(0);
        assertTrue(due.event().isTest(), due.event().source());
        AttemptResult failed = new AttemptResult(
                due.id(),
                CRM,
                DeliveryState.GAVE_UP,
                "the endpoint answered 503",
                null,
                SampleAttempt.of(1, clock.instant(), 41, "gave-up", "no", null, 503, null, null),
                null,
                null);
        get(store.outcomes().record(failed.withHealth(AttemptResult.Health.TEST)));
        for (NewDelivery delivery : sent.deliveries()) {
            assertEquals(DeliveryRow.Kind.TEST, row(delivery.id()).kind());
        }
        assertEquals(2, ofTests(true).size());
        assertEquals(List.of(), ofTests(false));
        assertEquals(List.of(), minutes("acme", START, START.plus(DAY)));
        assertEquals(Map.of(), store.backlogs().countsByState("acme"));
        StatsStore.Health health = store.stats().health("acme", List.of(CRM)).get(CRM);
        assertEquals(List.of(), health.lastDeliveries());
        assertEquals(0, health.recent().failuresInARow());
        assertEquals(List.of(), store.activity().deliveries(CRM, 10));
        assertEquals(List.of(), found("crm", null, "gave-up", null, null), "no replay takes it");
    }

    private TestedDelivery tested(SampleIntake intake, Long event) {
        clock.pass(Duration.ofMillis(5));
        return new TestedDelivery(
                SampleIntake.newId(clock),
                CRM,
                intake.intake().event(),
                event,
                DeliveryState.GAVE_UP,
                "the endpoint answered 503",
                SampleAttempt.of(1, clock.instant(), 41, "gave-up", "no", null, 503, null, null),
                clock.instant());
    }

    private List<String> ofTests(boolean test) {
        DeliveryQuery query =
                new DeliveryQuery("acme", null, null, null, null, null, null, null, null, test, null, null, 10);
        return ids(store.deliveries().search(query, 100));
    }

    @Test
    void an_edited_event_is_due_for_the_webhook_of_its_origin_alone() {
        SampleIntake origin = accepted("e1");
        end(origin);
        Event edited = SampleIntake.event("e2").to("crm", clock).intake().event();
        String id = SampleIntake.newId(clock);
        assertEquals(
                ReplayJobs.Replayed.DUE,
                get(store.replays().resend("acme", origin.deliveryId(), id, edited, clock.instant())));
        assertEquals(
                ReplayJobs.Replayed.NOT_FOUND,
                get(store.replays().resend("other", origin.deliveryId(), "x", edited, clock.instant())));
        DeliveryRow row = row(id);
        assertEquals(DeliveryRow.Kind.EDITED, row.kind());
        assertEquals(origin.deliveryId(), row.replayOf());
        assertEquals("e2", row.eventId());
        assertEquals(1, store.waitingCount());
        assertEquals(List.of(id), due().stream().map(DueDelivery::id).toList());
    }

    // --- backfill (semantics 45)

    private static final WebhookId LATE = Ids.webhook("acme", "late");

    private List<EventStore.Examined> examined(WebhookId webhook) {
        return store.events().examine(webhook, 0, 100);
    }

    private List<Boolean> missing(WebhookId webhook) {
        return examined(webhook).stream().map(EventStore.Examined::isMissing).toList();
    }

    private long key(String event) {
        return store.events().events("acme", event, Long.MAX_VALUE, 1).get(0).key();
    }

    private Intake further(String event, SampleIntake delivery) {
        long key = key(event);
        Event stored = store.events().event("acme", key).orElseThrow();
        return Intake.ofStored(key, stored, delivery.deliveries().get(0));
    }

    private Intake further(String event) {
        return further(event, SampleIntake.event(event).to(LATE, clock));
    }

    @Test
    void events_without_a_delivery_for_a_webhook_are_missing_in_the_order_of_acceptance() {
        accept(SampleIntake.event("unmatched"));
        clock.pass(Duration.ofSeconds(1));
        accepted("theirs");
        accept(SampleIntake.event("both").to("crm", clock).to(LATE, clock));
        accept(SampleIntake.event("elsewhere").of("other"));
        accept(SampleIntake.event("missed").ofType("call.missed"));
        assertEquals(List.of(true, true, false, true), missing(LATE));
        assertEquals(List.of(true, false, false, true), missing(CRM));
        long first = key("unmatched");
        assertEquals(
                new EventStore.Examined(first, SampleIntake.SOURCE, "call.ended", START, true, true),
                examined(LATE).get(0));
        assertEquals(
                "call.missed", store.events().examine(LATE, first, 3).get(2).type());
        assertEquals(first - 1, store.events().before(START));
        assertEquals(key("theirs") - 1, store.events().before(START.plusMillis(1)));
        assertTrue(store.events().before(START.plus(DAY)) >= key("missed"));
        assertEquals(
                List.of("unmatched", "missed"),
                store.events().events("acme", List.of(key("missed"), first)).values().stream()
                        .map(Event::id)
                        .toList());
    }

    @Test
    void tests_edited_events_and_erased_ones_are_not_missing() {
        SampleIntake origin = SampleIntake.event("e1").about("call/1").to("crm", clock);
        accept(origin);
        end(origin);
        Event edited = SampleIntake.event("e2").intake().event();
        get(store.replays().resend("acme", origin.deliveryId(), SampleIntake.newId(clock), edited, clock.instant()));
        Event test = SampleIntake.event("e3").intake().event().asTest(SampleIntake.newId(clock));
        get(store.events().accept(List.of(Intake.of(test, List.of()))));
        assertEquals(List.of(true, false, false), missing(LATE));
        erased("subject", "call/1");
        assertEquals(List.of(false, false, false), missing(LATE));
    }

    @Test
    void a_stored_event_gets_a_further_delivery_once() {
        end(accepted("e1"));
        Intake further = further("e1");
        assertEquals(
                new Accepted("e1", 1, false, Set.of()),
                get(store.events().accept(List.of(further))).get(0));
        assertTrue(get(store.events().accept(List.of(further("e1")))).get(0).duplicate());
        List<DueDelivery> due = Due.of(store.due(), LATE, clock.instant(), 100, Set.of());
        assertEquals(
                List.of(further.deliveries().get(0).id()),
                due.stream().map(DueDelivery::id).toList());
        assertEquals(1, store.waitingCount());
        assertEquals(2, store.events().row("acme", key("e1")).orElseThrow().deliveries());
    }

    @Test
    void an_event_without_payload_gets_no_further_delivery() {
        accept(SampleIntake.event("e1"));
        Intake further = further("e1");
        clock.pass(Duration.ofDays(31));
        assertEquals(1, retain(Duration.ofDays(30), Duration.ofDays(90)).payloads());
        EventStore.Examined expired = examined(LATE).get(0);
        assertTrue(expired.isMissing() && !expired.hasPayload());
        assertTrue(get(store.events().accept(List.of(further))).get(0).duplicate());
        assertEquals(0, store.waitingCount());
        assertEquals(expired.key() - 1, store.events().before(START));
    }

    @Test
    void further_deliveries_keep_the_order_of_their_fifo_key() {
        List<Intake> further = new ArrayList<>();
        for (String id : List.of("e1", "e2", "e3")) {
            accept(SampleIntake.event(id));
            further.add(further(id, SampleIntake.event(id).inOrder("key", "late", clock)));
        }
        List<Accepted> made = get(store.events().accept(further));
        assertEquals(
                List.of(0, 1, 1),
                made.stream().map(each -> each.blocked().size()).toList());
        assertEquals(2, store.due().blockedCount(LATE, 10));
        assertEquals(1, store.due().blockedCount(LATE, 1));
        assertEquals(0, store.due().blockedCount(CRM, 10));
    }

    @Test
    void a_backfill_is_stored_with_its_position() {
        ReplayJob job = ReplayJob.backfill("J1", LATE, START, null, 50, "staff", START, 3);
        get(store.replays().start(job, entry("started", "J1")));
        assertEquals(Optional.of(job), store.replays().job("acme", "J1"));
        assertTrue(get(store.replays().advance(job, "7", 2, 1, false, START)));
        assertFalse(get(store.replays().advance(job, "8", 2, 0, false, START)));
        ReplayJob running = store.replays().running().get(0);
        assertTrue(running.isBackfill());
        assertEquals(List.of(2L, 1L), List.of(running.replayed(), running.leftOut()));
        assertTrue(get(store.replays().advance(running, "9", 0, 0, true, START)));
        assertEquals(
                ReplayJob.State.DONE,
                store.replays().job("acme", "J1").orElseThrow().state());
    }

    // --- replay jobs

    private static final String LAST_ID = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";

    private AuditEntry entry(String action, String name) {
        return new AuditEntry("acme", clock.instant(), STAFF, action, "thing", name, null);
    }

    private ReplayJob started(String id, DeliveryQuery filter) {
        ReplayJob job = ReplayJob.starting(id, filter, false, 50, "staff", clock.instant(), LAST_ID, 2);
        get(store.replays().start(job, entry("started", id)));
        return store.replays().job("acme", id).orElseThrow();
    }

    @Test
    void a_job_is_stored_for_its_account() {
        DeliveryQuery filter = SampleQuery.replay("acme", "crm", "call.ended", "gave-up", START, START.plus(DAY));
        ReplayJob job = ReplayJob.starting("J1", filter, true, 7, "staff", START, LAST_ID, 2);
        get(store.replays().start(job, entry("started", "J1")));
        ReplayJob later = started("J2", SampleQuery.replay("acme", null, null, null, null, null));
        assertEquals(Optional.of(job), store.replays().job("acme", "J1"));
        assertEquals(Optional.empty(), store.replays().job("other", "J1"));
        assertEquals(List.of(later, job), store.replays().jobs("acme", null, 10));
        assertEquals(List.of(job), store.replays().jobs("acme", "J2", 10));
        assertEquals(List.of(job, later), store.replays().running());
        assertFalse(get(store.replays().cancel("other", "J1", clock.instant(), entry("canceled", "J1"))));
        assertTrue(get(store.replays().cancel("acme", "J1", clock.instant(), entry("canceled", "J1"))));
        assertFalse(get(store.replays().cancel("acme", "J1", clock.instant(), entry("canceled", "J1"))));
        assertEquals(List.of(later), store.replays().running());
        assertEquals(
                List.of("canceled", "started", "started"),
                store.definitions().entries("acme", Long.MAX_VALUE, 10).stream()
                        .map(AuditEntry::action)
                        .toList());
        assertEquals(1, get(store.replays().removeBefore(clock.instant().plus(DAY), 10)));
        assertEquals(List.of(later), store.replays().jobs("acme", null, 10));
    }

    @Test
    void a_step_makes_ended_deliveries_due_once_per_position() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clock.pass(Duration.ofMillis(1));
            SampleIntake intake = accepted("e" + i);
            ids.add(intake.deliveryId());
            if (i != 1) {
                end(intake);
            }
        }
        ReplayJob job = started("J1", SampleQuery.replay("acme", "crm", null, null, null, null));
        ReplayJobs.Found found = store.replays().find(job.filter(), null, LAST_ID, 2, 10);
        assertEquals(
                List.of(new ReplayJobs.Match(ids.get(0), CRM, true), new ReplayJobs.Match(ids.get(1), CRM, false)),
                found.deliveries());
        assertEquals(ids.get(1), found.position());
        assertFalse(found.end());
        List<ReplayJobs.ReplayItem> again = ids.subList(0, 2).stream()
                .map(id -> new ReplayJobs.ReplayItem(id, null))
                .toList();
        assertEquals(1, get(store.replays().step(job, again, found.position(), 0, false, clock.instant())));
        assertEquals(
                -1,
                get(store.replays().step(job, again, found.position(), 0, false, clock.instant())),
                "a person has gone on with it");
        assertEquals(2, store.waitingCount());
        ReplayJob next = store.replays().job("acme", "J1").orElseThrow();
        assertEquals(List.of(1L, 1L), List.of(next.replayed(), next.leftOut()));
        ReplayJobs.Found rest = store.replays().find(job.filter(), next.position(), LAST_ID, 2, 10);
        assertTrue(rest.end());
        String newId = SampleIntake.newId(clock);
        List<ReplayJobs.ReplayItem> last = List.of(new ReplayJobs.ReplayItem(ids.get(2), newId));
        assertEquals(1, get(store.replays().step(next, last, rest.position(), 0, true, clock.instant())));
        assertEquals(ids.get(2), row(newId).replayOf());
        ReplayJob done = store.replays().job("acme", "J1").orElseThrow();
        assertEquals(ReplayJob.State.DONE, done.state());
        assertEquals(-1, get(store.replays().step(done, last, rest.position(), 0, true, clock.instant())));
    }

    @Test
    void replays_find_by_outcome_type_and_time_up_to_a_limit() {
        SampleIntake ended = accepted("e1");
        end(ended);
        clock.pass(Duration.ofHours(1));
        SampleIntake failed = accepted("e2");
        get(store.outcomes()
                .record(new AttemptResult(
                        failed.deliveryId(), CRM, DeliveryState.GAVE_UP, "no", null, null, null, null)));
        assertEquals(List.of(failed.deliveryId()), found(null, null, "gave-up", null, null));
        assertEquals(List.of(failed.deliveryId()), found("crm", null, "gave-up", null, null));
        assertEquals(List.of(ended.deliveryId()), found(null, null, "delivered", null, null));
        assertEquals(List.of(), found(null, "other.type", null, null, null));
        assertEquals(List.of(failed.deliveryId()), found(null, null, null, clock.instant(), null));
        assertEquals(List.of(ended.deliveryId()), found(null, null, null, START, clock.instant()));
        assertEquals(List.of(), found("erp", null, null, null, null));
        DeliveryQuery all = SampleQuery.replay("acme", "crm", null, null, null, null);
        ReplayJobs.Found one = store.replays().find(all, null, LAST_ID, 10, 1);
        assertEquals(1, one.deliveries().size());
        assertEquals(ended.deliveryId(), one.position());
        assertFalse(one.end());
    }

    private List<String> found(String webhook, String type, String outcome, Instant from, Instant to) {
        return store
                .replays()
                .find(SampleQuery.replay("acme", webhook, type, outcome, from, to), null, LAST_ID, 100, 100)
                .deliveries()
                .stream()
                .map(ReplayJobs.Match::id)
                .toList();
    }

    // --- definitions

    private static final ResourceName HOOK = new ResourceName("acme", "webhook", "crm");

    private DefinitionRow definition(ResourceName id, String version) {
        return new DefinitionRow(
                id.name(), id, ManagedBy.API, version, version.getBytes(StandardCharsets.UTF_8), clock.instant());
    }

    private List<String> versions() {
        return definitions().stream().map(DefinitionRow::version).toList();
    }

    private boolean change(DefinitionStore.Change... changes) {
        return get(store.definitions().change(List.of(changes), List.of(entry("changed", "crm"))));
    }

    @Test
    void definitions_are_changed_all_or_none_if_their_versions_match() {
        assertTrue(change(DefinitionStore.Change.create(definition(HOOK, "1"))));
        assertFalse(change(DefinitionStore.Change.create(definition(HOOK, "2"))), "it is there");
        assertTrue(change(DefinitionStore.Change.update(HOOK, "1", definition(HOOK, "2"))));
        ResourceName other = new ResourceName("acme", "webhook", "erp");
        assertFalse(change(
                DefinitionStore.Change.create(definition(other, "3")), DefinitionStore.Change.remove(HOOK, "1")));
        assertEquals(List.of("2"), versions(), "none of it");
        assertEquals(2, store.definitions().entries("acme", Long.MAX_VALUE, 10).size(), "nor that it was tried");
        DefinitionRow kept = definitions().get(0);
        assertEquals(HOOK, kept.name());
        assertArrayEquals(new byte[] {'2'}, kept.sealed());
        assertEquals(START, kept.changedAt());
        assertTrue(change(DefinitionStore.Change.remove(HOOK, "2")));
        assertFalse(change(DefinitionStore.Change.remove(HOOK, "2")), "it is gone");
        assertFalse(change(DefinitionStore.Change.update(HOOK, "2", definition(HOOK, "4"))));
        assertEquals(List.of(), versions());
        assertTrue(change(DefinitionStore.Change.create(definition(HOOK, "5"))), "the name is free again");
        store.close();
        store = open(clock);
        assertEquals(List.of("5"), versions());
    }

    @Test
    void an_open_store_is_writable_and_a_closed_one_says_that_it_is_closed() {
        store.checkWritable();
        store.close();
        StoreException closed = failure(
                StoreException.class,
                store.events().accept(List.of(SampleIntake.event("e1").intake())));
        assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
    }

    @Test
    void closing_completes_what_was_submitted_before() {
        List<CompletionStage<List<Accepted>>> answers = IntStream.range(0, 500)
                .mapToObj(i -> store.events()
                        .accept(List.of(
                                SampleIntake.event("e" + i).to("crm", clock).intake())))
                .toList();
        store.close();
        answers.forEach(answer -> assertFalse(get(answer).get(0).duplicate()));
        store = open(clock);
        assertEquals(500, store.waitingCount());
    }

    // --- definitions and the audit log

    private static final ResourceName MADE = new ResourceName("acme", "webhook", "made");

    private DefinitionRow made(String version) {
        return new DefinitionRow(
                MADE.name(), MADE, ManagedBy.API, version, version.getBytes(StandardCharsets.UTF_8), clock.instant());
    }

    private AuditEntry entry(String action) {
        return new AuditEntry("acme", clock.instant(), STAFF, action, "webhook", "made", null);
    }

    private boolean change(String action, DefinitionStore.Change... changes) {
        return get(store.definitions().change(List.of(changes), List.of(entry(action))));
    }

    @Test
    void a_definition_changes_only_with_its_current_version_and_survives_a_restart() {
        assertTrue(change("created", DefinitionStore.Change.create(made("1"))));
        assertFalse(change("created again", DefinitionStore.Change.create(made("2"))));
        assertFalse(change("updated", DefinitionStore.Change.update(MADE, "0", made("2"))));
        assertTrue(change("updated", DefinitionStore.Change.update(MADE, "1", made("2"))));
        store.close();
        store = open(clock);
        DefinitionRow kept = definitions().get(0);
        assertEquals("2", kept.version());
        assertArrayEquals(made("2").sealed(), kept.sealed());
        assertFalse(change("removed", DefinitionStore.Change.remove(MADE, "1")));
        assertTrue(change("removed", DefinitionStore.Change.remove(MADE, "2")));
        assertEquals(List.of(), definitions());
        assertEquals(
                List.of("removed", "updated", "created"),
                store.definitions().entries("acme", Long.MAX_VALUE, 10).stream()
                        .map(AuditEntry::action)
                        .toList());
    }

    private List<DefinitionRow> definitions() {
        return store.definitions().since(0).changes().stream()
                .flatMap(change -> change.row().stream())
                .toList();
    }

    /** Semantics 24: two instances that apply files do not mix them. */
    @Test
    void definitions_change_only_with_the_expected_setting() {
        DefinitionRow first = defined("wh_1", "first", "1");
        Optional<DefinitionStore.Setting> setting =
                Optional.of(new DefinitionStore.Setting("files", Optional.empty(), new byte[] {1}));
        assertTrue(get(store.definitions().change(List.of(DefinitionStore.Change.create(first)), List.of(), setting)));
        long revision = store.definitions().since(0).revision();
        assertFalse(get(store.definitions()
                .change(List.of(DefinitionStore.Change.create(defined("wh_2", "second", "1"))), List.of(), setting)));
        assertEquals(
                List.of("wh_1"), definitions().stream().map(DefinitionRow::id).toList());
        assertTrue(get(store.definitions()
                .change(
                        List.of(),
                        List.of(),
                        Optional.of(
                                new DefinitionStore.Setting("files", Optional.of(new byte[] {1}), new byte[] {2})))));
        assertArrayEquals(new byte[] {2}, store.settings().setting("files").orElseThrow());
        assertTrue(store.definitions().since(revision).revision() > revision, "other instances read it");
    }

    @Test
    void of_several_changes_all_are_written_or_none() {
        DefinitionRow other = new DefinitionRow(
                "other",
                new ResourceName("acme", "webhook", "other"),
                ManagedBy.API,
                "1",
                new byte[] {1},
                clock.instant());
        assertFalse(change(
                "both", DefinitionStore.Change.create(other), DefinitionStore.Change.update(MADE, "0", made("1"))));
        assertEquals(List.of(), definitions());
        assertEquals(List.of(), store.definitions().entries("acme", Long.MAX_VALUE, 10));
        accepted("still-works");
    }

    @Test
    void definitions_and_settings_are_resealed_and_removed_together() {
        change("created", DefinitionStore.Change.create(made("1")));
        addSession("a", Duration.ofHours(1), 10);
        get(store.definitions().reseal(old -> new byte[] {7}, Map.of("a", Optional.of(new byte[] {8}))));
        assertArrayEquals(new byte[] {7}, definitions().get(0).sealed());
        assertArrayEquals(new byte[] {8}, store.settings().setting("a").orElseThrow());
        assertEquals(List.of(), sessions(), "the former key sealed it");
        addSession("b", Duration.ofHours(1), 10);
        get(store.definitions().removeAll(Map.of("a", Optional.empty())));
        assertEquals(List.of(), definitions());
        assertEquals(Optional.empty(), store.settings().setting("a"));
        assertEquals(List.of(), sessions());
    }

    @Test
    void the_audit_log_is_paged_by_account_and_expires() {
        for (int i = 0; i < 3; i++) {
            get(store.definitions().append(entry("change " + i)));
            clock.pass(DAY);
        }
        List<AuditEntry> page = store.definitions().entries("acme", Long.MAX_VALUE, 2);
        assertEquals(
                List.of("change 2", "change 1"),
                page.stream().map(AuditEntry::action).toList());
        assertEquals(
                "change 0",
                store.definitions().entries("acme", page.get(1).key(), 2).get(0).action());
        assertEquals(List.of(), store.definitions().entries("other", Long.MAX_VALUE, 2));
        assertEquals(STAFF, page.get(0).actor());
        assertEquals(1, get(store.definitions().removeBefore(START.plus(DAY), 10)));
        assertEquals(2, store.definitions().entries("acme", Long.MAX_VALUE, 10).size());
    }

    // --- discarding pending deliveries

    @Test
    void a_discarded_delivery_is_no_longer_pending() {
        String id = accepted("one").deliveryId();
        assertEquals(
                List.of(id),
                store.due().pending(CRM, DueStore.Waiting.FIRST, 10).stream()
                        .map(DueStore.Waiting::id)
                        .toList());
        assertEquals(1, get(store.due().discard(CRM, List.of(id), "by staff", clock.instant())));
        assertEquals(DeliveryState.DISCARDED, row(id).state());
        assertEquals("by staff", row(id).reason());
        assertEquals(0, store.waitingCount());
        assertEquals(List.of(), due());
        assertEquals(0, get(store.due().discard(CRM, List.of(id), "again", clock.instant())));
        get(store.outcomes().record(delivered(id)));
        assertEquals(DeliveryState.DISCARDED, row(id).state(), "an end that comes late changes nothing");
    }

    private void assertFenced(AttemptResult result) {
        CompletionException refused = assertThrows(
                CompletionException.class, () -> get(store.outcomes().record(result)));
        assertEquals(FencedException.class, refused.getCause().getClass());
    }

    /** Semantics 19. */
    @Test
    void an_attempt_of_a_delivery_that_was_discarded_during_it_is_kept_without_bodies() {
        String id = accepted("one").deliveryId();
        get(store.due().discard(CRM, List.of(id), "by staff", clock.instant()));
        AttemptRow attempt = new AttemptRow(
                1, clock.instant(), 1, "gave-up", "", null, 410, "{\"a\":\"b\"}", body("yes"), null, null, body("no"));
        assertFalse(get(store.outcomes()
                        .record(new AttemptResult(
                                id, CRM, DeliveryState.GAVE_UP, "", null, attempt, clock.instant(), "410")))
                .hasChanged());
        AttemptRow kept = store.deliveries().attempts("acme", id).get(0);
        assertEquals(410, kept.status());
        assertNull(kept.body());
        assertNull(kept.requestBody());
        WebhookState state = store.outcomes().webhookState(CRM).orElseThrow();
        assertEquals(WebhookState.State.ACTIVE, state.state());
        assertNull(state.holdUntil());
    }

    private static byte[] body(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Semantics 19: another owner has sent it since. */
    @Test
    void an_outcome_of_a_delivery_that_was_recorded_since_it_was_taken_changes_nothing_unless_it_is_a_success() {
        String id = accepted("one").deliveryId();
        Instant later = clock.instant().plus(DAY);
        AttemptRow second = SampleAttempt.of(2, clock.instant(), 1, "try-later", "", null, 503, null, null);
        get(store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.WAITING, "503", later, second, null, null)
                        .withTaken(0, null)));
        assertFenced(new AttemptResult(id, CRM, DeliveryState.WAITING, "no token", START, null, null, null)
                .withTaken(0, null));
        assertFenced(
                new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "410", null, second, null, "410").withTaken(1, null));
        assertEquals(later, row(id).dueAt());
        assertEquals(1, store.deliveries().attempts("acme", id).size());
        assertEquals(
                WebhookState.State.ACTIVE,
                store.outcomes().webhookState(CRM).orElseThrow().state());
        get(store.outcomes().record(delivered(id).withTaken(0, null)));
        assertEquals(DeliveryState.DELIVERED, row(id).state());
        assertEquals(0, store.waitingCount());
        assertEquals(
                List.of(2, 3),
                store.deliveries().attempts("acme", id).stream()
                        .map(AttemptRow::number)
                        .sorted()
                        .toList());
    }

    /** Semantics 19: an outcome applies to the due row that was taken. */
    @Test
    void an_outcome_of_a_delivery_that_was_canceled_and_replayed_since_it_was_taken_changes_nothing() {
        String id = accepted("one").deliveryId();
        Instant taken = row(id).dueAt();
        get(store.due().discard(CRM, List.of(id), "by staff", clock.instant()));
        clock.pass(Duration.ofSeconds(1));
        get(store.replays().replay("acme", id, null, clock.instant()));
        AttemptRow first = SampleAttempt.of(1, clock.instant(), 1, "gave-up", "", null, 410, null, null);
        AttemptResult gone = new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "410", null, first, null, "410");
        assertFenced(gone.withTaken(0, taken));
        assertEquals(DeliveryState.WAITING, row(id).state());
        assertEquals(
                WebhookState.State.ACTIVE,
                store.outcomes().webhookState(CRM).orElseThrow().state());
        assertTrue(
                get(store.outcomes().record(gone.withTaken(0, row(id).dueAt()))).hasChanged());
    }

    // --- replay jobs

    private ReplayJob job(DeliveryQuery filter) {
        ReplayJob job = ReplayJob.starting(
                "01JDF2Y6T3A9K4E8Q7M5N6P0RS",
                filter,
                false,
                10,
                "staff",
                clock.instant(),
                "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                2);
        get(store.replays().start(job, entry("started")));
        return job;
    }

    @Test
    void a_step_of_a_replay_and_its_position_are_committed_together() {
        SampleIntake one = accepted("one");
        SampleIntake two = accepted("two");
        end(one);
        DeliveryQuery filter = SampleQuery.replay("acme", "crm", null, null, null, null);
        ReplayJob job = job(filter);
        ReplayJobs.Found found = store.replays().find(filter, null, job.maxId(), 100, 100);
        assertTrue(found.end());
        assertEquals(
                List.of(true, false),
                found.deliveries().stream().map(ReplayJobs.Match::replayable).toList());
        int due = get(store.replays()
                .step(
                        job,
                        List.of(new ReplayJobs.ReplayItem(one.deliveryId(), null)),
                        found.position(),
                        1,
                        true,
                        clock.instant()));
        assertEquals(1, due);
        ReplayJob kept = store.replays().job("acme", job.id()).orElseThrow();
        assertEquals(ReplayJob.State.DONE, kept.state());
        assertEquals(two.deliveryId(), kept.position());
        assertEquals(1, kept.replayed());
        assertEquals(1, kept.leftOut());
        assertEquals(2, due().size());
        assertEquals(-1, get(store.replays().step(job, List.of(), null, 0, true, clock.instant())), "it has ended");
        assertEquals(Optional.empty(), store.replays().job("other", job.id()));
    }

    @Test
    void a_replay_examines_a_bounded_number_and_continues_there() {
        for (String id : List.of("one", "two", "three")) {
            end(accepted(id));
        }
        DeliveryQuery none = SampleQuery.replay("acme", null, "no.such.type", null, null, null);
        ReplayJobs.Found first = store.replays().find(none, null, "~", 2, 10);
        assertEquals(List.of(), first.deliveries());
        assertFalse(first.end());
        assertTrue(store.replays().find(none, first.position(), "~", 2, 10).end());
        DeliveryQuery all = SampleQuery.replay("acme", null, null, "delivered", START, START.plus(DAY));
        ReplayJobs.Found one = store.replays().find(all, null, "~", 10, 1);
        assertEquals(1, one.deliveries().size());
        assertEquals(
                2,
                store.replays()
                        .find(all, one.position(), "~", 10, 10)
                        .deliveries()
                        .size());
        assertEquals(
                List.of(),
                store.replays()
                        .find(SampleQuery.replay("other", null, null, null, null, null), null, "~", 10, 10)
                        .deliveries());
    }

    @Test
    void a_replay_that_is_canceled_takes_no_step() {
        ReplayJob job = job(SampleQuery.replay("acme", "crm", null, null, null, null));
        assertEquals(List.of(job), store.replays().running());
        assertTrue(get(store.replays().cancel("acme", job.id(), clock.instant(), entry("canceled"))));
        assertFalse(get(store.replays().cancel("acme", job.id(), clock.instant(), entry("canceled"))));
        assertEquals(List.of(), store.replays().running());
        assertEquals(-1, get(store.replays().step(job, List.of(), null, 0, false, clock.instant())));
    }

    // --- events and statistics

    @Test
    void events_are_listed_newest_first_and_read_with_their_data() {
        SampleIntake one = accepted("one");
        accepted("two");
        List<EventStore.EventRow> page = store.events().events("acme", null, Long.MAX_VALUE, 10);
        assertEquals(
                List.of("two", "one"),
                page.stream().map(EventStore.EventRow::id).toList());
        assertEquals(
                page.subList(1, 2),
                store.events().events("acme", null, page.get(0).key(), 10));
        assertEquals(page.subList(1, 2), store.events().events("acme", "one", Long.MAX_VALUE, 10));
        assertArrayEquals(
                one.intake().event().document(),
                store.events().event("acme", page.get(1).key()).orElseThrow().document());
        assertEquals(Optional.empty(), store.events().event("other", page.get(1).key()));
        assertEquals(List.of(), store.events().events("other", null, Long.MAX_VALUE, 10));
    }

    @Test
    void statistics_are_counted_by_minute_and_account() {
        SampleIntake one = accepted("one");
        end(one);
        end(one);
        clock.pass(Duration.ofMinutes(1));
        accepted("two");
        accept(SampleIntake.event("two").to("crm", clock));
        List<StatsStore.Step> minutes = minutes("acme", START, START.plus(DAY));
        assertEquals(
                List.of(1L, 1L), minutes.stream().map(StatsStore.Step::events).toList());
        assertEquals(
                List.of(1L, 0L),
                minutes.stream().map(StatsStore.Step::delivered).toList());
        assertEquals(500, minutes.get(0).latencies().percentile(0.99));
        assertEquals(List.of(), minutes("other", START, START.plus(DAY)));
        assertEquals(
                "delivered", store.stats().health("acme", List.of(CRM)).get(CRM).lastOutcome());
        get(store.stats().removeBefore(START.plusSeconds(60), 10));
        assertEquals(
                minutes.subList(1, 2).stream().map(StatsStore.Step::at).toList(),
                minutes("acme", START, START.plus(DAY)).stream()
                        .map(StatsStore.Step::at)
                        .toList());
    }

    // --- disabling of failing webhooks

    private Recorded fails(String id, int number) {
        return get(store.outcomes()
                .record(tryLater(id, number, Duration.ofHours(1)).withDisableAfter(Duration.ofDays(5))));
    }

    @Test
    void a_webhook_that_fails_for_five_days_is_disabled_and_reported() {
        String id = accepted("e1").deliveryId();
        String other = accepted("e2").deliveryId();
        assertNull(fails(id, 1).disableReason());
        clock.pass(Duration.ofDays(5).minusMillis(1));
        assertNull(fails(id, 2).disableReason());
        store.close();
        store = open(clock);
        clock.pass(Duration.ofMillis(1));
        String reason = fails(id, 3).disableReason();
        assertEquals(
                "no delivery has arrived for 5d, since 2026-11-24T12:00:00Z, the last one because: answered 500",
                reason);
        WebhookState state = store.outcomes().webhookState(CRM).orElseThrow();
        assertEquals(WebhookState.State.DISABLED, state.state());
        assertEquals(reason, state.reason());
        assertEquals(clock.instant(), state.since());
        SystemEvent event = store.outcomes().unpublishedSystemEvents(10).get(0);
        assertEquals(SystemEvent.Type.DISABLED, event.type());
        assertEquals(START, event.since());
        assertEquals(reason, event.reason());
        assertNull(fails(other, 1).disableReason(), "it is reported once");
        assertEquals(1, store.outcomes().unpublishedSystemEvents(10).size());
        assertEquals(2, store.waitingCount(), "nothing is discarded");
    }

    @Test
    void a_success_or_a_manual_resume_restarts_the_time_of_failing() {
        String id = accepted("e1").deliveryId();
        SampleIntake good = accepted("e2");
        fails(id, 1);
        clock.pass(Duration.ofDays(4));
        end(good);
        assertNull(fails(id, 2).disableReason());
        clock.pass(Duration.ofDays(4));
        assertNull(fails(id, 3).disableReason());
        clock.pass(DAY);
        assertNotNull(fails(id, 4).disableReason());
        get(store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant()));
        assertNull(fails(id, 5).disableReason());
        clock.pass(Duration.ofDays(5));
        assertNotNull(fails(id, 6).disableReason());
    }

    @Test
    void a_resumed_webhook_is_half_open_until_a_delivery_succeeds() {
        SampleIntake good = accepted("e1");
        String bad = accepted("e2").deliveryId();
        get(store.outcomes().setState(CRM, WebhookState.State.PAUSED, null, clock.instant()));
        assertFalse(get(store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant()))
                .halfOpen());
        get(store.outcomes().setState(CRM, WebhookState.State.DISABLED, "gone", clock.instant()));
        get(store.outcomes().setState(CRM, WebhookState.State.PAUSED, null, clock.instant()));
        assertTrue(get(store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant()))
                .halfOpen());
        fails(bad, 1);
        store.close();
        store = open(clock);
        assertTrue(store.outcomes().webhookState(CRM).orElseThrow().halfOpen());
        fails(bad, 2);
        SampleIntake tested = accepted("e3");
        get(store.outcomes().record(delivered(tested.deliveryId()).withHealth(AttemptResult.Health.TEST)));
        assertTrue(store.outcomes().webhookState(CRM).orElseThrow().halfOpen(), "not by a test");
        get(store.outcomes().record(delivered(good.deliveryId()).withHealth(AttemptResult.Health.NONE)));
        assertFalse(
                store.outcomes().webhookState(CRM).orElseThrow().halfOpen(), "by an event of the product's own too");
        assertEquals(
                List.of(store.outcomes().webhookState(CRM).orElseThrow()),
                store.outcomes().webhookStates());
    }

    @Test
    void an_attempt_from_before_the_resume_does_not_end_half_open() {
        AttemptResult before = delivered(accepted("e1").deliveryId());
        AttemptResult between = delivered(accepted("e2").deliveryId());
        String after = accepted("e3").deliveryId();
        clock.pass(Duration.ofSeconds(1));
        get(store.outcomes().setState(CRM, WebhookState.State.DISABLED, "gone", clock.instant()));
        get(store.outcomes().setState(CRM, WebhookState.State.PAUSED, null, clock.instant()));
        get(store.outcomes().record(before));
        clock.pass(Duration.ofSeconds(1));
        get(store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant()));
        assertTrue(store.outcomes().webhookState(CRM).orElseThrow().halfOpen());
        get(store.outcomes().record(between));
        assertTrue(store.outcomes().webhookState(CRM).orElseThrow().halfOpen());
        get(store.outcomes().record(delivered(after)));
        assertFalse(store.outcomes().webhookState(CRM).orElseThrow().halfOpen());
    }

    @Test
    void unsent_attempts_and_a_disabled_policy_disable_no_webhook() {
        String id = accepted("e1").deliveryId();
        AttemptResult unsent =
                new AttemptResult(id, CRM, DeliveryState.WAITING, "no token", clock.instant(), null, null, null);
        get(store.outcomes().record(unsent.withDisableAfter(Duration.ofDays(5))));
        clock.pass(Duration.ofDays(9));
        assertNull(get(store.outcomes().record(unsent.withDisableAfter(Duration.ofDays(5))))
                .disableReason());
        assertNull(fails(id, 1).disableReason());
        clock.pass(Duration.ofDays(9));
        assertNull(get(store.outcomes().record(tryLater(id, 2, DAY))).disableReason(), "it is switched off");
    }

    // --- fairness of the writer between accounts (semantics 40)

    private CompletionStage<?> largeBatch(String account, String id) {
        List<Intake> batch = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            SampleIntake each = SampleIntake.event(id + "-" + i).of(account);
            for (int webhook = 0; webhook < 80; webhook++) {
                each = each.to("w" + webhook, clock);
            }
            batch.add(each.intake());
        }
        return store.events().accept(batch);
    }

    @Test
    @SuppressWarnings("try")
    void another_accounts_event_waits_for_at_most_one_large_batch() throws Exception {
        List<String> stored = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<?>> all = new ArrayList<>();
        try (AutoCloseable held = holdWrites()) {
            for (int i = 0; i < 6; i++) {
                all.add(largeBatch("acme", "large" + i).thenRun(() -> stored.add("acme")));
            }
            all.add(store.events()
                    .accept(List.of(SampleIntake.event("small")
                            .of("globex")
                            .to("crm", clock)
                            .intake()))
                    .thenRun(() -> stored.add("globex")));
        }
        for (CompletionStage<?> each : all) {
            get(each);
        }
        assertTrue(stored.indexOf("globex") <= 1, () -> "stored in the order " + stored);
    }

    @Test
    @SuppressWarnings("try")
    void outcomes_of_one_account_delay_another_by_at_most_one_group() throws Exception {
        String theirs = SampleIntake.event("e1").of("globex").to("crm", clock).deliveryId();
        List<String> written = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<?>> all = new ArrayList<>();
        try (AutoCloseable held = holdWrites()) {
            for (int i = 0; i < 5_000; i++) {
                all.add(store.outcomes().record(postponed("acme", "d" + i)).thenRun(() -> written.add("acme")));
            }
            all.add(store.outcomes().record(postponed("globex", theirs)).thenRun(() -> written.add("globex")));
        }
        for (CompletionStage<?> each : all) {
            get(each);
        }
        assertTrue(written.indexOf("globex") <= 2 * 1024, () -> "after " + written.indexOf("globex"));
    }

    private AttemptResult postponed(String account, String delivery) {
        WebhookId webhook = Ids.webhook(account, "crm");
        Instant dueAt = clock.instant().plus(DAY);
        return new AttemptResult(delivery, webhook, DeliveryState.WAITING, "no token", dueAt, null, null, null);
    }
}
