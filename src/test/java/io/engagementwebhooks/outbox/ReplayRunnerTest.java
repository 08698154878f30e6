package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.Actor;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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

    private boolean hasSpace = true;
    private int events;

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
    }

    private ReplayRunner runner(Store store) {
        return new ReplayRunner(
                store,
                new Outbox(
                        this.store,
                        clock,
                        new Outbox.Limits(10_000, 20),
                        () -> -1,
                        (account, rest) -> rest.run(),
                        (account, task) -> task.run()),
                webhook -> true,
                () -> hasSpace,
                clock);
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
}
