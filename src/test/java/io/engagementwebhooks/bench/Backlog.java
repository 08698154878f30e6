package io.engagementwebhooks.bench;

import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Fills an embedded store of nobody with deliveries that are due and wait for paused webhooks, through the product's store. */
final class Backlog {

    private static final int EVENTS_AT_A_TIME = 100;
    private static final int WRITES_UNDER_WAY = 20;
    private static final String DATA = "{\"cdr_id\":7,\"duration\":192,\"note\":\"" + "x".repeat(850) + "\"}";

    private Backlog() {}

    /** @param first the number of the first of the webhooks, which are paused here */
    static void fill(Path file, int deliveries, int first, int webhooks) {
        Clock clock = Clock.systemUTC();
        try (Store store = SqliteStore.open(file, clock)) {
            for (int i = first; i < first + webhooks; i++) {
                WebhookId webhook = new WebhookId(SetUp.ACCOUNT, SetUp.name(i));
                store.setState(webhook, WebhookState.State.PAUSED, "the bench", clock.instant())
                        .toCompletableFuture()
                        .join();
            }
            Deque<CompletableFuture<?>> writes = new ArrayDeque<>();
            for (int i = 0; i < deliveries; i += EVENTS_AT_A_TIME) {
                List<Intake> some = new ArrayList<>();
                for (int id = i; id < Math.min(deliveries, i + EVENTS_AT_A_TIME); id++) {
                    some.add(SampleIntake.event("waiting-" + id)
                            .of(SetUp.ACCOUNT)
                            .with(DATA)
                            .to(SetUp.name(first + id % webhooks), clock)
                            .intake());
                }
                writes.add(store.accept(some).toCompletableFuture());
                if (writes.size() >= WRITES_UNDER_WAY) {
                    writes.remove().join();
                }
            }
            writes.forEach(CompletableFuture::join);
        }
    }
}
