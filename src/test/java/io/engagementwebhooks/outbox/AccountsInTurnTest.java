package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One account has a large backlog, another few deliveries, which wait neither for the reader nor for memory. */
class AccountsInTurnTest {

    private static final WebhookId SMALL = Ids.webhook("globex", "probe");
    private static final List<String> NAMES =
            IntStream.range(0, 200).mapToObj(i -> "many-" + i).toList();

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final List<WebhookId> reads = new CopyOnWriteArrayList<>();
    private SqliteStore store;
    private OutboxFixture due;

    private void open() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        due = new OutboxFixture(recorded(store), clock, 10_000, 64);
        due.define(Stream.concat(NAMES.stream().map(AccountsInTurnTest::large), Stream.of(SMALL))
                .collect(Collectors.toSet()));
    }

    @AfterEach
    void close() {
        due.close();
        store.close();
    }

    private static WebhookId large(String name) {
        return Ids.webhook("acme", name);
    }

    /** The store, recording the webhooks that are read. */
    private Store recorded(Store store) {
        return InterceptedStore.of(store)
                .on("due", (arguments, real) -> {
                    reads.add(((DueSearch) arguments[0]).webhook());
                    return real.proceed();
                })
                .build();
    }

    private void stored(SampleIntake intake) {
        store.events()
                .accept(List.of(intake.intake()))
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void the_reader_serves_accounts_round_robin_whatever_the_backlog_of_one() {
        open();
        stored(SampleIntake.event("large").toEach(NAMES, clock));
        clock.pass(Duration.ofSeconds(10));
        stored(SampleIntake.event("small").of("globex").to("probe", clock));

        due.open();

        due.awaitCaughtUp();
        assertTrue(reads.indexOf(SMALL) < 2, () -> reads.indexOf(SMALL) + " reads before it");
    }

    @Test
    void a_new_delivery_continues_in_memory_although_another_account_fills_it() {
        open();
        due.open();
        int held = 0;
        for (int round = 0; round < 32; round++) {
            for (String name : NAMES) {
                held += handOver(large(name), name + "-" + round) ? 1 : 0;
            }
        }
        assertEquals(4096, held);

        assertTrue(handOver(SMALL, "small-1"));
        assertTrue(handOver(SMALL, "small-2"));
        assertFalse(handOver(large("many-1"), "one-more"));
        assertEquals(List.of(), reads);
    }

    private boolean handOver(WebhookId webhook, String delivery) {
        if (!due.reserve(webhook, delivery)) {
            return false;
        }
        Event event =
                SampleIntake.event(delivery).of(webhook.account()).intake().event();
        Instant now = clock.instant();
        due.handOver(new DueDelivery(delivery, webhook, event, null, 0, 0, now, Duration.ZERO, now, false, null, null));
        return true;
    }
}
