package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.SqliteStore;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An event for many webhooks is acknowledged first and inserted in steps, between which others write (semantics 40). */
@ExtendWith(Patience.class)
class FanOutTest {

    private static final int MANY = 1_200;

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final AtomicInteger steps = new AtomicInteger();
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;

    /** Called before each step of the fan-outs, with its number from 1. */
    private volatile BeforeStep beforeStep = (step, account) -> {};

    private interface BeforeStep {
        void reached(int step, String account) throws InterruptedException;
    }

    @BeforeEach
    void start() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        open();
    }

    private void open() {
        Store watched = InterceptedStore.of(store)
                .on("insert", (arguments, real) -> {
                    try {
                        beforeStep.reached(steps.incrementAndGet(), (String) arguments[0]);
                    } catch (InterruptedException | StoreException e) {
                        return CompletableFuture.failedFuture(e);
                    }
                    return real.proceed();
                })
                .build();
        due = new OutboxFixture(watched, clock, 10_000, 16);
        outbox = due.outbox();
        due.define(names().stream().map(name -> Ids.webhook("acme", name)).collect(Collectors.toSet()));
        due.open();
    }

    @AfterEach
    void close() {
        due.close();
        outbox.close();
        store.close();
    }

    private static Set<String> names() {
        return IntStream.range(0, MANY).mapToObj(i -> "w" + i).collect(Collectors.toCollection(TreeSet::new));
    }

    private SampleIntake toMany(String id) {
        return SampleIntake.event(id).toEach(names(), clock);
    }

    private CompletableFuture<Accepted> accept(SampleIntake intake) {
        return outbox.accept(List.of(intake.intake()))
                .thenApply(accepted -> accepted.get(0))
                .toCompletableFuture();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
    }

    /** Sends dispatched deliveries up to a number; their outcomes share commits. @return their webhooks */
    private List<String> sent(int many) throws Exception {
        List<String> webhooks = new ArrayList<>();
        List<CompletableFuture<?>> recorded = new ArrayList<>();
        while (webhooks.size() < many) {
            DueDelivery next = due.take();
            webhooks.add(next.webhook().name());
            AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
            AttemptResult result = new AttemptResult(
                    next.id(), next.webhook(), DeliveryState.DELIVERED, "", null, attempt, null, null);
            recorded.add(store.outcomes().record(result).toCompletableFuture());
        }
        get(CompletableFuture.allOf(recorded.toArray(CompletableFuture[]::new)));
        webhooks.sort(null);
        return webhooks;
    }

    private void assertAllWereSentOnce(List<String> webhooks) {
        assertEquals(List.copyOf(names()), webhooks);
        assertEquals(0, store.waitingCount());
        assertEquals(List.of(), store.fanOuts().accounts());
    }

    @Test
    void each_of_many_webhooks_is_sent_the_event_once() throws Exception {
        assertEquals(MANY, get(accept(toMany("e1"))).deliveries());
        assertAllWereSentOnce(sent(MANY));
        assertTrue(steps.get() >= 3, "steps: " + steps);
    }

    @Test
    void an_event_of_another_account_does_not_wait_for_the_fan_outs_before_it() throws Exception {
        CountDownLatch others = new CountDownLatch(1);
        CountDownLatch midway = new CountDownLatch(1);
        beforeStep = (step, account) -> {
            if (step == 3) {
                midway.countDown();
                assertTrue(others.await(Patience.LONG.toSeconds(), TimeUnit.SECONDS), "it waits for the fan-outs");
            }
        };
        for (int i = 0; i < 10; i++) {
            assertTrue(get(accept(toMany("e" + i))).fannedOut());
        }
        assertTrue(midway.await(Patience.LONG.toSeconds(), TimeUnit.SECONDS));

        Accepted other = get(accept(SampleIntake.event("small").of("globex").to("crm", clock)));
        assertFalse(other.fannedOut());
        assertEquals(List.of("acme"), store.fanOuts().accounts(), "nearly all of them are to be inserted still");
        assertEquals(
                1,
                Due.of(store.due(), Ids.webhook("globex", "crm"), clock.instant(), 9, Set.of())
                        .size());
        others.countDown();

        assertEquals(10 * MANY, sent(10 * MANY).size());
    }

    @Test
    void fan_outs_of_accounts_are_inserted_round_robin() throws Exception {
        CountDownLatch both = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        beforeStep = (step, account) -> {
            both.await();
            order.add(account);
        };
        get(accept(toMany("e1")));
        get(accept(toMany("e2").of("globex")));
        both.countDown();
        await().until(() -> store.fanOuts().accounts().isEmpty());
        assertTrue(order.indexOf("globex") < order.lastIndexOf("acme"), () -> "steps of " + order);
    }

    @Test
    void a_failing_step_is_retried_and_nothing_is_sent_twice() throws Exception {
        beforeStep = (step, account) -> {
            if (step == 2 || step == 3) {
                throw new StoreException("the disk is full", null);
            }
        };
        get(accept(toMany("e1")));
        assertAllWereSentOnce(sent(MANY));
    }

    @Test
    void a_delivery_of_a_webhook_removed_before_the_insert_is_inserted() throws Exception {
        CountDownLatch removed = new CountDownLatch(1);
        beforeStep = (step, account) -> removed.await();
        get(accept(toMany("e1")));
        due.define(names().stream()
                .filter(name -> !name.equals("w7"))
                .map(name -> Ids.webhook("acme", name))
                .collect(Collectors.toSet()));
        removed.countDown();
        assertEquals(MANY - 1, sent(MANY - 1).size());

        WebhookId gone = Ids.webhook("acme", "w7");
        assertEquals(
                1,
                Due.of(store.due(), gone, clock.instant(), 9, Set.of()).size(),
                "it waits until the webhook is there again");
        due.define(Set.of(gone));
        assertEquals(List.of("w7"), sent(1));
    }

    @Test
    void fan_outs_of_a_former_process_are_inserted_after_a_restart() throws Exception {
        beforeStep = (step, account) -> {
            if (step > 1) {
                throw new StoreException("gone", null);
            }
        };
        get(accept(toMany("e1")));
        await().until(() -> steps.get() > 1);
        due.close();
        outbox.close();
        store.close();
        beforeStep = (step, account) -> {};
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
        open();
        assertAllWereSentOnce(sent(MANY));
    }
}
