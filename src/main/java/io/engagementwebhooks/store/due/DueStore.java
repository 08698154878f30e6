package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.cluster.OwnedPartitions;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.CommitHook;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.query.DeliveryColumns;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.PendingCount;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds due deliveries, for the process that owns their webhooks, and lists, discards and reschedules pending ones in small
 * batches. Thread-safe; writes complete after their commit.
 */
public class DueStore {

    /**
     * The result of a step of a release.
     *
     * @param deliveries the number made due
     * @param examinedUpTo the last examined delivery, after which the next step begins; null: there are no more
     */
    public record Released(int deliveries, Waiting examinedUpTo) {}

    /**
     * A pending delivery.
     *
     * @param id a ULID
     * @param dueAt when it is due
     */
    public record Waiting(String id, Instant dueAt) {

        /** Sorts before every other. */
        public static final Waiting FIRST = new Waiting("", Instant.EPOCH);

        /** Sorts after every delivery due at a time: ids are letters and digits. */
        public static Waiting lastDueAt(Instant time) {
            return new Waiting("~", time);
        }
    }

    /** Due time of deliveries that FIFO order blocks; they are not made due. */
    private static final long NOT_YET = FifoSuccession.NOT_YET.toEpochMilli();

    static final String ALL =
            "SELECT u.id, u.due_at FROM " + DueRows.inDueOrder("", "?", "?, ?", DueRows.FOREVER, "", "?") + " u";
    static final String TO_RELEASE =
            "SELECT u.id, u.due_at, u.unsent_since IS NOT NULL, coalesce(d.status, 0) IN (401, 403) FROM "
                    + DueRows.inDueOrder(
                            "u.delivery, u.unsent_since, ", "?", "?, ?", Long.toString(NOT_YET - 1), "", "?")
                    + " u JOIN delivery d ON d.key = u.delivery ORDER BY u.due_at, u.id";

    static final String NEXT = "SELECT u.due_at FROM due u WHERE u.webhook = ? AND u.retry = ? AND u.due_at > ?"
            + " AND u.due_at < " + NOT_YET + " ORDER BY u.due_at LIMIT 1";

    static final String BLOCKED =
            "SELECT 1 FROM due u WHERE u.webhook = ? AND u.retry = FALSE AND u.due_at = " + NOT_YET + " LIMIT ?";

    static final String COUNT = "SELECT count(*) FROM " + DueRows.inDueOrder("", "?", "0, ''", "?", "", "?") + " u";

    private final Writer writer;
    private final Reader reader;
    private final Reader dueReader;
    private final Keys keys;
    private final DueRows dueRows;
    private final FifoOrder fifo;
    private final PendingCount.Row pending;
    private final Cluster cluster;
    private final CommitHook hook;
    private final String due;
    private final String waiting;
    private final String unsent;
    private final String end;

    /** @param dueReader for the frequent searches of due deliveries */
    public DueStore(
            Writer writer,
            Reader reader,
            Reader dueReader,
            Keys keys,
            DueRows dueRows,
            FifoOrder fifo,
            PendingCount.Row pending,
            Cluster cluster,
            CommitHook hook) {
        this.writer = writer;
        this.reader = reader;
        this.dueReader = dueReader;
        this.keys = keys;
        this.dueRows = dueRows;
        this.fifo = fifo;
        this.pending = pending;
        this.cluster = cluster;
        this.hook = hook;
        Dialect dialect = reader.dialect();
        this.due = due(dialect);
        this.waiting = firstDue(cluster.owned());
        this.unsent = "SELECT " + Columns.WEBHOOK + " FROM webhook w" + Columns.joinWebhook("w.key")
                + " WHERE w.key IN (SELECT webhook FROM due WHERE unsent_since IS NOT NULL)"
                + cluster.owned().and("w.partition");
        this.end = "UPDATE delivery SET state = ?, outcome = coalesce(CAST(? AS text), outcome),"
                + " problem = coalesce(CAST(? AS text), problem), reason = ?, ended_at = ? WHERE " + dialect.in("key");
    }

    /** @return a query with parameters: see {@link #due(DueSearch)} */
    static String due(Dialect dialect) {
        return "SELECT " + DeliveryColumns.DUE + " FROM (SELECT u.* FROM due u WHERE "
                + DueRows.range("?", "?", "?, ?", "?, '~'") + " AND NOT " + dialect.in("u.id")
                + " AND (u.fifo_place IS NULL OR NOT EXISTS (SELECT 1 FROM due h WHERE h.webhook = u.webhook"
                + " AND h.fifo_key = u.fifo_key AND h.fifo_place < u.fifo_place AND h.due_at <= ?))" + DueRows.ORDER
                + " LIMIT ?) u JOIN delivery d ON d.key = u.delivery" + Columns.joinWebhook("u.webhook")
                + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later WHERE e.document IS NOT NULL"
                + " ORDER BY u.due_at, u.id";
    }

    /** Reads the first due delivery of each webhook by index, however many are pending. */
    static String firstDue(OwnedPartitions owned) {
        return "SELECT " + Columns.WEBHOOK + ", x.due_at FROM (SELECT w.key, (SELECT u.due_at FROM "
                + DueRows.inDueOrder("", "w.key", "0, ''", DueRows.FOREVER, "", "1")
                + " u) due_at FROM webhook w WHERE TRUE"
                + owned.and("w.partition") + ") x" + Columns.joinWebhook("x.key") + " WHERE x.due_at IS NOT NULL";
    }

    /**
     * The webhooks of this process that have pending deliveries, with the first due time of each. The cost grows with
     * the number of webhooks, not of deliveries.
     */
    public List<WaitingWebhook> waitingWebhooks() {
        return reader.query(
                waiting,
                row -> new WaitingWebhook(Columns.webhook(row), Instant.ofEpochMilli(row.getLong(4))),
                cluster.owned().with());
    }

    /**
     * Due deliveries of a webhook, earliest first. Leaves out the given ones and those behind another due one of their
     * FIFO key.
     */
    public List<DueDelivery> due(DueSearch search) {
        int webhook = keys.find(search.webhook());
        boolean isRetry = search.kind() == AttemptKind.RETRIES;
        return dueReader.query(
                due,
                DeliveryColumns::due,
                webhook,
                isRetry,
                search.after().dueAt(),
                search.after().id(),
                webhook,
                isRetry,
                search.at(),
                Values.texts(search.without()),
                search.at(),
                search.limit());
    }

    /** The number of due deliveries of a webhook, counted up to {@code most}. */
    public long dueCount(WebhookId webhook, Instant at, int most) {
        int key = keys.find(webhook);
        return dueReader
                .first(COUNT, row -> row.getLong(1), key, key, at, most, key, key, at, most, most)
                .orElseThrow();
    }

    /** The number of new deliveries of a webhook that FIFO order blocks, counted up to {@code most}. */
    public int blockedCount(WebhookId webhook, int most) {
        return reader.query(BLOCKED, row -> true, keys.find(webhook), most).size();
    }

    /** The first due time after a given time. */
    public Optional<Instant> nextDue(WebhookId webhook, AttemptKind kind, Instant after) {
        return dueReader.first(
                NEXT, row -> Columns.instant(row, 1), keys.find(webhook), kind == AttemptKind.RETRIES, after);
    }

    /** The webhooks of this process with pending deliveries whose last attempt could send nothing. */
    public List<WebhookId> withUnsent() {
        return reader.query(unsent, Columns::webhook, cluster.owned().with());
    }

    /** An examined delivery. */
    private record Examined(Waiting at, boolean isReleased) {}

    /**
     * Makes deliveries due now that waited for a valid credential. Nothing could be sent without one or, optionally,
     * the receiver answered 401 or 403. One small step; the next step begins where this one ended. Deliveries that FIFO
     * order blocks are left out.
     *
     * @param includeRefused whether to include those that the receiver refused
     * @param after only those due after it; see {@link Waiting#lastDueAt}
     * @param maxExamined the most pending deliveries to examine
     */
    public CompletionStage<Released> release(
            WebhookId webhook, boolean includeRefused, Instant now, Waiting after, int maxExamined) {
        List<Examined> examined = reader.query(
                TO_RELEASE,
                row -> new Examined(waiting(row), row.getBoolean(3) || includeRefused && row.getBoolean(4)),
                DueRows.inDueOrderValues(keys.find(webhook), after, maxExamined));
        List<String> released = examined.stream()
                .filter(Examined::isReleased)
                .map(each -> each.at().id())
                .toList();
        Waiting last = examined.size() < maxExamined
                ? null
                : examined.get(maxExamined - 1).at();
        return released.isEmpty()
                ? CompletableFuture.completedFuture(new Released(0, last))
                : writer.write(
                                webhook.account(),
                                released.size(),
                                statements -> new Released(makeDue(statements, webhook, released, now), last))
                        .thenApply(made -> {
                            cluster.publish(ClusterEvent.DUE, Set.of(webhook));
                            return made;
                        });
    }

    /** Makes pending deliveries due at a time, unless they are due earlier. @return the number made due */
    private int makeDue(Statements statements, WebhookId webhook, Collection<String> deliveries, Instant at)
            throws SQLException {
        long millis = at.toEpochMilli();
        List<DueRows.Row> later =
                dueRows.find(statements, keys.account(statements, webhook.account()), deliveries).stream()
                        .filter(row -> row.dueAt() > millis && row.dueAt() < NOT_YET)
                        .toList();
        dueRows.move(statements, later, millis);
        return later.size();
    }

    /** The pending deliveries of a webhook in due order, after one. */
    public List<Waiting> pending(WebhookId webhook, Waiting after, int limit) {
        return reader.query(ALL, DueStore::waiting, DueRows.inDueOrderValues(keys.find(webhook), after, limit));
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2)));
    }

    /**
     * Cancels pending deliveries of a webhook. Its owner begins none of them from 2 s later on; a request that has begun may still
     * arrive. Deliveries that are no longer pending are left unchanged.
     *
     * @return how many it canceled
     */
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now) {
        return writer.write(webhook.account(), deliveries.size(), statements -> {
                    publishCanceled(statements, Map.of(webhook, deliveries));
                    return end(statements, webhook.account(), deliveries, now, reason, DeliveryState.DISCARDED);
                })
                .thenApply(count -> {
                    canceled(Map.of(webhook, deliveries));
                    return count;
                });
    }

    /** Notifies the other processes with the commit that cancels deliveries: nothing else finds the ready ones of their owner. */
    public void publishCanceled(Statements statements, Map<WebhookId, List<String>> deliveries) throws SQLException {
        for (Map.Entry<WebhookId, List<String>> each : deliveries.entrySet()) {
            cluster.publishCanceled(statements, each.getKey(), each.getValue());
        }
    }

    /** Drops canceled deliveries of this process, after the commit. */
    public void canceled(Map<WebhookId, List<String>> deliveries) {
        deliveries.forEach(hook::canceled);
    }

    /**
     * Ends pending deliveries of an account.
     *
     * @param state how they end, without an attempt
     * @return the number ended
     */
    public int end(
            Statements statements,
            String account,
            Collection<String> deliveries,
            Instant now,
            String reason,
            DeliveryState state)
            throws SQLException {
        int key = keys.account(statements, account);
        Set<FifoOrder.Key> left = fifo.lockKeys(statements, key, deliveries);
        List<DueRows.Row> rows = dueRows.find(statements, key, deliveries);
        dueRows.remove(statements, rows);
        String outcome = state == DeliveryState.DISCARDED ? null : state.text();
        statements.update(
                end,
                state.text(),
                outcome,
                outcome,
                reason,
                now,
                Values.longs(rows.stream().map(DueRows.Row::key).toList()));
        fifo.scheduleFirst(statements, left, now);
        pending.add(-rows.size());
        return rows.size();
    }

    /** Webhooks by their keys. */
    public Map<Integer, WebhookId> webhooks(Collection<Integer> webhooks) {
        Map<Integer, WebhookId> byKey = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reader.query(
                    "SELECT " + Columns.WEBHOOK + ", w.key FROM webhook w" + Columns.joinWebhook("w.key") + " WHERE "
                            + reader.dialect().in("w.key"),
                    row -> byKey.put(row.getInt(4), Columns.webhook(row)),
                    Values.ints(Set.copyOf(webhooks)));
        }
        return byKey;
    }

    /**
     * Makes pending deliveries of a webhook due now.
     *
     * @param endHold whether to end the webhook's hold: a manual retry overrides the receiver's pause
     * @return the number of deliveries that were made due
     */
    public CompletionStage<Integer> makeDue(WebhookId webhook, List<String> deliveries, Instant now, boolean endHold) {
        return writer.write(webhook.account(), deliveries.size(), statements -> {
                    if (endHold) {
                        // a manual retry overrides the receiver's hold
                        statements.update(
                                "UPDATE webhook SET hold_until = NULL WHERE key = ?",
                                keys.webhook(statements, webhook));
                    }
                    return makeDue(statements, webhook, deliveries, now);
                })
                .thenApply(changed -> {
                    cluster.publish(endHold ? ClusterEvent.NOW : ClusterEvent.DUE, Set.of(webhook));
                    return changed;
                });
    }
}
