package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.ClusterListener;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/** Connects the instances on a PostgreSQL store by leases and notifications. Thread-safe. */
final class PostgresCluster implements Cluster, AutoCloseable {

    private static final int POLLS_PER_SCAN = 5;

    private final String instance;
    private final DataSource pool;
    private final Reader reader;
    private final PendingCount pending;
    private final Leases leases;
    private final ClusterNotifier notifier;
    private final OwnedPartitions owned;
    private final Clock clock;
    private final Background polling = new Background("store-poll");
    private final AtomicReference<Map<WebhookId, List<Object>>> states = new AtomicReference<>();
    private volatile ClusterListener clusterListener;
    private volatile JdbcStore store;
    private int polls;

    PostgresCluster(
            String instance,
            DataSource pool,
            Reader reader,
            PendingCount pending,
            Leases leases,
            ClusterNotifier notifier,
            Clock clock) {
        this.instance = instance;
        this.pool = pool;
        this.reader = reader;
        this.pending = pending;
        this.leases = leases;
        this.notifier = notifier;
        this.owned = new OwnedPartitions(leases::owned);
        this.clock = clock;
    }

    /** @param pollEvery how often to read what a lost notification may have hidden */
    void start(JdbcStore of, Duration pollEvery) {
        store = of;
        Duration scanEvery = pollEvery.multipliedBy(POLLS_PER_SCAN);
        polling.every(pollEvery, () -> poll(scanEvery));
    }

    /** A scan skips what became due within the last interval: most of it is in memory. The next scan finds the rest. */
    private void poll(Duration scanEvery) {
        pending.read(reader);
        ClusterListener listener = clusterListener;
        if (listener == null) {
            return;
        }
        // every time: a revoked key is refused within two seconds
        listener.configChanged();
        if (++polls % POLLS_PER_SCAN == 0) {
            store.jdbcDue().withDue(clock.instant().minus(scanEvery)).forEach(listener::due);
            notifyChanged(listener);
            listener.fannedOut();
        }
    }

    /**
     * Notifies of webhooks whose state has changed since the last read: an instance that crashed did not publish it.
     * Holds are left out; only the owner sets them.
     */
    private void notifyChanged(ClusterListener listener) {
        Map<WebhookId, List<Object>> now = new HashMap<>();
        for (WebhookState state : store.outcomes().webhookStates()) {
            now.put(state.webhook(), Arrays.asList(state.state(), state.reason(), state.since(), state.pausedTotal()));
        }
        Map<WebhookId, List<Object>> before = states.getAndSet(now);
        if (before != null) {
            now.forEach((webhook, state) -> {
                if (!state.equals(before.get(webhook))) {
                    listener.stateChanged(webhook);
                }
            });
        }
    }

    @Override
    public Ownership ownership() {
        return leases;
    }

    @Override
    public OwnedPartitions owned() {
        return owned;
    }

    @Override
    public boolean owns(int partition) {
        return leases.owns(partition);
    }

    @Override
    public int fanOutPartition(NewDelivery delivery) {
        return Ownership.partition(delivery.webhook());
    }

    @Override
    public Map<String, Leases.AttemptEpoch> attemptEpochs(WebhookId webhook, Collection<String> deliveries) {
        Map<String, Leases.AttemptEpoch> begun = new HashMap<>();
        deliveries.forEach(delivery -> begun.put(delivery, leases.begun(webhook, delivery)));
        return begun;
    }

    @Override
    public void publish(ClusterEvent event, Collection<WebhookId> webhooks) {
        notifier.publish(event, webhooks);
    }

    @Override
    public CompletionStage<Integer> requestDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        return notifier.requestDiscard(webhook, deliveries, reason);
    }

    @Override
    public void listen(ClusterListener listener) {
        clusterListener = listener;
        notifier.listen(new ClusterNotifier.Listener() {
            @Override
            public void published(ClusterEvent event, WebhookId webhook) {
                receive(listener, event, webhook);
            }

            @Override
            public CompletionStage<Integer> discardRequested(
                    WebhookId webhook, List<String> deliveries, String reason) {
                return leases.owns(webhook) ? listener.discard(webhook, deliveries, reason) : null;
            }

            @Override
            public void resumed() {
                notifyChanged(listener);
                listener.eventsMissed();
                listener.configChanged();
                listener.fannedOut();
                leases.poll();
            }
        });
        leases.start(new Leases.Listener() {
            @Override
            public void ownershipChanged() {
                listener.ownershipChanged();
            }

            @Override
            public void poll() {
                notifier.publish(ClusterEvent.INSTANCES, Set.of());
            }

            @Override
            public void rejoined() {
                pending.inDoubt();
            }
        });
    }

    private void receive(ClusterListener listener, ClusterEvent event, WebhookId webhook) {
        switch (event) {
            case DUE -> listener.due(webhook);
            case NOW -> listener.dueNow(webhook);
            case STATE -> listener.stateChanged(webhook);
            case DEFINITIONS -> listener.configChanged();
            case FAN_OUT -> listener.fannedOut();
            case INSTANCES -> leases.poll();
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

    @Override
    public void publishConfig(long generation) {
        leases.generation(generation);
        update("UPDATE instance SET config = ? WHERE id = ?", generation, instance);
    }

    @Override
    public boolean isConfigPublished(long generation) {
        return reader.first(
                        "SELECT 1 FROM instance WHERE config = ? AND expires_at > clock_timestamp() LIMIT 1",
                        row -> true,
                        generation)
                .isPresent();
    }

    private int update(String sql, Object... values) {
        try (Connection connection = pool.getConnection()) {
            return new Statements(connection, reader.dialect()).update(sql, values);
        } catch (SQLException e) {
            throw reader.dialect().fault(e);
        }
    }

    void stopPolling() {
        polling.close();
    }

    @Override
    public void close() {
        leases.close();
        notifier.close();
    }
}
