package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.FifoSuccession;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.StatsStore;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** An event for more webhooks than one transaction takes, in every store (semantics 40). */
abstract class FanOutContract extends StoreFixture {

    private static final int MANY = 1_100;
    private static final int STEP = 500;
    private static final Duration DAY = Duration.ofDays(1);
    private static final WebhookId FIRST = Ids.webhook("acme", "w0");

    protected final Accepted accept(SampleIntake intake) {
        return get(store.events().accept(List.of(intake.intake()))).get(0);
    }

    private static Set<String> names(int many) {
        Set<String> names = new TreeSet<>();
        IntStream.range(0, many).forEach(i -> names.add("w" + i));
        return names;
    }

    protected final SampleIntake toMany(SampleIntake event) {
        return event.toEach(names(MANY), clock);
    }

    private List<FanOuts.Pending> next(String account) {
        return store.fanOuts().next(account, STEP);
    }

    private int step(String account) {
        List<FanOuts.Pending> parts = next(account);
        get(store.fanOuts().insert(account, parts)).forEach(inserted -> assertNotNull(inserted.accepted()));
        return parts.stream()
                .mapToInt(part -> part.intake().deliveries().size())
                .sum();
    }

    private void finish() {
        for (String account : store.fanOuts().accounts()) {
            while (!next(account).isEmpty()) {
                step(account);
            }
        }
        assertEquals(List.of(), store.fanOuts().accounts());
    }

    /** The webhooks with a delivery of an event, one entry per delivery. */
    private List<String> webhooksOf(String account, String event) {
        List<String> webhooks = new ArrayList<>();
        String before = null;
        List<DeliveryRow> page;
        do {
            page = store.deliveries().deliveries(SampleQuery.of(account, null, event, null, null, null, before, 200));
            page.forEach(row -> webhooks.add(row.webhook().name()));
            before = page.isEmpty() ? null : page.get(page.size() - 1).id();
        } while (!page.isEmpty());
        webhooks.sort(null);
        return webhooks;
    }

    @Test
    void a_fan_out_is_acknowledged_with_its_full_count_and_each_delivery_is_inserted_once() {
        SampleIntake event = toMany(SampleIntake.event("e1")).skipped("condition failed: x", "odd", clock);
        Accepted accepted = accept(event);
        assertEquals(MANY + 1, accepted.deliveries());
        assertTrue(accepted.fannedOut());
        assertEquals(List.of(), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount(), "those to be sent count as soon as they are acknowledged");
        assertEquals(List.of("acme"), store.fanOuts().accounts());
        assertEquals(Map.of("acme", (long) MANY), store.fanOuts().pendingCounts());
        assertEquals(
                MANY + 1,
                store.events().events("acme", "e1", Long.MAX_VALUE, 1).get(0).deliveries());

        int steps = 0;
        for (; !next("acme").isEmpty(); steps++) {
            int inserted = step("acme");
            assertTrue(inserted > 0 && inserted <= STEP, "a step of " + inserted);
        }

        assertTrue(steps >= 3, "steps: " + steps);
        Set<String> all = names(MANY);
        all.add("odd");
        assertEquals(List.copyOf(all), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
        assertEquals(
                event.deliveries().get(0).id(),
                Due.of(store.due(), event.deliveries().get(0).webhook(), clock.instant(), 9, Set.of())
                        .get(0)
                        .id());
        DeliveryRow odd = store.deliveries()
                .deliveries(SampleQuery.of("acme", "odd", null, null, null, null, null, 9))
                .get(0);
        assertEquals(DeliveryState.SKIPPED, odd.state());
        assertEquals("condition failed: x", odd.reason());
    }

    /** FIFO deliveries are divided by partition, so that they keep their order in a copy that several instances share. */
    @Test
    void parts_are_full_unless_deliveries_have_a_fifo_key() {
        accept(SampleIntake.event("e1").toEach(names(501), clock));
        assertEquals(List.of("0/0: 250", "0/1: 250", "0/2: 1"), parts("acme"));

        SampleIntake mixed = SampleIntake.event("e2").of("globex").toEach(names(500), clock);
        accept(mixed.inOrder("k", "ordered", clock));
        int partition = Ownership.partition(Ids.webhook("globex", "ordered"));
        assertEquals(List.of("0/0: 250", "0/1: 250", partition + "/0: 1"), parts("globex"));
    }

    /** The stored parts of an account, as {@code partition/number: deliveries}. */
    private List<String> parts(String account) {
        return store.fanOuts().next(account, Integer.MAX_VALUE).stream()
                .map(part -> part.partition() + "/" + part.number() + ": "
                        + part.intake().deliveries().size())
                .toList();
    }

    @Test
    void a_fan_out_continues_after_a_restart() {
        accept(toMany(SampleIntake.event("e1")));
        step("acme");
        store.close();
        store = open(clock);
        assertEquals(MANY, store.waitingCount());
        finish();
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void that_of_a_sample_makes_tests_after_a_restart_too() {
        SampleIntake sent = toMany(SampleIntake.event("e1"));
        Event sample = sent.intake().event().asTest(SampleIntake.newId(clock));
        get(store.events().accept(List.of(Intake.of(sample, sent.deliveries()))));
        step("acme");
        store.close();
        store = open(clock);
        finish();
        DeliveryQuery noTests =
                new DeliveryQuery("acme", null, null, null, null, null, null, null, null, false, null, null, 10);
        assertEquals(List.of(), store.deliveries().search(noTests, 10_000).deliveries());
        assertEquals(MANY, webhooksOf("acme", "e1").size());
        assertEquals(
                List.of(),
                store.stats()
                        .steps(
                                "acme",
                                clock.instant().minus(DAY),
                                clock.instant().plus(DAY),
                                DAY));
    }

    @Test
    void a_part_that_was_inserted_elsewhere_is_not_inserted_again() {
        accept(toMany(SampleIntake.event("e1")));
        List<FanOuts.Pending> parts = next("acme");
        get(store.fanOuts().insert("acme", parts));
        get(store.fanOuts().insert("acme", parts)).forEach(inserted -> assertNull(inserted.accepted()));
        finish();
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void a_duplicate_has_the_full_count_before_and_after_the_insert() {
        accept(toMany(SampleIntake.event("e1")));
        Accepted duplicate = new Accepted("e1", MANY, true, Set.of());
        assertEquals(duplicate, accept(SampleIntake.event("e1").to("w0", clock)));
        step("acme");
        assertEquals(duplicate, accept(toMany(SampleIntake.event("e1"))));
        finish();
        assertEquals(duplicate, accept(toMany(SampleIntake.event("e1"))));
        assertEquals(List.of(), store.fanOuts().accounts());
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void a_refused_batch_stores_nothing() {
        accept(SampleIntake.event("e0").to("w0", clock));
        Intake reused = SampleIntake.event("e0").with("8").intake();
        CompletionStage<?> refused =
                store.events().accept(List.of(toMany(SampleIntake.event("e1")).intake(), reused));
        Assertions.assertThrows(CompletionException.class, () -> get(refused));
        assertEquals(List.of(), store.fanOuts().accounts());
        assertEquals(1, store.waitingCount());
    }

    @Test
    void parts_of_an_account_are_read_in_the_order_of_acceptance() {
        accept(toMany(SampleIntake.event("e1")));
        accept(toMany(SampleIntake.event("e2").of("globex")));
        accept(toMany(SampleIntake.event("e3")));
        assertEquals(Set.of("acme", "globex"), Set.copyOf(store.fanOuts().accounts()));
        for (int inserted = 0; inserted < MANY; ) {
            next("acme").stream()
                    .limit(1)
                    .forEach(part -> assertEquals("e1", part.intake().event().id()));
            inserted += step("acme");
        }
        finish();
        assertEquals(MANY, webhooksOf("acme", "e3").size());
        assertEquals(MANY, webhooksOf("globex", "e2").size());
    }

    @Test
    void a_fifo_delivery_does_not_overtake_a_pending_fan_out() {
        SampleIntake first = toMany(SampleIntake.event("e1")).inOrder("k", "ordered", clock);
        accept(first);
        SampleIntake second = SampleIntake.event("e2").inOrder("k", "ordered", clock);
        assertTrue(accept(second).fannedOut(), "it follows when its turn has come");
        SampleIntake other = SampleIntake.event("e3").of("globex").inOrder("k", "ordered", clock);
        assertFalse(accept(other).fannedOut(), "another account does not wait");
        assertFalse(accept(SampleIntake.event("e4").to("ordered", clock)).fannedOut(), "what has no key does not wait");
        finish();
        SampleIntake third = SampleIntake.event("e5").inOrder("k", "ordered", clock);
        assertFalse(accept(third).fannedOut());

        WebhookId ordered = Ids.webhook("acme", "ordered");
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            DueDelivery due = Due.of(store.due(), ordered, clock.instant(), 9, Set.of()).stream()
                    .filter(each -> each.fifoKey() != null)
                    .findFirst()
                    .orElseThrow();
            order.add(due.event().id());
            get(store.outcomes()
                    .record(new AttemptResult(
                                    due.id(),
                                    ordered,
                                    DeliveryState.DELIVERED,
                                    "",
                                    null,
                                    SampleAttempt.of(
                                            1, clock.instant(), 5, "delivered", "", null, 200, "{}", new byte[0]),
                                    null,
                                    null)
                            .withFifo(new FifoSuccession(due.fifoKey(), null))));
        }
        assertEquals(List.of("e1", "e2", "e5"), order);
    }

    @Test
    void a_fifo_delivery_of_the_same_batch_does_not_overtake_a_fan_out() {
        List<Accepted> accepted = get(store.events()
                .accept(List.of(
                        SampleIntake.event("e0").inOrder("k", "ordered", clock).intake(),
                        toMany(SampleIntake.event("e1"))
                                .inOrder("k", "ordered", clock)
                                .intake(),
                        SampleIntake.event("e2").inOrder("k", "ordered", clock).intake())));
        assertEquals(
                List.of(false, true, true),
                accepted.stream().map(Accepted::fannedOut).toList());
    }

    @Test
    void a_field_that_arrived_before_the_insert_ends_the_wait() {
        accept(toMany(SampleIntake.event("e1").about("call/7"))
                .waitingFor("data.recording", Duration.ofMinutes(30), "patient", clock));
        Intake bringing = SampleIntake.event("e2")
                .about("call/7")
                .with("{\"recording\":1}")
                .to("w0", clock)
                .intake();
        get(store.events()
                .accept(List.of(new Intake(bringing.event(), bringing.deliveries(), Set.of("data.recording")))));
        finish();
        DueDelivery due = Due.of(store.due(), Ids.webhook("acme", "patient"), clock.instant(), 9, Set.of())
                .get(0);
        assertEquals("e1", due.event().id());
        assertEquals("e2", due.laterEvent().id());
    }

    @Test
    void retention_does_not_touch_an_event_before_its_deliveries_are_inserted() {
        accept(toMany(SampleIntake.event("e1")));
        clock.pass(Duration.ofDays(60));
        Instant old = clock.instant().minus(DAY);
        RetentionLimits limits =
                SampleLimits.of(clock.instant(), old, old, old, clock.instant().minus(Duration.ofDays(90)), 100);
        RetentionStep step = get(store.retain(limits));
        assertEquals(0, step.payloads());
        assertEquals(0, step.events());
        finish();
        assertEquals(
                "e1",
                Due.of(store.due(), FIRST, clock.instant(), 9, Set.of())
                        .get(0)
                        .event()
                        .id());
    }

    @Test
    void minute_statistics_count_the_event_and_its_skipped_deliveries_once() {
        accept(toMany(SampleIntake.event("e1")).skipped("condition failed: x", "odd", clock));
        finish();
        StatsStore.Step minute = store.stats()
                .steps(
                        "acme",
                        clock.instant().minusSeconds(60),
                        clock.instant().plusSeconds(60),
                        Duration.ofMinutes(10))
                .get(0);
        assertEquals(1, minute.events());
        assertEquals(1, minute.skipped());
    }

    @Test
    void age_excludes_a_pause_that_began_before_the_event() {
        get(store.outcomes().setState(FIRST, WebhookState.State.PAUSED, "lunch", clock.instant()));
        clock.pass(Duration.ofMinutes(5));
        accept(toMany(SampleIntake.event("e1")));
        finish();
        assertEquals(
                Duration.ofMinutes(5),
                Due.of(store.due(), FIRST, clock.instant(), 9, Set.of()).get(0).pausedBefore());
    }
}
