package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.IncompleteEventException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.StatsStore;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An event for many webhooks is stored in parts, in every store (semantics 40). */
abstract class FanOutContract extends StoreFixture {

    private static final int MANY = 1_100;
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

    /** Writes some parts, as a process does that is killed after them. */
    private FanOut.Progress parts(SampleIntake event, int many) {
        FanOut.Progress progress = FanOut.Progress.none(event.intake());
        for (int i = 0; i < many; i++) {
            progress = next(progress);
        }
        return progress;
    }

    private FanOut.Progress next(FanOut.Progress before) {
        return get(((JdbcEvents) store.events()).write(before));
    }

    private void reopen() {
        store.close();
        store = open(clock);
    }

    private List<DueDelivery> due(String webhook) {
        return Due.of(store.due(), Ids.webhook("acme", webhook), clock.instant(), 9, Set.of());
    }

    private IncompleteEventException refusal(Intake... intakes) {
        CompletionStage<?> refused = store.events().accept(List.of(intakes));
        return assertInstanceOf(
                IncompleteEventException.class,
                assertThrows(CompletionException.class, () -> get(refused)).getCause());
    }

    private List<Long> incomplete() {
        return store.events().incompleteEvents(clock.instant().plus(DAY));
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
    void all_deliveries_are_stored_when_the_event_is_acknowledged() {
        SampleIntake event = toMany(SampleIntake.event("e1")).skipped("condition failed: x", "odd", clock);
        Accepted accepted = accept(event);
        assertEquals(MANY + 1, accepted.deliveries());
        assertFalse(accepted.duplicate());
        Set<String> all = names(MANY);
        all.add("odd");
        assertEquals(List.copyOf(all), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
        assertEquals(
                MANY + 1,
                store.events().events("acme", "e1", Long.MAX_VALUE, 1).get(0).deliveries());
        assertEquals("e1", due("w7").get(0).event().id());
        assertTrue(Ulid.isValid(due("w7").get(0).id()));
        assertEquals(clock.millis(), Ulid.getTime(due("w7").get(0).id()));
        DeliveryRow odd = store.deliveries()
                .deliveries(SampleQuery.of("acme", "odd", null, null, null, null, null, 9))
                .get(0);
        assertEquals(DeliveryState.SKIPPED, odd.state());
        assertEquals("condition failed: x", odd.reason());
        assertEquals(new Accepted("e1", MANY + 1, true, Set.of()), accept(event));
        assertEquals(List.of(), incomplete());
    }

    @Test
    void no_delivery_of_an_incomplete_event_is_due() {
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 2);
        WebhookId stored = before.intake().deliveries().get(0).webhook();
        assertEquals(MANY - 100, store.waitingCount());
        assertEquals(List.of(), due(stored.name()));
        get(store.waitingDeliveries()
                .makeDue(stored, List.of(before.intake().deliveries().get(0).id()), clock.instant(), true));
        assertEquals(List.of(), due(stored.name()));
        Accepted accepted = next(before).accepted();
        assertEquals(MANY, accepted.deliveries());
        assertEquals(1, due(stored.name()).size());
    }

    @Test
    void the_same_event_completes_an_incomplete_one_with_the_webhooks_of_its_first_part() {
        parts(toMany(SampleIntake.event("e1")), 2);
        reopen();
        Set<String> others = names(MANY + 50);
        others.remove("w0");
        Accepted accepted = accept(SampleIntake.event("e1").toEach(others, clock));
        assertEquals(new Accepted("e1", MANY, false, Set.of()), accepted);
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void two_requests_with_the_same_event_complete_it_once() {
        FanOut.Progress first = parts(toMany(SampleIntake.event("e1")), 1);
        FanOut.Progress second = parts(toMany(SampleIntake.event("e1")), 2);
        assertEquals(1_000, second.written());
        first = next(first);
        assertEquals(0, first.written(), "it looks where the other one is");
        second = next(second);
        assertFalse(second.accepted().duplicate());
        assertTrue(next(first).accepted().duplicate());
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void other_data_replaces_an_incomplete_event() {
        parts(toMany(SampleIntake.event("e1")), 2);
        SampleIntake other = toMany(SampleIntake.event("e1")).with("8");
        IncompleteEventException found = refusal(other.intake());
        get(store.events().removeIncomplete(found.event(), clock.instant().plus(DAY)));
        assertEquals(0, store.waitingCount());
        assertEquals(MANY, accept(other).deliveries());
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", "e1"));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void an_event_for_few_webhooks_replaces_an_incomplete_one_in_a_batch_too() {
        parts(toMany(SampleIntake.event("e1")), 1);
        List<Intake> batch = List.of(
                SampleIntake.event("e0").to("w0", clock).intake(),
                SampleIntake.event("e1").to("w0", clock).intake());
        long event = refusal(batch.get(1)).event();
        assertEquals(event, refusal(batch.toArray(Intake[]::new)).event());
        assertEquals(0, store.events().events("acme", "e0", Long.MAX_VALUE, 1).size());
        get(store.events().removeIncomplete(event, clock.instant().plus(DAY)));
        assertEquals(
                List.of(false, false),
                get(store.events().accept(batch)).stream()
                        .map(Accepted::duplicate)
                        .toList());
        assertEquals(2, store.waitingCount());
    }

    @Test
    void an_event_that_no_request_completes_is_removed() {
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 1);
        clock.pass(Duration.ofMinutes(10));
        FanOut.Progress after = next(before);
        assertEquals(List.of(), store.events().incompleteEvents(clock.instant()));
        get(store.events().removeIncomplete(before.event(), clock.instant()));
        assertEquals(1_000, store.waitingCount(), "a part was written since");

        clock.pass(Duration.ofMinutes(10));
        assertEquals(List.of(before.event()), store.events().incompleteEvents(clock.instant()));
        get(store.events().removeIncomplete(before.event(), clock.instant()));
        assertEquals(0, store.waitingCount());
        assertEquals(List.of(), webhooksOf("acme", "e1"));
        assertEquals(List.of(), store.events().events("acme", "e1", Long.MAX_VALUE, 1));
        assertEquals(0, next(after).written(), "its writer begins again");
        assertFalse(accept(toMany(SampleIntake.event("e1"))).duplicate());
    }

    @Test
    void the_next_delivery_of_a_fifo_key_waits_for_an_incomplete_event_until_it_is_removed() {
        SampleIntake first = toMany(SampleIntake.event("e1").inOrder("k", "ordered", clock));
        FanOut.Progress before = parts(first, 1);
        accept(SampleIntake.event("e2").inOrder("k", "ordered", clock));
        assertEquals(List.of(), due("ordered"));
        Set<WebhookId> released = get(
                store.events().removeIncomplete(before.event(), clock.instant().plus(DAY)));
        assertEquals(Set.of(Ids.webhook("acme", "ordered")), released);
        assertEquals("e2", due("ordered").get(0).event().id());
    }

    @Test
    void a_webhook_is_polled_whose_delivery_may_have_become_due_before_the_event_was_complete() {
        Accepted accepted = accept(toMany(SampleIntake.event("e1").about("call/7"))
                .inOrder("k", "ordered", clock)
                .waitingFor("data.recording", Duration.ofMinutes(30), "patient", clock));
        assertEquals(Set.of(Ids.webhook("acme", "ordered"), Ids.webhook("acme", "patient")), accepted.released());
        assertEquals(2, accepted.blocked().size());
        assertTrue(accepted.blocked().contains(due("ordered").get(0).id()));
    }

    @Test
    void a_delivery_that_is_canceled_before_the_event_is_complete_is_not_sent() {
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 2);
        NewDelivery first = before.intake().deliveries().get(0);
        get(store.waitingDeliveries().discard(first.webhook(), List.of(first.id()), "by a person", clock.instant()));
        Accepted accepted = next(before).accepted();
        assertEquals(MANY, accepted.blocked().size(), "all are read again");
        assertEquals(MANY, accepted.released().size());
        assertEquals(List.of(), due(first.webhook().name()));
        assertEquals(MANY - 1, store.waitingCount());
    }

    @Test
    void a_sample_makes_tests_also_when_it_is_completed_later() {
        SampleIntake sent = toMany(SampleIntake.event("e1"));
        Event sample = sent.intake().event().asTest(SampleIntake.newId(clock));
        next(FanOut.Progress.none(Intake.of(sample, sent.deliveries())));
        reopen();
        get(store.events().accept(List.of(Intake.of(sample, sent.deliveries()))));
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
    void a_field_that_arrives_ends_the_wait_of_its_delivery() {
        accept(toMany(SampleIntake.event("e1").about("call/7"))
                .waitingFor("data.recording", Duration.ofMinutes(30), "patient", clock));
        Intake bringing = SampleIntake.event("e2")
                .about("call/7")
                .with("{\"recording\":1}")
                .to("w0", clock)
                .intake();
        get(store.events()
                .accept(List.of(new Intake(bringing.event(), bringing.deliveries(), Set.of("data.recording")))));
        DueDelivery due = due("patient").get(0);
        assertEquals("e1", due.event().id());
        assertEquals("e2", due.laterEvent().id());
    }

    @Test
    void minute_statistics_count_the_event_and_its_skipped_deliveries_once() {
        accept(toMany(SampleIntake.event("e1")).skipped("condition failed: x", "odd", clock));
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
        assertEquals(Duration.ofMinutes(5), due("w0").get(0).pausedBefore());
    }
}
