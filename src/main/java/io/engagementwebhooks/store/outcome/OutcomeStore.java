package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Records outcomes of attempts and the run-time states of webhooks. Thread-safe; writes complete after their commit.
 */
public class OutcomeStore {

    private static final String STATES = "SELECT " + Columns.WEBHOOK
            + ", w.state, w.reason, w.since, w.hold_until, w.paused_total, w.half_open FROM webhook w"
            + Columns.joinWebhook("w.key");

    private static final String INSERT_TEST =
            "INSERT INTO delivery (key, account, id, webhook, event, state, outcome, problem,"
                    + " reason, status, attempts, accepted_at, ended_at, kind)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS int), ?, ?, ?, 'test')";

    private final GroupWriter groups;
    private final Writer writer;
    private final OutcomeBatch batch;
    private final Reader reader;
    private final Keys keys;
    private final Cluster cluster;
    private final String unpublished;

    public OutcomeStore(
            GroupWriter groups, Writer writer, OutcomeBatch batch, Reader reader, Keys keys, Cluster cluster) {
        this.groups = groups;
        this.writer = writer;
        this.batch = batch;
        this.reader = reader;
        this.keys = keys;
        this.cluster = cluster;
        this.unpublished = "SELECT " + Columns.WEBHOOK + ", x.key, x.type, x.at, x.since, x.reason, x.deliveries FROM"
                + " (SELECT s.* FROM system_event s JOIN webhook w ON w.key = s.webhook WHERE TRUE"
                + cluster.owned().and("w.partition") + " ORDER BY s.key LIMIT ";
    }

    /**
     * Records an attempt: its row, the delivery's next state, and the consequences for its webhook and its FIFO key.
     *
     * @return the consequences; fails with {@link FencedException} if another process sends the delivery
     */
    public CompletionStage<Recorded> record(AttemptResult result) {
        CompletionStage<Recorded> recorded = groups.submit(new OutcomeBatch.Part(result));
        return cluster == Cluster.ALONE
                ? recorded
                : recorded.thenApply(done -> {
                    if (done.hasChanged()
                            && (result.disableReason() != null
                                    || result.holdWebhookUntil() != null
                                    || done.disableReason() != null)) {
                        cluster.publish(ClusterEvent.STATE, Set.of(result.webhook()));
                    }
                    return done;
                });
    }

    /** Records a test as an ended delivery. It affects neither statistics nor the health of its webhook. */
    public CompletionStage<Void> recordTest(TestedDelivery test) {
        return writer.write(test.webhook().account(), 3, statements -> {
            HotWrites hot = reader.dialect().hot();
            int account = keys.account(statements, test.webhook().account());
            long delivery = hot.allocateKey(statements);
            String outcome = test.state().text();
            statements.update(
                    INSERT_TEST,
                    delivery,
                    account,
                    test.id(),
                    keys.webhook(statements, test.webhook()),
                    test.eventKey() == null ? event(statements, test, account) : test.eventKey(),
                    outcome,
                    outcome,
                    test.state() == DeliveryState.DELIVERED ? null : outcome,
                    test.reason(),
                    test.attempt() == null ? null : test.attempt().status(),
                    test.attempt() == null ? 0 : test.attempt().number(),
                    test.at(),
                    test.at());
            if (test.attempt() != null) {
                hot.insertAttempts(statements, List.of(new HotWrites.Attempt(delivery, test.id(), test.attempt())));
            }
            return null;
        });
    }

    private long event(Statements statements, TestedDelivery test, int account) throws SQLException {
        HotWrites.EventRow row = new HotWrites.EventRow(test.event().asTest(test.id()), account, 1);
        reader.dialect().hot().insertEvents(statements, List.of(row), test.at().toEpochMilli());
        return row.key;
    }

    /** The run-time states of all webhooks that have a row. */
    public List<WebhookState> webhookStates() {
        return reader.query(STATES, OutcomeStore::state);
    }

    /** The run-time state of a webhook, if it has a row. */
    public Optional<WebhookState> webhookState(WebhookId webhook) {
        return reader.first(STATES + " WHERE w.key = ?", OutcomeStore::state, keys.find(webhook));
    }

    private static WebhookState state(ResultSet row) throws SQLException {
        return new WebhookState(
                Columns.webhook(row),
                WebhookState.State.of(row.getString(4)),
                row.getString(5),
                Columns.instant(row, 6),
                Columns.instant(row, 7),
                Duration.ofMillis(row.getLong(8)),
                row.getBoolean(9));
    }

    /** Sets a webhook's state, which ends its hold. @return the new state */
    public CompletionStage<WebhookState> setState(
            WebhookId webhook, WebhookState.State state, String reason, Instant since) {
        return writer.write(webhook.account(), 1, statements -> {
                    OutcomeBatch.Changed changed =
                            batch.setState(statements, keys.webhook(statements, webhook), state, reason, since);
                    Instant kept = Instant.ofEpochMilli(since.toEpochMilli());
                    return new WebhookState(
                            webhook, state, reason, kept, null, changed.pausedTotal(), changed.halfOpen());
                })
                .thenApply(changed -> {
                    cluster.publish(ClusterEvent.STATE, Set.of(webhook));
                    return changed;
                });
    }

    /** Unpublished system events of webhooks that this process owns, oldest first. */
    public List<SystemEvent> unpublishedSystemEvents(int limit) {
        return reader.query(
                unpublished + limit + ") x" + Columns.joinWebhook("x.webhook") + " ORDER BY x.key",
                row -> new SystemEvent(
                        row.getLong(4),
                        Columns.webhook(row),
                        SystemEvent.Type.of(row.getString(5)),
                        Columns.instant(row, 6),
                        Columns.instant(row, 7),
                        row.getString(8),
                        row.getObject(9) == null ? null : row.getLong(9)),
                cluster.owned().with());
    }

    /** Removes a published system event. */
    public CompletionStage<Void> removeSystemEvent(long key) {
        return writer.write(statements -> {
            statements.update("DELETE FROM system_event WHERE key = ?", key);
            return null;
        });
    }
}
