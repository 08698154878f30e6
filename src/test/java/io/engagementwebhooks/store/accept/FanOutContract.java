package io.engagementwebhooks.store.accept;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.jdbc.StoreFixture;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An event for many webhooks is stored in parts, in every store (semantics 40). */
public abstract class FanOutContract extends StoreFixture {

    private static final int MANY = 1_100;
    public static final Duration ABANDONED = Duration.ofMinutes(10);
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

    public final SampleIntake toMany(SampleIntake event) {
        return event.toEach(names(MANY), clock);
    }

    /** Writes some parts, as a process does that is killed after them. */
    public final FanOut.Progress parts(SampleIntake event, int many) {
        FanOut.Progress progress = FanOut.Progress.none(event.intake());
        for (int i = 0; i < many; i++) {
            progress = next(progress);
        }
        return progress;
    }

    private FanOut.Progress next(FanOut.Progress before) {
        return get(store.events().write(before));
    }

    private void reopen() {
        store.close();
        store = open(clock);
    }

    private List<DueDelivery> due(String webhook) {
        return Due.of(store.due(), Ids.webhook("acme", webhook), clock.instant(), 9, Set.of());
    }

    /** A further connection to the store. */
    public abstract Connection connect() throws SQLException;

    public final long count(String table) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    public final void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As if no part was stored for a time. */
    public final void age(Duration time) throws SQLException {
        execute("UPDATE incomplete_event SET written_at = written_at - " + time.toMillis());
    }

    public final void removeIncomplete() {
        get(store.events().removeIncomplete(ABANDONED));
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
    void all_deliveries_are_stored_when_the_event_is_acknowledged() throws SQLException {
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
        DeliveryRow odd = store.deliveries()
                .deliveries(SampleQuery.of("acme", "odd", null, null, null, null, null, 9))
                .get(0);
        assertEquals(DeliveryState.SKIPPED, odd.state());
        assertEquals("condition failed: x", odd.reason());
        assertEquals(new Accepted("e1", MANY + 1, true, Set.of()), accept(event));
        assertEquals(MANY + 1, count("delivery"), "a duplicate stores nothing");
        assertEquals(0, count("incomplete_event"));
    }

    @Test
    void nothing_of_an_incomplete_event_is_found() {
        accept(SampleIntake.event("e0").to("w0", clock));
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 3);
        String hidden = before.intake().deliveries().get(0).id();
        assertEquals(MANY, before.written());
        assertEquals(null, before.accepted());
        assertEquals(1, store.waitingCount());
        assertEquals(List.of(), due("w1"));
        assertEquals(List.of(), store.events().events("acme", "e1", Long.MAX_VALUE, 1));
        DeliveryQuery all = SampleQuery.of("acme", null, null, null, null, null, null, 1);
        assertEquals(
                "e0", store.deliveries().deliveries(all).get(0).eventId(), "a page is full without the hidden ones");
        assertEquals("e0", store.deliveries().search(all, 1).deliveries().get(0).eventId());
        assertEquals(
                Set.of(1L),
                Set.copyOf(store.deliveries()
                        .statusCounts(all, 10_000)
                        .deliveries()
                        .values()));
        assertEquals(Set.of(FIRST), store.backlogs().countsByState("acme").keySet());
        assertEquals(
                1,
                store.activity()
                        .since(List.of(FIRST), clock.instant().minus(DAY), 10)
                        .get(FIRST)
                        .all()
                        .size());
        assertEquals(
                ReplayJobs.Replayed.NOT_FOUND,
                get(store.replays().replay("acme", hidden, SampleIntake.newId(clock), clock.instant())));
        assertEquals(
                1, store.replays().find(all, null, "~", 10_000, 10).deliveries().size());

        assertEquals(MANY, next(before).accepted().deliveries());
        assertEquals(1, due("w1").size());
        assertEquals(MANY + 1, store.waitingCount());
    }

    @Test
    void an_event_that_a_crash_left_incomplete_is_stored_when_it_is_sent_again() {
        parts(toMany(SampleIntake.event("e1")), 2);
        reopen();
        assertEquals(new Accepted("e1", MANY, false, Set.of()), accept(toMany(SampleIntake.event("e1"))));
        assertEachHasOne("e1");
    }

    @Test
    void an_event_that_a_crash_left_incomplete_is_stored_with_other_data_and_in_a_batch() {
        parts(toMany(SampleIntake.event("e1")), 2);
        parts(toMany(SampleIntake.event("e2")), 2);
        reopen();
        assertFalse(accept(toMany(SampleIntake.event("e1")).with("8")).duplicate());
        assertEachHasOne("e1");
        List<Intake> batch = List.of(
                SampleIntake.event("e0").to("w0", clock).intake(),
                SampleIntake.event("e2").to("w0", clock).intake());
        assertEquals(
                List.of(false, false),
                get(store.events().accept(batch)).stream()
                        .map(Accepted::duplicate)
                        .toList());
        assertEquals(List.of("w0"), webhooksOf("acme", "e2"));
    }

    private void assertIsRefused(Class<? extends Exception> why, FanOut.Progress before) {
        assertInstanceOf(
                why, assertThrows(CompletionException.class, () -> next(before)).getCause());
    }

    private void assertEachHasOne(String event) {
        assertEquals(List.copyOf(names(MANY)), webhooksOf("acme", event));
        assertEquals(MANY, store.waitingCount());
    }

    @Test
    void the_first_of_two_requests_with_one_event_stores_it() throws SQLException {
        FanOut.Progress first = parts(toMany(SampleIntake.event("e1")), 2);
        FanOut.Progress second = parts(toMany(SampleIntake.event("e1")), 3);
        assertFalse(next(second).accepted().duplicate());
        assertTrue(next(first).accepted().duplicate());
        assertEachHasOne("e1");
        assertOthersAreRemoved();
    }

    private void assertOthersAreRemoved() throws SQLException {
        removeIncomplete();
        assertEquals(MANY, count("delivery"));
        assertEquals(0, count("incomplete_event"));
    }

    @Test
    void of_two_requests_with_one_event_and_different_data_the_later_one_is_refused() throws SQLException {
        FanOut.Progress first = parts(toMany(SampleIntake.event("e1")), 3);
        FanOut.Progress other = parts(toMany(SampleIntake.event("e1")).with("8"), 2);
        assertFalse(next(first).accepted().duplicate());
        assertIsRefused(IdentityReusedException.class, other);
        assertEachHasOne("e1");
        assertOthersAreRemoved();
    }

    @Test
    void an_event_after_an_incomplete_one_has_another_key() {
        parts(toMany(SampleIntake.event("e1")), 1);
        reopen();
        accept(SampleIntake.event("e2").to("w0", clock));
        assertEquals(List.of("w0"), webhooksOf("acme", "e2"));
    }

    @Test
    void an_incomplete_event_is_removed_after_ten_minutes_without_a_new_part() throws SQLException {
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 2);
        age(ABANDONED);
        FanOut.Progress after = next(before);
        removeIncomplete();
        assertEquals(MANY, count("delivery"), "a part was stored since");
        age(ABANDONED.plusMillis(1));
        removeIncomplete();
        assertEquals(0, count("delivery"));
        assertEquals(0, count("incomplete_event"));
        assertIsRefused(StoreException.class, after);
        assertFalse(accept(toMany(SampleIntake.event("e1"))).duplicate());
    }

    @Test
    void an_event_that_is_being_removed_is_not_completed() throws SQLException {
        FanOut.Progress before = parts(toMany(SampleIntake.event("e1")), 3);
        execute("UPDATE incomplete_event SET written_at = 0");
        assertIsRefused(StoreException.class, before);
        assertEquals(List.of(), webhooksOf("acme", "e1"));
    }

    @Test
    void an_incomplete_event_blocks_no_fifo_key() {
        parts(toMany(SampleIntake.event("e1").inOrder("k", "ordered", clock)), 3);
        accept(SampleIntake.event("e2").inOrder("k", "ordered", clock));
        assertEquals("e2", due("ordered").get(0).event().id());
    }

    @Test
    void fifo_deliveries_wait_for_those_before_them() {
        accept(SampleIntake.event("e0").inOrder("k", "ordered", clock));
        Accepted accepted = accept(toMany(SampleIntake.event("e1")).inOrder("k", "ordered", clock));
        assertEquals(1, accepted.blocked().size());
        assertEquals(
                List.of("e0"),
                due("ordered").stream().map(each -> each.event().id()).toList());
        assertEquals(MANY + 2, store.waitingCount());
    }

    @Test
    void a_sample_makes_tests() {
        SampleIntake sent = toMany(SampleIntake.event("e1"));
        Event sample = sent.intake().event().asTest(SampleIntake.newId(clock));
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
