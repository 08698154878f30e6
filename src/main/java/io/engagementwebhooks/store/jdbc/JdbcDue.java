package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AttemptKind;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.DueStore;
import io.engagementwebhooks.store.FifoSuccession;
import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.webhook.WebhookId;
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

/** Finds due deliveries, and discards or reschedules pending ones. Thread-safe. */
final class JdbcDue implements DueStore, WaitingDeliveries {

    /** Due time of deliveries that FIFO order blocks; they are not made due. */
    private static final long NOT_YET = FifoSuccession.NOT_YET.toEpochMilli();

    /** Deliveries to examine for the next one of a kind. */
    private static final int MAX_LOOK_AHEAD = 500;

    private static final String AFTER = " FROM due u WHERE u.webhook = ? AND (u.due_at, u.id) > (?, ?)";
    private static final String NEXT = " FROM due u WHERE u.webhook = ? AND u.due_at > ? AND u.due_at < " + NOT_YET
            + " ORDER BY u.due_at, u.id LIMIT ";

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
    private final String discard;

    /** @param dueReader for the frequent searches of due deliveries */
    JdbcDue(
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
        this.due = "SELECT " + JdbcDeliveries.DUE + " FROM due u JOIN delivery d ON d.key = u.delivery"
                + Columns.joinWebhook("u.webhook")
                + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later WHERE u.webhook = ?"
                + " AND (u.due_at, u.id) > (?, ?) AND (u.due_at, u.id) <= (?, ?) AND NOT " + dialect.in("u.id")
                + " AND e.document IS NOT NULL AND (u.fifo_place IS NULL OR NOT EXISTS (SELECT 1 FROM due h"
                + " WHERE h.webhook = u.webhook AND h.fifo_key = u.fifo_key AND h.fifo_place < u.fifo_place"
                + " AND h.due_at <= ?))";
        this.waiting = firstDue(cluster.owned());
        this.unsent = "SELECT " + Columns.WEBHOOK + " FROM webhook w" + Columns.joinWebhook("w.key")
                + " WHERE w.key IN (SELECT webhook FROM due WHERE unsent_since IS NOT NULL)"
                + cluster.owned().and("w.partition");
        this.discard = "UPDATE delivery SET state = 'discarded', reason = ?, ended_at = ? WHERE " + dialect.in("key");
    }

    /** Reads the first due delivery of each webhook by index, however many are pending. */
    static String firstDue(OwnedPartitions owned) {
        return "SELECT " + Columns.WEBHOOK + ", x.due_at FROM (SELECT w.key, (SELECT u.due_at FROM due u"
                + " WHERE u.webhook = w.key ORDER BY u.due_at LIMIT 1) due_at FROM webhook w WHERE TRUE"
                + owned.and("w.partition") + ") x" + Columns.joinWebhook("x.key") + " WHERE x.due_at IS NOT NULL";
    }

    private static String of(AttemptKind kind) {
        if (kind == null) {
            return "";
        }
        return kind == AttemptKind.FIRST_ATTEMPTS ? " AND u.attempts = 0" : " AND u.attempts > 0";
    }

    @Override
    public List<WaitingWebhook> waitingWebhooks() {
        return reader.query(
                waiting,
                row -> new WaitingWebhook(Columns.webhook(row), Instant.ofEpochMilli(row.getLong(4))),
                cluster.owned().with());
    }

    /** The webhooks of this process that have due deliveries. */
    List<WebhookId> withDue(Instant at) {
        return reader.query(
                "SELECT " + Columns.WEBHOOK + " FROM webhook w" + Columns.joinWebhook("w.key")
                        + " WHERE EXISTS (SELECT 1 FROM due u WHERE u.webhook = w.key AND u.due_at <= ?)"
                        + cluster.owned().and("w.partition"),
                Columns::webhook,
                cluster.owned().with(at));
    }

    @Override
    public DueSearch.Found due(DueSearch search) {
        int webhook = keys.find(search.webhook());
        Waiting end = search.maxExamined() == 0 ? null : lastExamined(search, webhook);
        List<DueDelivery> found = dueReader.query(
                due + of(search.kind()) + " ORDER BY u.due_at, u.id LIMIT ?",
                JdbcDeliveries::due,
                webhook,
                search.after().dueAt(),
                search.after().id(),
                end == null ? search.at() : end.dueAt(),
                end == null ? JdbcDeliveries.AFTER_ALL_IDS : end.id(),
                Values.texts(search.without()),
                search.at(),
                search.limit());
        return DueSearch.Found.upTo(end, found, search.limit());
    }

    /** @return the last delivery to examine, or null: there are fewer */
    private Waiting lastExamined(DueSearch search, int webhook) {
        return dueReader
                .first(
                        "SELECT u.id, u.due_at" + AFTER + " AND u.due_at <= ? ORDER BY u.due_at, u.id LIMIT 1 OFFSET ?",
                        row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))),
                        webhook,
                        search.after().dueAt(),
                        search.after().id(),
                        search.at(),
                        search.maxExamined() - 1)
                .orElse(null);
    }

    @Override
    public long dueCount(WebhookId webhook, Instant at, int most) {
        return dueReader
                .first(
                        "SELECT count(*) FROM (SELECT 1 FROM due u WHERE u.webhook = ? AND u.due_at <= ? LIMIT ?) x",
                        row -> row.getLong(1),
                        keys.find(webhook),
                        at,
                        most)
                .orElseThrow();
    }

    @Override
    public Optional<Instant> nextDue(WebhookId webhook, AttemptKind kind, Instant after) {
        int key = keys.find(webhook);
        Optional<Instant> known = dueReader.first(
                "SELECT u.due_at FROM (SELECT u.due_at, u.attempts" + NEXT + MAX_LOOK_AHEAD + ") u WHERE TRUE"
                        + of(kind) + " LIMIT 1",
                row -> Columns.instant(row, 1),
                key,
                after);
        return known.isPresent()
                ? known
                : dueReader.first(
                        "SELECT u.due_at" + NEXT + "1 OFFSET " + (MAX_LOOK_AHEAD - 1),
                        row -> Columns.instant(row, 1),
                        key,
                        after);
    }

    @Override
    public List<WebhookId> withUnsent() {
        return reader.query(unsent, Columns::webhook, cluster.owned().with());
    }

    /** An examined delivery. */
    private record Examined(Waiting at, boolean isReleased) {}

    @Override
    public CompletionStage<Released> release(
            WebhookId webhook, boolean includeRefused, Instant now, Waiting after, int maxExamined) {
        List<Examined> examined = reader.query(
                "SELECT u.id, u.due_at, u.unsent_since IS NOT NULL"
                        + (includeRefused ? " OR coalesce(d.status, 0) IN (401, 403)" : "")
                        + " FROM due u JOIN delivery d ON d.key = u.delivery WHERE u.webhook = ?"
                        + " AND (u.due_at, u.id) > (?, ?) AND u.due_at < " + NOT_YET
                        + " ORDER BY u.due_at, u.id LIMIT ?",
                row -> new Examined(
                        new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))), row.getBoolean(3)),
                keys.find(webhook),
                after.dueAt(),
                after.id(),
                maxExamined);
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
                        statements -> new Released(makeDue(statements, webhook, released, now), last));
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

    @Override
    public List<Waiting> of(WebhookId webhook, Waiting after, int limit) {
        return reader.query(
                "SELECT u.id, u.due_at" + AFTER + " ORDER BY u.due_at, u.id LIMIT ?",
                row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))),
                keys.find(webhook),
                after.dueAt(),
                after.id(),
                limit);
    }

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now) {
        return writer.write(
                        webhook.account(),
                        deliveries.size(),
                        statements -> end(statements, webhook.account(), deliveries, now, reason, false))
                .thenApply(count -> {
                    canceled(Set.of(webhook));
                    return count;
                });
    }

    /** Tells the owners of webhooks that pending deliveries were canceled. */
    void canceled(Collection<WebhookId> webhooks) {
        webhooks.forEach(hook::canceled);
        if (!webhooks.isEmpty()) {
            cluster.publish(ClusterEvent.CANCELED, webhooks);
        }
    }

    /**
     * Ends pending deliveries of an account.
     *
     * @param expired whether they expired, rather than were discarded
     * @return the number ended
     */
    int end(
            Statements statements,
            String account,
            Collection<String> deliveries,
            Instant now,
            String reason,
            boolean expired)
            throws SQLException {
        int key = keys.account(statements, account);
        Set<FifoOrder.Key> left = fifo.lockKeys(statements, key, deliveries);
        List<DueRows.Row> rows = dueRows.find(statements, key, deliveries);
        dueRows.remove(statements, rows);
        String sql = expired
                ? discard.replace("'discarded'", "'gave-up', outcome = 'gave-up', problem = 'gave-up'")
                : discard;
        statements.update(
                sql,
                reason,
                now,
                Values.longs(rows.stream().map(DueRows.Row::key).toList()));
        fifo.scheduleFirst(statements, left, now);
        pending.add(-rows.size());
        return rows.size();
    }

    /** Webhooks by their keys. */
    Map<Integer, WebhookId> webhooks(Collection<Integer> webhooks) {
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

    @Override
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
