package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.query.PendingCount;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects the instances on a PostgreSQL store by session locks, heartbeats and notifications. Thread-safe. */
public final class PostgresCluster implements Cluster, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);
    private static final int POLLS_PER_SCAN = 5;

    /** A change of owner waits for this transaction, and this one sees every earlier change. */
    private static final String LOCK_OWNED =
            "SELECT number FROM partition WHERE owner = ? AND number = ANY (?) FOR SHARE";

    private static final String REMOVE_EXPIRED = "DELETE FROM instance i WHERE i.expires_at < clock_timestamp()"
            + " AND NOT EXISTS (SELECT 1 FROM partition p WHERE p.owner = i.id) RETURNING i.id";

    private final String instance;
    private final DataSource pool;
    private final Reader reader;
    private final PendingCount pending;
    private final Partitions partitions;
    private final ClusterSession session;
    private final ClusterPublisher publisher;
    private final OwnedPartitions owned;
    private final Clock clock;
    private final Background polling = new Background("store-poll");
    private volatile ClusterListener clusterListener;
    private volatile Store store;
    private int polls;

    public PostgresCluster(
            String instance,
            DataSource pool,
            Reader reader,
            PendingCount pending,
            Partitions partitions,
            ClusterSession session,
            Clock clock) {
        this.instance = instance;
        this.pool = pool;
        this.reader = reader;
        this.pending = pending;
        this.partitions = partitions;
        this.session = session;
        this.publisher = new ClusterPublisher(instance, pool, reader.dialect());
        this.owned = new OwnedPartitions(partitions::owned);
        this.clock = clock;
    }

    /** @param pollEvery how often to read what a lost notification may have hidden */
    public void start(Store of, Duration pollEvery) {
        store = of;
        Duration scanEvery = pollEvery.multipliedBy(POLLS_PER_SCAN);
        polling.every(pollEvery, () -> poll(scanEvery));
    }

    /** A scan skips what became due within the last interval: most of it is in memory. The next scan finds the rest. */
    private void poll(Duration scanEvery) {
        pending.read(reader);
        ClusterListener listener = clusterListener;
        if (listener != null && ++polls % POLLS_PER_SCAN == 0) {
            scan(listener, clock.instant().minus(scanEvery));
            listener.eventsMissed();
            removeExpired();
        }
    }

    private void scan(ClusterListener listener, Instant dueBefore) {
        for (WaitingWebhook each : store.due().waitingWebhooks()) {
            if (each.firstDue().isBefore(dueBefore)) {
                listener.due(each.webhook(), each.firstDue());
            }
        }
    }

    @Override
    public Ownership ownership() {
        return partitions;
    }

    @Override
    public OwnedPartitions owned() {
        return owned;
    }

    @Override
    public Set<Integer> lockOwned(Statements statements, Set<Integer> numbers) throws SQLException {
        return Set.copyOf(statements.query(LOCK_OWNED, row -> row.getInt(1), instance, Values.ints(numbers)));
    }

    @Override
    public void publish(ClusterEvent event, Collection<WebhookId> webhooks) {
        publisher.publish(event, webhooks);
    }

    @Override
    public void publishCanceled(Statements statements, WebhookId webhook, Collection<String> deliveries)
            throws SQLException {
        publisher.publishCanceled(statements, webhook, deliveries);
    }

    @Override
    public void listen(ClusterListener listener) {
        clusterListener = listener;
        partitions.listen(listener);
        session.start(new ClusterSession.Listener() {
            @Override
            public void received(String text) {
                receive(listener, text);
            }

            @Override
            public void resumed() {
                listener.eventsMissed();
                listener.configChanged();
            }
        });
    }

    private void receive(ClusterListener listener, String text) {
        try {
            ClusterPublisher.Message message = ClusterPublisher.Message.parse(text);
            if (!message.instance().equals(instance)) {
                receive(listener, message);
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("a message of another version or program is ignored", e);
        }
    }

    private static void receive(ClusterListener listener, ClusterPublisher.Message message) {
        WebhookId webhook = message.webhook();
        switch (message.event()) {
            case DUE -> listener.due(webhook);
            case NOW -> listener.dueNow(webhook);
            case CANCELED -> listener.canceled(webhook, message.deliveries());
            case STATE -> listener.stateChanged(webhook);
            case DEFINITIONS -> listener.configChanged();
        }
    }

    @Override
    public boolean claim(String name, Duration most) {
        return update(
                        "INSERT INTO claim (name, owner, until) VALUES (?, ?, clock_timestamp() + ? * interval '1 millisecond')"
                                + " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until"
                                + " WHERE claim.until IS NULL OR claim.until < clock_timestamp()",
                        name,
                        instance,
                        most.toMillis())
                == 1;
    }

    @Override
    public Optional<byte[]> claimResult(String name) {
        return reader
                .query("SELECT made FROM claim WHERE name = ?", row -> Optional.ofNullable(row.getBytes(1)), name)
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public void releaseClaim(String name, byte[] result) {
        update(
                "UPDATE claim SET until = NULL, made = coalesce(CAST(? AS bytea), made) WHERE name = ? AND owner = ?",
                result,
                name,
                instance);
    }

    @Override
    public void removeSealed(Statements statements) throws SQLException {
        statements.update("DELETE FROM claim");
    }

    private int update(String sql, Object... values) {
        return write(statements -> statements.update(sql, values));
    }

    public void stopPolling() {
        polling.close();
    }

    /** Ends the session, then releases the partitions of this instance. */
    @Override
    public void close() {
        publisher.close();
        session.close();
        try {
            write(statements -> {
                statements.update("UPDATE partition SET owner = NULL WHERE owner = ?", instance);
                statements.update("DELETE FROM instance WHERE id = ?", instance);
                ended(statements, instance);
                return null;
            });
        } catch (StoreException e) {
            LOG.warn("partitions.not-released: other instances take them when the lease expires: {}", e.getMessage());
        }
    }

    private void removeExpired() {
        write(statements -> {
            for (String ended : statements.query(REMOVE_EXPIRED, row -> row.getString(1))) {
                ended(statements, ended);
            }
            return null;
        });
    }

    /** What an instance leaves: its count, and its claims, which would expire only later. */
    private static void ended(Statements statements, String instance) throws SQLException {
        PendingCount.merge(statements, instance);
        statements.update("UPDATE claim SET until = NULL WHERE owner = ?", instance);
    }

    private <T> T write(Writer.Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            T done = work.in(new Statements(connection, reader.dialect()));
            connection.commit();
            return done;
        } catch (SQLException e) {
            throw reader.dialect().fault(e);
        }
    }
}
