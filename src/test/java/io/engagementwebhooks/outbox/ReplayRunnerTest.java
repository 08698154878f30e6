package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.testkit.SampleWebhook;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays of many deliveries, over a real store. */
class ReplayRunnerTest {

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    @AutoClose
    private SqliteStore store;

    private static final Webhook LATE = SampleWebhook.of(
            "acme",
            "late",
            new Target.Http(
                    URI.create("https://late.example.com"), "POST", new Body.WholeEvent(), Map.of(), Signing.NONE));

    private boolean hasSpace = true;
    private int events;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
    }

    private ReplayRunner runner(Store store) {
        Outbox outbox = new Outbox(
                this.store,
                clock,
                new Outbox.Limits(10_000, 20),
                () -> -1,
                (account, rest) -> rest.run(),
                (account, task) -> task.run());
        outbox.configure(Map.of(LATE.id(), RequestLimit.NONE));
        return new ReplayRunner(
                store,
                outbox,
                new Backfill(store.events(), this::wanted),
                webhook -> Optional.of(LATE),
                () -> hasSpace,
                clock);
    }

    /** A delivery of each event but of those whose condition is false, or fails. */
    private CompletableFuture<List<Intake>> wanted(List<Event> events, Webhook webhook) {
        return CompletableFuture.completedFuture(events.stream()
                .map(event -> {
                    SampleIntake intake = SampleIntake.event(event.id());
                    SampleIntake wanted = event.id().startsWith("fails")
                            ? intake.skipped("condition failed", "late", clock)
                            : intake.to("late", clock);
                    return Intake.of(event, event.id().startsWith("unwanted") ? List.of() : wanted.deliveries());
                })
                .toList());
    }

    private void ended(String account, int count) {
        List<Intake> intakes = IntStream.range(0, count)
                .mapToObj(i -> SampleIntake.event("e" + events++)
                        .of(account)
                        .skipped("as requested", "crm", clock)
                        .intake())
                .toList();
        store.events().accept(intakes).toCompletableFuture().join();
    }

    private String start(String account, int perSecond) {
        String id = SampleIntake.newId(clock);
        ReplayJob job = ReplayJob.starting(
                id,
                SampleQuery.replay(account, "crm", null, null, null, null),
                false,
                perSecond,
                "key",
                clock.instant(),
                SampleIntake.newId(clock),
                0);
        store.replays()
                .start(job, new AuditEntry(account, clock.instant(), Actor.JMX, "started", "replay", id, null))
                .toCompletableFuture()
                .join();
        return id;
    }

    private long replayed(String account, String id) {
        return store.replays().job(account, id).orElseThrow().replayed();
    }

    @Test
    void replays_wait_while_too_many_deliveries_wait() {
        ended("acme", 3);
        String job = start("acme", 5);
        try (ReplayRunner runner = runner(store)) {
            hasSpace = false;
            runner.tick();
            assertEquals(0, replayed("acme", job));
            hasSpace = true;
            runner.tick();
            assertEquals(1, replayed("acme", job));
        }
    }

    @Test
    void a_failing_job_does_not_delay_those_of_another_account() {
        ended("acme", 1);
        ended("other", 1);
        String broken = start("acme", 5);
        String whole = start("other", 5);
        Store failing = InterceptedStore.of(store)
                .on("find", (arguments, real) -> {
                    if (((DeliveryQuery) arguments[0]).account().equals("acme")) {
                        throw new StoreException("disk on fire", null);
                    }
                    return real.proceed();
                })
                .build();
        try (ReplayRunner runner = runner(failing)) {
            runner.tick();
        }
        assertEquals(0, replayed("acme", broken));
        assertEquals(1, replayed("other", whole));
    }

    @Test
    void each_of_many_is_replayed_once_however_small_the_step() {
        ended("acme", 50);
        String job = start("acme", 40);
        try (ReplayRunner runner = runner(store)) {
            for (int tick = 0; tick < 8; tick++) {
                runner.tick();
            }
        }
        assertEquals(50, replayed("acme", job));
        assertEquals(50, store.waitingCount());
        assertEquals(
                ReplayJob.State.DONE,
                store.replays().job("acme", job).orElseThrow().state());
    }

    // --- backfills (semantics 45)

    private void accepted(String prefix, int count) {
        store.events()
                .accept(IntStream.range(0, count)
                        .mapToObj(i -> SampleIntake.event(prefix + i).intake())
                        .toList())
                .toCompletableFuture()
                .join();
    }

    private String startBackfill(int perSecond) {
        String id = SampleIntake.newId(clock);
        Instant from = clock.instant().minus(Duration.ofDays(60));
        ReplayJob job = ReplayJob.backfill(id, LATE.id(), from, null, perSecond, "key", clock.instant(), 0);
        store.replays()
                .start(job, new AuditEntry("acme", clock.instant(), Actor.JMX, "started", "backfill", id, null))
                .toCompletableFuture()
                .join();
        return id;
    }

    private ReplayJob job(String id) {
        return store.replays().job("acme", id).orElseThrow();
    }

    private List<String> made() {
        return Due.of(store.due(), LATE.id(), clock.instant(), 100, Set.of()).stream()
                .map(delivery -> delivery.event().id())
                .toList();
    }

    @Test
    void a_backfill_has_no_more_than_half_of_the_concurrency_limit_pending() {
        accepted("e", 30);
        clock.pass(Duration.ofSeconds(5));
        String job = startBackfill(1_000);
        try (ReplayRunner runner = runner(store)) {
            runner.tick();
            runner.tick();
            assertEquals(List.of("e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7"), made());
            assertEquals(8, job(job).replayed());
        }
    }

    @Test
    void a_step_whose_position_was_not_stored_is_not_repeated() {
        accepted("e", 3);
        clock.pass(Duration.ofSeconds(5));
        String job = startBackfill(1_000);
        Store failing = InterceptedStore.of(store)
                .on("advance", (arguments, real) -> {
                    throw new StoreException("killed", null);
                })
                .build();
        try (ReplayRunner killed = runner(failing)) {
            killed.tick();
        }
        assertEquals(3, made().size());
        assertNull(job(job).position());
        try (ReplayRunner runner = runner(store)) {
            runner.tick();
        }
        assertEquals(List.of("e0", "e1", "e2"), made());
        assertEquals(3, store.waitingCount());
    }

    /** Their configuration may not have the webhook yet. */
    @Test
    void a_backfill_ends_when_events_that_were_accepted_during_its_start_are_stored() {
        accepted("e", 2);
        String job = startBackfill(1_000);
        try (ReplayRunner runner = runner(store)) {
            clock.pass(Duration.ofSeconds(1));
            accepted("during", 1);
            clock.pass(Duration.ofSeconds(2));
            runner.tick();
            assertEquals(List.of("e0", "e1"), made());
            clock.pass(Duration.ofSeconds(1));
            accepted("after", 1);
            clock.pass(Duration.ofSeconds(3));
            runner.tick();
        }
        assertEquals(List.of("e0", "e1", "during0"), made());
        assertEquals(ReplayJob.State.DONE, job(job).state());
    }

    @Test
    void events_without_payload_and_failed_conditions_are_counted_and_not_sent() {
        accepted("expired", 2);
        clock.pass(Duration.ofDays(31));
        Instant now = clock.instant();
        Instant before = now.minus(Duration.ofDays(90));
        store.retain(SampleLimits.of(now, now.minus(Duration.ofDays(30)), before, before, before, 100))
                .toCompletableFuture()
                .join();
        accepted("fails", 1);
        accepted("unwanted", 1);
        accepted("e", 1);
        Backfill.Count count = new Backfill(store.events(), this::wanted)
                .count(LATE, now.minus(Duration.ofDays(60)), now.plusMillis(1), () -> true);
        assertEquals(new Backfill.Count(3, 2, true), count);
        clock.pass(Duration.ofSeconds(5));
        String job = startBackfill(1_000);
        clock.pass(Duration.ofSeconds(5));
        try (ReplayRunner runner = runner(store)) {
            runner.tick();
        }
        assertEquals(List.of("e0"), made());
        assertEquals(1, job(job).replayed());
        assertEquals(3, job(job).leftOut());
    }

    @Test
    void a_backfill_of_a_deleted_webhook_ends() {
        String job = startBackfill(1_000);
        try (ReplayRunner runner =
                new ReplayRunner(store, null, null, webhook -> Optional.empty(), () -> true, clock)) {
            runner.tick();
        }
        assertEquals(ReplayJob.State.DONE, job(job).state());
    }
}
