package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.cluster.ClusterPublisher;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

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
            public void canceled(WebhookId webhook, List<String> deliveries) {
                deliveries.forEach(delivery -> hears.add("canceled " + webhook.name() + " " + delivery));
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
        DefinitionRow row = new DefinitionRow("crm", webhook, ManagedBy.API, "1", new byte[] {1}, clock.instant());
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

    @Test
    void a_pooler_in_transaction_mode_is_refused_with_the_reason() throws IOException {
        try (TransactionPooler pooler = new TransactionPooler(DATABASE.url())) {
            PostgresAddress address = new PostgresAddress(pooler.url(), Postgres.USER, Optional.empty());
            String refused = assertThrows(StoreException.class, () -> PostgresStore.open(address, LEASE, clock))
                    .getMessage();
            assertTrue(refused.contains("a pooler in transaction mode"), refused);
        }
    }

    @Test
    void notifies_of_canceled_deliveries() {
        SampleIntake event = SampleIntake.event("e1").to("crm", clock);
        get(here.events().accept(List.of(event.intake())));
        get(here.due().discard(CRM, List.of(event.deliveryId()), "by staff", clock.instant()));
        await().until(() -> heard.contains("canceled crm " + event.deliveryId()));
    }

    /** A notification has at most 8 000 bytes. */
    @Test
    void notifies_of_many_canceled_deliveries() {
        List<String> many =
                IntStream.range(0, 500).mapToObj(i -> SampleIntake.newId(clock)).toList();
        get(here.due().discard(CRM, many, "by staff", clock.instant()));
        await().until(() -> many.stream().allMatch(id -> heard.contains("canceled crm " + id)));
    }

    /** A pool may have no free connection. */
    @Test
    void an_event_that_was_not_published_is_published_again() {
        AtomicBoolean isFree = new AtomicBoolean();
        PGSimpleDataSource pool = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                if (isFree.getAndSet(true)) {
                    return DATABASE.connect();
                }
                throw new SQLException("no free connection");
            }
        };
        try (ClusterPublisher publisher = new ClusterPublisher("third", pool, new PostgresDialect(null))) {
            publisher.publish(ClusterEvent.STATE, List.of(CRM));
            await().until(() -> heard.contains("changed crm"));
        }
    }

    @Test
    void a_lost_session_is_replaced_and_missed_events_are_polled() throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
                            + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid");
        }
        await().until(() -> heard.contains("missed") && heard.contains("defined"));
        await().until(() -> here.cluster().ownership().partitions() == 128
                && there.cluster().ownership().partitions() == 128);
        get(here.outcomes().setState(CRM, WebhookState.State.PAUSED, "by hand", clock.instant()));
        await().until(() -> heard.contains("changed crm"));
    }
}
