package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.DefinitionRow;
import io.engagementwebhooks.store.DefinitionStore;
import io.engagementwebhooks.store.ResourceName;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events between two instances by NOTIFY, with polling and renewals too rare to help. */
@Timeout(300)
class ClusterEventsTest {

    private static final Duration LEASE = Duration.ofHours(1);
    private static final Duration NEVER = Duration.ofDays(1);
    private static final WebhookId CRM = Ids.webhook("acme", "crm");

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private PostgresStore here;
    private PostgresStore there;

    /** Waits until the other instance has half of the partitions and listens. */
    @BeforeEach
    void open() {
        here = instance(new ConcurrentLinkedQueue<>());
        there = instance(heard);
        await().until(() -> here.cluster().ownership().partitions() == 128
                && there.cluster().ownership().partitions() == 128
                && heard.contains("missed")
                && heard.contains("defined"));
        heard.clear();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private PostgresStore instance(Queue<String> hears) {
        PostgresStore store = PostgresStore.open(
                new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty()), LEASE, NEVER, clock);
        store.cluster().listen(new IdleClusterListener() {
            @Override
            public void due(WebhookId webhook) {
                hears.add("due " + webhook.name());
            }

            @Override
            public void dueNow(WebhookId webhook) {
                hears.add("due now " + webhook.name());
            }

            @Override
            public void stateChanged(WebhookId webhook) {
                hears.add("changed " + webhook.name());
            }

            @Override
            public void eventsMissed() {
                hears.add("missed");
            }

            @Override
            public void configChanged() {
                hears.add("defined");
            }
        });
        return store;
    }

    @Test
    void notifies_of_a_changed_webhook_state() {
        get(here.outcomes().setState(CRM, WebhookState.State.PAUSED, "by hand", clock.instant()));
        await().until(() -> heard.contains("changed crm"));
    }

    @Test
    void notifies_of_a_webhook_created_by_the_api() {
        ResourceName webhook = new ResourceName("acme", "webhook", "crm");
        DefinitionRow row = new DefinitionRow("crm", webhook, "1", new byte[] {1}, clock.instant());
        assertTrue(get(here.definitions().change(List.of(DefinitionStore.Change.create(row)), List.of())));
        await().until(() -> heard.contains("defined"));
    }

    /** Events for webhooks of the same instance are not published. */
    @Test
    void notifies_of_an_event_for_a_webhook_of_the_other_instance() {
        List<WebhookId> theirs = IntStream.range(0, 40)
                .mapToObj(i -> Ids.webhook("acme", "w" + i))
                .filter(there.cluster().ownership()::owns)
                .toList();
        IntStream.range(0, 40)
                .forEach(i -> get(here.events()
                        .accept(List.of(
                                SampleIntake.event("e" + i).to("w" + i, clock).intake()))));
        await().until(() -> theirs.stream().allMatch(webhook -> heard.contains("due " + webhook.name())));
        assertEquals(theirs.size(), heard.stream().distinct().count(), heard::toString);
    }

    @Test
    void notifies_of_the_deliveries_of_an_event_for_many_webhooks() {
        List<String> many = IntStream.range(0, 501).mapToObj(i -> "w" + i).toList();
        SampleIntake event = SampleIntake.event("e1").toEach(many, clock);
        get(here.events().accept(List.of(event.intake())));
        await().until(() -> many.stream()
                .map(name -> Ids.webhook("acme", name))
                .filter(there.cluster().ownership()::owns)
                .allMatch(webhook -> heard.contains("due " + webhook.name())));
    }

    /** Otherwise their deliveries would wait until the next renewal. */
    @Test
    void notifies_of_free_partitions_after_a_lost_connection() throws SQLException {
        int slash = DATABASE.url().lastIndexOf('/') + 1;
        String name = DATABASE.url().substring(slash);
        String listening = " FROM pg_stat_activity WHERE datname = '" + name
                + "' AND application_name = 'engagement-webhooks listen'";
        try (Connection connection = Postgres.connect(DATABASE.url().substring(0, slash) + Postgres.USER);
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
            try {
                statement.execute("SELECT pg_terminate_backend(pid)" + listening);
                await().until(() -> {
                    try (ResultSet rows = statement.executeQuery("SELECT count(*)" + listening)) {
                        return rows.next() && rows.getInt(1) == 0;
                    }
                });
                here.close();
            } finally {
                statement.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
            }
        }
        await().until(() -> there.cluster().ownership().partitions() == 256);
    }
}
