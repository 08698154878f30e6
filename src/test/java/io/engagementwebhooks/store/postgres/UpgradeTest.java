package io.engagementwebhooks.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on a store that has only the first migration. */
class UpgradeTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-12-02T06:00:00Z"));

    /** Its rows of webhooks, with several attempts, were written by a product with that migration. */
    @Test
    void an_embedded_store_is_migrated(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("webhooks.db");
        try (InputStream zipped = getClass().getResourceAsStream("store-v1.db.gz");
                InputStream store = new GZIPInputStream(zipped)) {
            Files.copy(store, file);
        }
        try (SqliteStore store = SqliteStore.open(file, clock)) {
            Map<String, WebhookId> webhooks = webhooks(store);
            assertEquals(Set.of("crm", "archive", "ordered", "paused"), webhooks.keySet());
            assertEquals(List.of(0, 3), due(store, webhooks.get("crm")));
            assertEquals(List.of(3, 0), due(store, webhooks.get("archive")));
            assertEquals(List.of(0, 1), due(store, webhooks.get("ordered")));
            assertEquals(List.of(3, 0), due(store, webhooks.get("paused")));
            recordsOutcomes(store, webhooks.get("crm"));
            recordsOutcomes(store, webhooks.get("paused"));
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = Postgres.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void a_store_in_postgresql_is_migrated_when_no_older_instance_uses_it() throws Exception {
        String url = Postgres.emptyDatabase();
        try {
            Flyway.configure()
                    .dataSource(url, Postgres.USER, null)
                    .locations("classpath:io/engagementwebhooks/db/postgres")
                    .target("1")
                    .load()
                    .migrate();
            execute(
                    url,
                    """
                    INSERT INTO account (id) VALUES ('acme');
                    INSERT INTO resource (account, kind, id, name) VALUES (1, 'webhook', 'wh_1', 'crm');
                    INSERT INTO webhook (key, account, partition) VALUES (1, 1, 7);
                    INSERT INTO event (account, identity, source, id, type, accepted_at, data_sha256, deliveries, document)
                      VALUES (1, 'i', '/s', 'e1', 'call.ended', 1, '', 2, '{}');
                    INSERT INTO delivery (key, account, id, webhook, event, state, attempts, accepted_at, due_at)
                      VALUES (1, 1, 'A', 1, 1, 'waiting', 0, 1, 5), (2, 1, 'B', 1, 1, 'waiting', 2, 1, 4);
                    INSERT INTO due (webhook, due_at, id, delivery, account, attempts, started_at)
                      SELECT webhook, due_at, id, key, account, attempts, accepted_at FROM delivery;
                    INSERT INTO instance (id, expires_at) VALUES ('older', clock_timestamp() + interval '1 hour');
                    """);
            PostgresAddress address = new PostgresAddress(url, Postgres.USER, Optional.empty());
            StoreException refused = assertThrows(StoreException.class, () -> PostgresStore.open(address, clock));
            assertTrue(refused.getMessage().contains("stop them all"), refused.getMessage());

            execute(url, "UPDATE instance SET expires_at = clock_timestamp()");
            try (PostgresStore store = PostgresStore.open(address, clock)) {
                WebhookId webhook = new WebhookId("acme", "wh_1", "crm");
                assertEquals(List.of(1, 1), due(store, webhook));
                recordsOutcomes(store, webhook);
            }
        } finally {
            Postgres.drop(url);
        }
    }

    private static Map<String, WebhookId> webhooks(Store store) {
        return store.due().waitingWebhooks().stream()
                .map(WaitingWebhook::webhook)
                .collect(Collectors.toMap(WebhookId::name, Function.identity()));
    }

    private List<DueDelivery> due(Store store, WebhookId webhook, AttemptKind kind) {
        return store.due().due(new DueSearch(webhook, kind, Waiting.FIRST, clock.instant(), 10, Set.of()));
    }

    /** @return the numbers of due first attempts and retries */
    private List<Integer> due(Store store, WebhookId webhook) {
        return List.of(
                due(store, webhook, AttemptKind.FIRST_ATTEMPTS).size(),
                due(store, webhook, AttemptKind.RETRIES).size());
    }

    private void recordsOutcomes(Store store, WebhookId webhook) {
        for (AttemptKind kind : AttemptKind.values()) {
            for (DueDelivery due : due(store, webhook, kind)) {
                Patience.get(store.outcomes()
                        .record(new AttemptResult(
                                due.id(),
                                webhook,
                                DeliveryState.DELIVERED,
                                "",
                                null,
                                SampleAttempt.of(
                                        due.attempts() + 1,
                                        clock.instant(),
                                        1,
                                        "delivered",
                                        "answered 204",
                                        null,
                                        204,
                                        null,
                                        null),
                                null,
                                null)));
            }
        }
        assertEquals(List.of(0, 0), due(store, webhook));
    }
}
