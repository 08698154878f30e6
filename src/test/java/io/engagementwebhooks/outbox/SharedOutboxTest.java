package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.store.jdbc.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
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
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private final Queue<Boolean> inFlightAtTheEnd = new ConcurrentLinkedQueue<>();
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;

    /** 0: another instance owns it. */
    private volatile long epoch = 1;

    private Runnable atReading = () -> {};

    private final Ownership ownership = new Ownership() {
        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public long epoch(WebhookId webhook) {
            return epoch;
        }

        @Override
        public ToLongFunction<WebhookId> asOfNow() {
            long now = epoch;
            return webhook -> now;
        }

        @Override
        public boolean begin(WebhookId webhook, String delivery, long under) {
            return epoch != 0 && under == epoch;
        }

        @Override
        public boolean maySend(String delivery) {
            return epoch != 0;
        }

        @Override
        public void ended(String delivery) {
            ended.add(delivery);
            inFlightAtTheEnd.add(due.isInFlight(CRM, delivery));
        }
    };

    private void start() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        Store shared = InterceptedStore.of(store)
                .on("ownership", (arguments, real) -> ownership)
                .on("due", (arguments, real) -> {
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

    /** Another process owns the webhook, sends its pending deliveries and ends, unnoticed here. */
    private void anotherSends(List<String> deliveries) {
        deliveries.forEach(id -> store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.DELIVERED, "", null, attempt(), null, null))
                .toCompletableFuture()
                .join());
        epoch += 2;
    }

    private AttemptRow attempt() {
        return SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
    }

    /** Like {@link ClusterEventHandler}, later. */
    private void lookWhoseItIs() {
        due.disown();
        ToLongFunction<WebhookId> epochs = ownership.asOfNow();
        due.moved(
                epochs,
                due.changes(),
                store.outcomes().webhookStates(),
                store.due().waitingWebhooks());
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
        epoch = 0;
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

    /** Taken again before, the end of the earlier attempt would revoke its right to send. */
    @Test
    void an_attempt_ends_before_its_delivery_can_be_taken_again() throws Exception {
        start();
        List<String> ids = stored(3);
        AttemptRow attempt = attempt();
        CamelContext camel = new DefaultCamelContext();
        try {
            OutboxComponent component = new OutboxComponent();
            component.setOutbox(outbox);
            component.setDeliveryLoader((exchange, delivery) -> true);
            component.setAttemptRecording((exchange, delivery) -> {
                AttemptResult result =
                        new AttemptResult(delivery.id(), CRM, DeliveryState.DELIVERED, "", null, attempt, null, null);
                return store.outcomes().record(result).thenApply(recorded -> result);
            });
            camel.addComponent("outbox", component);
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("outbox:due").process(exchange -> {});
                }
            });
            camel.start();
            await().until(() -> {
                while (due.runTask()) {}
                return inFlightAtTheEnd.size() == 3;
            });
        } finally {
            camel.stop();
        }
        assertTrue(ended.containsAll(ids));
        assertEquals(List.of(true, true, true), List.copyOf(inFlightAtTheEnd));
    }

    @Test
    void a_webhook_that_moves_during_a_read_is_no_backlog_of_this_process() {
        start();
        stored(40);
        atReading = () -> {
            epoch = 0;
            due.disown();
        };
        due.open();
        await().until(() -> epoch == 0);
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
        assertEquals(new TreeSet<>(), takenWhenAllIsRead(), "no one knows yet whose it is");
        lookWhoseItIs();
        assertEquals(new TreeSet<>(ids.subList(5, 8)), takenWhenAllIsRead());
    }

    @Test
    void rows_being_read_during_another_ownership_are_read_again() {
        start();
        List<String> ids = stored(8);
        atReading = () -> {
            atReading = () -> {};
            anotherSends(ids.subList(0, 5));
            lookWhoseItIs();
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
        lookWhoseItIs();
        due.listener().committed(List.of(new CommitListener.Stored(sample.intake(), answers.get(0))), List.of());
        assertEquals(new TreeSet<>(), takenWhenAllIsRead());
        assertEquals(0, due.backlog().due());
    }

    @Test
    void a_manual_change_wins_over_a_state_read_before() {
        start();
        due.open();
        stored(1);
        ToLongFunction<WebhookId> epochs = ownership.asOfNow();
        epoch += 2;
        long changes = due.changes();
        List<WebhookState> read = List.of(WebhookState.active(CRM));
        outbox.setState(CRM, WebhookState.State.PAUSED, "by staff")
                .toCompletableFuture()
                .join();
        due.moved(epochs, changes, read, store.due().waitingWebhooks());
        assertEquals(new TreeSet<>(), takenWhenAllIsRead());
    }
}
