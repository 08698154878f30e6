package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An outbox whose store is shared with other instances. */
@Timeout(300)
class SharedOutboxTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;

    /** The partition of the webhook. */
    private static final BitSet CRMS = new BitSet();

    static {
        CRMS.set(Ownership.partition(CRM));
    }

    private volatile boolean isOwner = true;

    private Runnable atReading = () -> {};

    private final Queue<Instant> readAfter = new ConcurrentLinkedQueue<>();

    private final Ownership ownership = new Ownership() {
        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public boolean owns(int partition) {
            return isOwner;
        }
    };

    private void start() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        Store shared = InterceptedStore.of(store)
                .on("ownership", (arguments, real) -> ownership)
                .on("due", (arguments, real) -> {
                    if (arguments != null && arguments[0] instanceof DueSearch search) {
                        readAfter.add(search.after().dueAt());
                    }
                    Object found = real.proceed();
                    atReading.run();
                    return found;
                })
                .build();
        due = new OutboxFixture(shared, clock, 10_000, 16);
        outbox = due.outbox();
        due.define(Set.of(CRM));
    }

    @AfterEach
    void close() {
        due.close();
        outbox.close();
        store.close();
    }

    /** Stores events without a signal to the outbox. */
    private List<Accepted> accept(List<Intake> intakes) {
        return due.unheard(
                () -> store.events().accept(intakes).toCompletableFuture().join());
    }

    private void lost() {
        isOwner = false;
        due.owned(new BitSet());
    }

    /** Like {@link ClusterEventHandler}. */
    private void regained() {
        isOwner = true;
        due.owned((BitSet) CRMS.clone());
        due.acquire();
    }

    /** Another process owns the webhook and sends its pending deliveries. */
    private void anotherSends(List<String> deliveries) {
        lost();
        deliveries.forEach(id -> store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.DELIVERED, "", null, attempt(), null, null))
                .toCompletableFuture()
                .join());
    }

    private AttemptRow attempt() {
        return SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
    }

    private Set<String> takenWhenAllIsRead() {
        due.awaitCaughtUp();
        Set<String> taken = new TreeSet<>();
        for (DueDelivery next = due.takeIfAny(); next != null; next = due.takeIfAny()) {
            taken.add(next.id());
        }
        return taken;
    }

    private List<String> stored(int many) {
        List<SampleIntake> intakes = IntStream.range(0, many)
                .mapToObj(i -> SampleIntake.event("e" + i).to("crm", clock))
                .toList();
        List<Intake> batch = intakes.stream().map(SampleIntake::intake).toList();
        accept(batch);
        return intakes.stream().map(SampleIntake::deliveryId).toList();
    }

    /** Semantics 43: deliveries in flight elsewhere are unknown here. */
    @Test
    void a_delivery_of_another_instance_waits_there_with_what_the_store_knows() {
        start();
        due.open();
        lost();
        List<String> ids = stored(3);
        List<WaitingFor> reasons = ids.stream()
                .map(id -> store.deliveries().delivery("acme", id).orElseThrow())
                .map(row -> outbox.waitingFor(List.of(row)).get(row.id()))
                .toList();
        assertEquals(
                IntStream.range(0, 3)
                        .<WaitingFor>mapToObj(i -> new WaitingFor.Dispatch(i, true, null))
                        .toList(),
                reasons);
        store.outcomes()
                .setState(CRM, WebhookState.State.PAUSED, "by staff there", clock.instant())
                .toCompletableFuture()
                .join();
        assertEquals(
                new WaitingFor.Paused(WaitingFor.Cause.WEBHOOK_PAUSED),
                outbox.waitingFor(List.of(
                                store.deliveries().delivery("acme", ids.get(0)).orElseThrow()))
                        .get(ids.get(0)));
    }

    @Test
    void a_webhook_that_moves_during_a_read_is_no_backlog_of_this_process() {
        start();
        stored(40);
        atReading = this::lost;
        due.open();
        await().until(() -> !isOwner);
        due.awaitCaughtUp();
        assertEquals(0, due.backlog().due());
        assertNull(due.takeIfAny());
    }

    @Test
    void rows_read_before_another_owner_are_read_again() {
        start();
        List<String> ids = stored(8);
        due.open();
        due.awaitCaughtUp();
        anotherSends(ids.subList(0, 5));
        assertEquals(new TreeSet<>(), takenWhenAllIsRead(), "another owns it");
        regained();
        assertEquals(new TreeSet<>(ids.subList(5, 8)), takenWhenAllIsRead());
    }

    @Test
    void rows_being_read_during_another_ownership_are_read_again() {
        start();
        List<String> ids = stored(8);
        atReading = () -> {
            atReading = () -> {};
            anotherSends(ids.subList(0, 5));
            regained();
        };
        due.open();
        assertEquals(new TreeSet<>(ids.subList(5, 8)), takenWhenAllIsRead());
    }

    @Test
    void rows_being_stored_during_another_ownership_are_read_again() {
        start();
        due.open();
        SampleIntake sample = SampleIntake.event("fresh").to("crm", clock);
        List<Intake> intakes = List.of(sample.intake());
        due.listener().storing(intakes);
        List<Accepted> answers = accept(intakes);
        anotherSends(List.of(sample.deliveryId()));
        regained();
        due.listener().committed(List.of(new CommitListener.Stored(sample.intake(), answers.get(0))), List.of());
        assertEquals(new TreeSet<>(), takenWhenAllIsRead());
        assertEquals(0, due.backlog().due());
    }

    @Test
    void a_manual_change_wins_over_a_state_read_before() {
        start();
        due.open();
        stored(1);
        lost();
        isOwner = true;
        BitSet owned = (BitSet) CRMS.clone();
        due.owned(owned);
        long changes = due.changes();
        List<WebhookState> read = List.of(WebhookState.active(CRM));
        outbox.setState(CRM, WebhookState.State.PAUSED, "by staff")
                .toCompletableFuture()
                .join();
        due.acquire(owned, changes, read, store.due().waitingWebhooks());
        assertEquals(new TreeSet<>(), takenWhenAllIsRead());
    }

    /** The owner changed while the states were read: another synchronization follows. */
    @Test
    void a_state_read_before_a_change_of_owner_is_not_applied() {
        start();
        due.open();
        List<String> ids = stored(2);
        BitSet before = (BitSet) CRMS.clone();
        due.owned(before);
        lost();
        regained();
        due.acquire(
                before,
                due.changes(),
                List.of(WebhookState.active(CRM)),
                store.due().waitingWebhooks());
        assertEquals(new TreeSet<>(ids), takenWhenAllIsRead());
    }

    /** Semantics 19. */
    @Test
    void an_attempt_begun_before_a_loss_may_not_send_even_after_the_webhook_is_regained() {
        start();
        due.open();
        stored(1);
        due.owned((BitSet) CRMS.clone());
        due.acquire();
        due.awaitCaughtUp();
        String begun = due.takeIfAny().id();
        assertTrue(outbox.maySend(begun));
        isOwner = false;
        assertFalse(outbox.maySend(begun), "the lease has expired");
        isOwner = true;
        assertTrue(outbox.maySend(begun));
        lost();
        regained();
        assertFalse(outbox.maySend(begun));
        assertFalse(outbox.maySend("never begun"));
    }

    /** The removed rows of a backlog stay in the index until a vacuum. */
    @Test
    void a_signal_of_another_instance_does_not_read_from_the_start_again() {
        start();
        due.open();
        List<String> ids = stored(3);
        due.owned((BitSet) CRMS.clone());
        due.acquire();
        Instant caughtUp = clock.instant();
        assertEquals(new TreeSet<>(ids), takenWhenAllIsRead());
        clock.pass(Duration.ofHours(1));
        SampleIntake fresh = SampleIntake.event("fresh").to("crm", clock);
        accept(List.of(fresh.intake()));
        readAfter.clear();
        due.look(CRM);
        assertEquals(Set.of(fresh.deliveryId()), takenWhenAllIsRead());
        assertTrue(readAfter.stream().noneMatch(at -> at.isBefore(caughtUp)), readAfter::toString);
    }

    @Test
    void canceled_deliveries_in_memory_are_not_begun_and_those_begun_are_not_sent() {
        start();
        due.open();
        List<String> ids = stored(5);
        due.owned((BitSet) CRMS.clone());
        due.acquire();
        due.awaitCaughtUp();
        String begun = due.takeIfAny().id();
        String sibling = due.takeIfAny().id();
        List<String> others =
                ids.stream().filter(id -> !Set.of(begun, sibling).contains(id)).toList();
        assertTrue(outbox.manual().discardOne(CRM, begun, "by staff"));
        assertTrue(outbox.manual().discardOne(CRM, others.get(0), "by staff"));
        assertFalse(outbox.maySend(begun));
        assertTrue(outbox.maySend(sibling), "it was not canceled");
        assertEquals(new TreeSet<>(others.subList(1, 3)), takenWhenAllIsRead());
    }
}
