package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.accept.NewDelivery;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hand-over of an event for many webhooks, which is stored in parts (semantics 40). */
class GroupHandOverTest {

    private static final int MANY = 2 * GroupHandOver.AT_ONCE + 1;

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final CountingLock lock = new CountingLock();
    private final Listener listener = new Listener();
    private SqliteStore store;
    private OutboxFixture due;

    /** No other thread acquires it, since the outbox is not open. */
    private static final class CountingLock extends OutboxFixture.QueueLock {

        private static final long serialVersionUID = 1L;

        private int acquired;

        @Override
        public void lock() {
            super.lock();
            acquired += getHoldCount() == 1 ? 1 : 0;
        }
    }

    private static final class Listener implements CommitListener {

        private final List<Intake> storing = new ArrayList<>();
        private final List<Stored> stored = new ArrayList<>();

        @Override
        public synchronized void storing(List<Intake> intakes) {
            storing.addAll(intakes);
        }

        @Override
        public synchronized void committed(List<Stored> events, List<Ended> ended) {
            stored.addAll(events);
        }

        @Override
        public void notStored(List<Intake> intakes) {}
    }

    @BeforeEach
    void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        due = new OutboxFixture(store, clock, lock, (account, task) -> {});
        store.listen(listener);
    }

    @AfterEach
    void close() {
        due.outbox().close();
        store.close();
    }

    private Accepted accept(SampleIntake intake) {
        return Patience.get(store.events().accept(List.of(intake.intake()))).get(0);
    }

    @Test
    void its_deliveries_are_reserved_and_handed_over_in_steps() {
        List<String> webhooks = IntStream.range(0, MANY).mapToObj(i -> "w" + i).toList();
        assertEquals(
                MANY,
                accept(SampleIntake.event("large").toEach(webhooks, clock)).deliveries());
        SampleIntake ordered = SampleIntake.event("ordered");
        for (String webhook : webhooks) {
            ordered = ordered.inOrder("k", webhook, clock);
        }
        accept(ordered);
        accept(SampleIntake.event("small").to("w1", clock));
        synchronized (listener) {
            assertEquals(
                    List.of("large", "ordered", "small"),
                    listener.storing.stream().map(each -> each.event().id()).toList());
            assertEquals(
                    List.of("large", "ordered", "small"),
                    listener.stored.stream()
                            .map(each -> each.intake().event().id())
                            .toList());
        }
        for (CommitListener.Stored large : listener.stored.subList(0, 2)) {
            lock.acquired = 0;
            due.listener().storing(List.of(large.intake()));
            assertEquals(3, lock.acquired);
            lock.acquired = 0;

            due.listener().committed(List.of(large), List.of());

            assertEquals(3, lock.acquired);
        }
        assertEquals(MANY, due.outbox().queues().all().size());
    }

    @Test
    void an_event_for_many_webhooks_takes_no_more_memory_than_its_account_may() {
        List<String> webhooks = IntStream.range(0, MANY).mapToObj(i -> "w" + i).toList();
        SampleIntake large = SampleIntake.event("large").toEach(webhooks, clock);
        long one = large.intake().event().memory();
        OutboxFixture small = new OutboxFixture(store, clock, MANY, 256, 100 * one);
        small.define(
                large.intake().deliveries().stream().map(NewDelivery::webhook).collect(Collectors.toSet()));
        small.open();

        accept(large);

        await().until(() ->
                small.outbox().queues().locked(() -> small.outbox().queues().due()) == MANY);
        assertTrue(
                small.outbox().eventBytes() <= 101 * one,
                "bytes: " + small.outbox().eventBytes());
        small.close();
    }
}
