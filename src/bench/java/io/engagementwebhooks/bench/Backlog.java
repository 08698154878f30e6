package io.engagementwebhooks.bench;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Fills an embedded store with queued deliveries, through the product's store, and counts the remaining ones. */
final class Backlog {

    private static final int EVENTS_AT_A_TIME = 100;
    private static final int WRITES_IN_FLIGHT = 20;
    private static final String DATA = "{\"cdr_id\":7,\"duration\":192,\"note\":\"" + "x".repeat(850) + "\"}";

    /** A retry delay longer than any run. */
    private static final Duration RETRY_IN = Duration.ofHours(6);

    private Backlog() {}

    /** Number of pending deliveries in the store of a stopped process. */
    static long left(Path file) {
        try (Store store = SqliteStore.open(file, Clock.systemUTC())) {
            return store.waitingCount();
        }
    }

    /** When the attempts in the store of a stopped process began, in ms since 1970, in order. */
    static List<Long> begun(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT started_at FROM attempt ORDER BY started_at")) {
            List<Long> begun = new ArrayList<>();
            while (rows.next()) {
                begun.add(rows.getLong(1));
            }
            return begun;
        }
    }

    /**
     * Deliveries that are due, of events whose numbers begin at 0, in turn for each of the webhooks, which are paused here.
     *
     * @param first the number of the first of the webhooks
     */
    static void fill(Path file, int deliveries, int first, int webhooks) {
        fill(file, deliveries, first, webhooks, 0);
    }

    /** @param retrying of so many of the webhooks, the last ones, nothing is paused: deliveries there are due later, as a retry is */
    static void fill(Path file, int deliveries, int first, int webhooks, int retrying) {
        Clock clock = Clock.systemUTC();
        int paused = webhooks - retrying;
        try (Store store = SqliteStore.open(file, clock)) {
            for (int i = first; i < first + paused; i++) {
                WebhookId webhook = Ids.webhook(BenchConfig.ACCOUNT, BenchConfig.name(i));
                store.outcomes()
                        .setState(webhook, WebhookState.State.PAUSED, "the bench", clock.instant())
                        .toCompletableFuture()
                        .join();
            }
            accept(store, deliveries, id -> {
                SampleIntake event = event(id, DATA);
                String webhook = BenchConfig.name(first + id % webhooks);
                return id % webhooks < paused ? event.to(webhook, clock) : event.to(webhook, RETRY_IN, clock);
            });
        }
    }

    /** Deliveries to a webhook that are due later than the end of any run. @param data of an event, by its number */
    static void fillLater(Store store, int deliveries, int webhook, IntFunction<String> data) {
        Clock clock = Clock.systemUTC();
        accept(store, deliveries, id -> event(id, data.apply(id)).to(BenchConfig.name(webhook), RETRY_IN, clock));
    }

    private static SampleIntake event(int id, String data) {
        return SampleIntake.event(EventTimes.id(id)).of(BenchConfig.ACCOUNT).with(data);
    }

    private static void accept(Store store, int many, IntFunction<SampleIntake> event) {
        Deque<CompletableFuture<?>> writes = new ArrayDeque<>();
        for (int i = 0; i < many; i += EVENTS_AT_A_TIME) {
            List<Intake> some = IntStream.range(i, Math.min(many, i + EVENTS_AT_A_TIME))
                    .mapToObj(id -> event.apply(id).intake())
                    .toList();
            writes.add(store.events().accept(some).toCompletableFuture());
            if (writes.size() >= WRITES_IN_FLIGHT) {
                writes.remove().join();
            }
        }
        writes.forEach(CompletableFuture::join);
    }
}
