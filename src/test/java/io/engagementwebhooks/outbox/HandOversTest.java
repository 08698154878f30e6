package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.ManagementStrategy;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.EventNotifierSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The cost of a delivery from its acceptance to its record, and that of the response to its event: changes of threads, and
 * acquisitions of the outbox's lock.
 */
@Timeout(300)
class HandOversTest {

    private static final int ACCOUNTS = 10;
    private static final int EACH = 10;
    private static final int THREADS = 4;
    private static final long PLENTY = 64L << 20;
    private static final String KEY = "hand-overs-admin-key-0123456789";
    private static final String RESPONSE = "202";
    private static final String SERVER = "vert.x-eventloop-thread";

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final CamelContext camel = new DefaultCamelContext();
    private final CountingLock lock = new CountingLock();
    private final ExecutorService eventLoop = Executors.newSingleThreadExecutor(task -> new Thread(task, "event-loop"));
    private final AtomicInteger groups = new AtomicInteger();
    private final AtomicInteger recorded = new AtomicInteger();
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private final Map<String, Event> events = new ConcurrentHashMap<>();
    private final AtomicInteger rebuilt = new AtomicInteger();

    /** The threads that a delivery went through, without their numbers. */
    private final Map<String, List<String>> ways = new ConcurrentHashMap<>();

    private FairExecutor threads;
    private SqliteStore store;
    private OutboxFixture due;

    private static final class CountingLock extends OutboxFixture.QueueLock {

        private static final long serialVersionUID = 1L;

        private final AtomicInteger acquired = new AtomicInteger();

        @Override
        public void lock() {
            super.lock();
            if (getHoldCount() == 1) {
                acquired.incrementAndGet();
            }
        }
    }

    /** Wraps the outbox's listener and counts; the first group waits, so that all others are in the second. */
    private final class Counting implements CommitListener {

        private final CommitListener to;

        Counting(CommitListener to) {
            this.to = to;
        }

        @Override
        public void storing(List<Intake> intakes) {
            if (writing.getCount() > 0) {
                writing.countDown();
                await().until(() -> goOn.getCount() == 0);
            }
            to.storing(intakes);
        }

        @Override
        public void committed(List<Stored> stored, List<Ended> ended) {
            groups.incrementAndGet();
            stored.forEach(each -> each.intake().deliveries().forEach(delivery -> passes(delivery.id())));
            ended.forEach(each -> passes(each.result().delivery()));
            to.committed(stored, ended);
            recorded.addAndGet(ended.size());
        }

        @Override
        public void notStored(List<Intake> intakes) {
            to.notStored(intakes);
        }
    }

    private void passes(String delivery) {
        List<String> way = ways.computeIfAbsent(delivery, id -> Collections.synchronizedList(new ArrayList<>()));
        String thread = thread();
        if (way.isEmpty() || !way.get(way.size() - 1).equals(thread)) {
            way.add(thread);
        }
    }

    private static String thread() {
        String name = Thread.currentThread().getName();
        return name.replaceFirst("-\\d+$", "");
    }

    private static WebhookId webhook(int account) {
        return Ids.webhook("account-" + account, "crm");
    }

    @BeforeEach
    void open() throws Exception {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        threads = new FairExecutor("deliver", THREADS, new Ledger(PLENTY));
        due = new OutboxFixture(store, clock, lock, threads::execute);
        due.define(IntStream.range(0, ACCOUNTS).mapToObj(HandOversTest::webhook).collect(Collectors.toSet()));
        store.listen(new Counting(due.listener()));
        OutboxComponent component = new OutboxComponent();
        component.setOutbox(due.outbox());
        component.setDeliveryLoader((exchange, delivery) -> {
            exchange.setProperty("delivery", delivery.id());
            exchange.setProperty("account", delivery.webhook().account());
            passes(delivery.id());
            if (delivery.event() != events.get(delivery.id())) {
                rebuilt.incrementAndGet();
            }
            return true;
        });
        component.setAttemptRecording((exchange, delivery) -> {
            passes(delivery.id());
            AttemptResult result = delivered(delivery);
            return store.outcomes().record(result).thenApply(written -> result);
        });
        camel.addComponent("outbox", component);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("outbox:due").process(new Responding());
            }
        });
        camel.start();
    }

    /** Responds on the event loop; the attempt continues on a delivery thread. */
    private final class Responding extends AsyncProcessorSupport {

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            String delivery = exchange.getProperty("delivery", String.class);
            String account = exchange.getProperty("account", String.class);
            eventLoop.execute(() -> {
                passes(delivery);
                threads.execute(account, () -> due.resume(delivery, () -> callback.done(false)));
            });
            return false;
        }
    }

    private AttemptResult delivered(DueDelivery delivery) {
        return new AttemptResult(
                delivery.id(),
                delivery.webhook(),
                DeliveryState.DELIVERED,
                "",
                null,
                SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null),
                null,
                null);
    }

    @AfterEach
    void close() {
        goOn.countDown();
        camel.stop();
        due.close();
        due.outbox().close();
        store.close();
        threads.close();
        eventLoop.shutdownNow();
    }

    private void accept(int account, int number) {
        SampleIntake intake = SampleIntake.event("e" + account + "-" + number)
                .of("account-" + account)
                .to("crm", clock);
        passes(intake.deliveryId());
        Intake accepted = intake.intake();
        events.put(intake.deliveryId(), accepted.event());
        due.outbox().acceptance().accept(List.of(accepted));
    }

    @Test
    void a_delivery_goes_through_six_threads_and_the_lock_is_acquired_twice_for_a_group_of_commits() throws Exception {
        accept(0, 0);
        assertTrue(writing.await(60, TimeUnit.SECONDS));
        for (int account = 0; account < ACCOUNTS; account++) {
            for (int number = 1; number <= EACH; number++) {
                accept(account, number);
            }
        }
        lock.acquired.set(0);
        goOn.countDown();
        await().until(() -> recorded.get() == ACCOUNTS * EACH + 1);
        int acquired = lock.acquired.get();

        assertEquals(
                Set.of(List.of(
                        Thread.currentThread().getName(),
                        "store-writer",
                        "deliver",
                        "event-loop",
                        "deliver",
                        "store-writer")),
                Set.copyOf(ways.values()),
                "accepted, stored, sent, answered, recorded; the server's event loop is before that");
        assertEquals(0, rebuilt.get(), "the attempt has the accepted event, and with it a tree that was parsed");
        assertTrue(
                acquired <= 2 * groups.get(),
                () -> acquired + " acquisitions for " + groups + " groups and " + recorded + " deliveries");
    }

    /** Observes the exchanges of the ingest route in the product, and the threads that read their intakes. */
    private final class OfResponse extends EventNotifierSupport {

        @Override
        public boolean isEnabled(CamelEvent event) {
            return event instanceof CamelEvent.ExchangeEvent about
                    && "ingest-events".equals(about.getExchange().getFromRouteId());
        }

        @Override
        public void notify(CamelEvent event) {
            passes(RESPONSE);
            if (event instanceof CamelEvent.ExchangeSendingEvent sending
                    && sending.getEndpoint() instanceof OutboxEndpoint) {
                Message message = sending.getExchange().getMessage();
                List<?> intakes = message.getBody(List.class);
                message.setBody(new AbstractList<Object>() {
                    @Override
                    public Object get(int index) {
                        passes(RESPONSE);
                        return intakes.get(index);
                    }

                    @Override
                    public int size() {
                        return intakes.size();
                    }
                });
            }
        }
    }

    /** In the whole product; the log line of the attempt is written after the commit, on no event loop. */
    @Test
    void a_202_goes_through_two_threads_after_the_commit() throws Exception {
        OfResponse notifier = new OfResponse();
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                RunningProduct product = RunningProduct.shared(OneWebhook.all(KEY, receiver.url()));
                LogLines attempts = new LogLines("webhooks.delivery")) {
            ManagementStrategy management = product.camel().getManagementStrategy();
            management.addEventNotifier(notifier);
            try {
                assertEquals(
                        202,
                        product.postEvent(KEY, "{\"id\":\"e1\",\"source\":\"/s\",\"type\":\"call.ended\"}")
                                .statusCode());
                await().until(() -> ways.get(RESPONSE).contains(SERVER));
            } finally {
                management.removeEventNotifier(notifier);
            }
            List<String> way = List.copyOf(ways.get(RESPONSE));
            assertEquals(
                    List.of("ingest", "store-writer"), way.subList(0, 2), "the server's event loop is before that");
            assertEquals(SERVER, way.get(way.size() - 1), way::toString);
            assertTrue(way.size() <= 2 + 2, () -> "rest of the route, event loop: " + way);
            await().until(
                            () -> attempts.events().stream()
                                    .filter(line -> line.getFormattedMessage()
                                            .contains(" account=" + product.account("acme") + " "))
                                    .map(ILoggingEvent::getThreadName)
                                    .toList(),
                            threads -> threads.size() == 1
                                    && (threads.get(0).equals("store-writer")
                                            || threads.get(0).startsWith("deliver-")));
        }
    }
}
