package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process does with deliveries that may be another's, over a store of which it is told that it is shared. */
@Timeout(300)
class SharedOutboxTest {

    private static final WebhookId CRM = new WebhookId("acme", "crm");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private final Queue<Boolean> inFlightAtTheEnd = new ConcurrentLinkedQueue<>();
    private SqliteStore store;
    private DueDeliveries due;
    private Outbox outbox;
    private volatile boolean owned = true;
    private Runnable atReading = () -> {};

    private final Ownership ownership = new Ownership() {
        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public boolean owns(WebhookId webhook) {
            return owned;
        }

        @Override
        public Predicate<WebhookId> asOfNow() {
            boolean now = owned;
            return webhook -> now;
        }

        @Override
        public boolean begin(WebhookId webhook, String delivery) {
            return owned;
        }

        @Override
        public boolean maySend(String delivery) {
            return owned;
        }

        @Override
        public void ended(String delivery) {
            ended.add(delivery);
            inFlightAtTheEnd.add(due.isInFlight(CRM, delivery));
        }
    };

    private void start() {
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
        Store shared = (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("ownership")) {
                        return ownership;
                    }
                    try {
                        Object answer = method.invoke(store, arguments);
                        if (method.getName().equals("due")) {
                            atReading.run();
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        due = new DueDeliveries(shared, clock, 16);
        outbox = new Outbox(shared, due, clock, () -> -1);
        due.define(Set.of(CRM));
    }

    @AfterEach
    void close() {
        due.close();
        outbox.close();
        store.close();
    }

    private List<String> stored(int many) {
        List<SampleIntake> intakes = IntStream.range(0, many)
                .mapToObj(i -> SampleIntake.event("e" + i).to("crm", clock))
                .toList();
        List<Intake> batch = intakes.stream().map(SampleIntake::intake).toList();
        store.accept(batch).toCompletableFuture().join();
        return intakes.stream().map(SampleIntake::deliveryId).toList();
    }

    /** Taken again before that, it would lose its right to send to the end of the try before. */
    @Test
    void a_try_has_ended_before_its_delivery_can_be_taken_again() throws Exception {
        start();
        List<String> ids = stored(3);
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
        CamelContext camel = new DefaultCamelContext();
        try {
            OutboxComponent component = new OutboxComponent();
            component.setOutbox(outbox);
            component.setDeliveryTaking((exchange, delivery) -> true);
            component.setTryRecording((exchange, delivery) -> CompletableFuture.completedFuture(new TryRecording.Ended(
                    new TryResult(delivery.id(), CRM, DeliveryState.DELIVERED, "", null, attempt, null, null), false)));
            camel.addComponent("outbox", component);
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("outbox:due?workers=1").process(exchange -> {});
                }
            });
            camel.start();
            await().until(() -> inFlightAtTheEnd.size() == 3);
        } finally {
            camel.stop();
        }
        assertTrue(ended.containsAll(ids));
        assertEquals(List.of(true, true, true), List.copyOf(inFlightAtTheEnd));
    }

    @Test
    void what_moves_away_while_it_is_read_is_no_backlog_of_this_process() {
        start();
        stored(40);
        atReading = () -> {
            owned = false;
            due.disown();
        };
        due.open();
        await().until(() -> !owned && due.isCaughtUp());
        assertEquals(0, due.backlog().due());
        assertNull(due.takeIfAny());
    }
}
