package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliverySql;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.EventSql;
import io.engagementwebhooks.store.EventSql.AgedEvent;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.HeldUp;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Rows;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Reads on the pool of read-only connections, each in a transaction of its own and short. Thread-safe. */
final class Reads {

    /** An index leads to the first of each webhook, however many wait. */
    static final String FIRST_DUE =
            "SELECT x.id, x.name, x.due FROM (SELECT a.id, w.name, (SELECT d.due_at FROM delivery d"
                    + " WHERE d.webhook = w.key AND d.state = 'waiting' ORDER BY d.due_at LIMIT 1) due"
                    + " FROM webhook w JOIN account a ON a.key = w.account) x WHERE x.due IS NOT NULL";

    private static final String DELIVERY = DeliverySql.shown("delivery");

    /** The first character of a ULID is 7 at most. */
    static final String AFTER_ALL_IDS = "8";

    private final DataSource pool;

    Reads(DataSource pool) {
        this.pool = pool;
    }

    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    <T> List<T> query(String sql, List<?> values, Row<T> row) {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            return rows(statement, values, row);
        } catch (SQLException e) {
            throw SqliteStore.unavailable(e);
        }
    }

    static <T> List<T> rows(PreparedStatement statement, List<?> values, Row<T> row) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        List<T> all = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.add(row.of(rows));
            }
        }
        return all;
    }

    <T> Optional<T> first(String sql, List<?> values, Row<T> row) {
        return query(sql, values, row).stream().findFirst();
    }

    List<WaitingWebhook> waiting() {
        return query(
                FIRST_DUE,
                List.of(),
                row -> new WaitingWebhook(Rows.webhook(row), Instant.ofEpochMilli(row.getLong(3))));
    }

    /** Only those that have any. */
    Map<String, Long> waiting(String account, Collection<String> webhooks, WaitingCount counts) {
        if (webhooks.isEmpty()) {
            return Map.of();
        }
        List<Object> values = new ArrayList<>(webhooks.size() + 1);
        values.add(account);
        values.addAll(webhooks);
        Map<String, Long> waiting = new HashMap<>();
        query(
                "SELECT w.name, w.account, w.key FROM webhook w WHERE w.account = (SELECT key FROM account WHERE id = ?)"
                        + " AND w.name IN (" + String.join(",", Collections.nCopies(webhooks.size(), "?")) + ")",
                values,
                row -> {
                    long count = counts.of(row.getInt(2), row.getInt(3));
                    return count == 0 ? null : waiting.put(row.getString(1), count);
                });
        return waiting;
    }

    List<String> webhookNames(String account, String after, int limit) {
        return query(
                "SELECT name FROM webhook WHERE account = (SELECT key FROM account WHERE id = ?) AND name > ?"
                        + " ORDER BY name LIMIT ?",
                List.of(account, after == null ? "" : after, limit),
                Reads::firstText);
    }

    Optional<List<String>> webhooksThatWait(String account, int most, WaitingCount counts) {
        return counts.few(key(account), most)
                .map(webhooks -> query(
                        "SELECT name FROM webhook WHERE key IN ("
                                + String.join(",", Collections.nCopies(webhooks.size(), "?")) + ")",
                        webhooks,
                        Reads::firstText));
    }

    /** The number of an account; of one that is not known, none that any has. */
    private int key(String account) {
        return first("SELECT key FROM account WHERE id = ?", List.of(account), row -> row.getInt(1))
                .orElse(-1);
    }

    /** The names of the webhooks of an account of which most waits, the most first. */
    Map<String, Long> mostWaiting(String account, int limit, WaitingCount counts) {
        Map<String, Long> most = new LinkedHashMap<>();
        counts.most(key(account), limit).forEach(waiting -> first(
                        "SELECT name FROM webhook WHERE key = ?", List.of(waiting.webhook()), Reads::firstText)
                .ifPresent(name -> most.put(name, waiting.deliveries())));
        return most;
    }

    /** The same of all accounts. */
    Map<WebhookId, Long> mostWaiting(int limit, WaitingCount counts) {
        Map<WebhookId, Long> most = new LinkedHashMap<>();
        counts.most(limit).forEach(waiting -> first(
                        "SELECT a.id, w.name FROM webhook w JOIN account a ON a.key = w.account WHERE w.key = ?",
                        List.of(waiting.webhook()),
                        Rows::webhook)
                .ifPresent(webhook -> most.put(webhook, waiting.deliveries())));
        return most;
    }

    Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts) {
        Map<WebhookId, Map<DeliveryState, Long>> figures = new HashMap<>();
        for (String account : accounts) {
            query(
                    "SELECT a.id, w.name, d.state, count(*) FROM account a JOIN webhook w ON w.account = a.key"
                            + " JOIN delivery d ON d.webhook = w.key WHERE a.id = ? GROUP BY w.key, d.state",
                    List.of(account),
                    row -> figures.computeIfAbsent(Rows.webhook(row), webhook -> new EnumMap<>(DeliveryState.class))
                            .put(DeliveryState.of(row.getString(3)), row.getLong(4)));
        }
        return figures;
    }

    /** How many deliveries wait, by webhook. */
    List<WaitingCount.Change> waitingByWebhook() {
        return query(
                "SELECT w.account, x.webhook, x.n FROM (SELECT webhook, count(*) n FROM delivery WHERE state = 'waiting'"
                        + " GROUP BY webhook) x JOIN webhook w ON w.key = x.webhook"
                        + " UNION ALL SELECT account, " + WaitingCount.FANNED_OUT
                        + ", sum(waiting) FROM fan_out GROUP BY account",
                List.of(),
                row -> new WaitingCount.Change(row.getInt(1), row.getInt(2), row.getLong(3)));
    }

    /** ULIDs hold nothing that JSON would escape. */
    static String ids(Collection<String> ids) {
        return ids.isEmpty() ? "[]" : "[\"" + String.join("\",\"", ids) + "\"]";
    }

    List<WebhookState> webhookStates() {
        return states("", List.of());
    }

    Optional<WebhookState> state(WebhookId webhook) {
        return states(" WHERE a.id = ? AND w.name = ?", List.of(webhook.account(), webhook.name())).stream()
                .findFirst();
    }

    private List<WebhookState> states(String where, List<?> values) {
        return query(
                "SELECT a.id, w.name, w.state, w.reason, w.since, w.hold_until, w.paused_total, w.half_open"
                        + " FROM webhook w JOIN account a ON a.key = w.account" + where,
                values,
                row -> new WebhookState(
                        Rows.webhook(row),
                        WebhookState.State.of(row.getString(3)),
                        row.getString(4),
                        Rows.instant(row, 5),
                        Rows.instant(row, 6),
                        Duration.ofMillis(row.getLong(7)),
                        row.getBoolean(8)));
    }

    List<DeliveryRow> deliveries(DeliveryQuery query) {
        List<Object> values = new ArrayList<>();
        String where = where(query, values) + remaining(query, values);
        values.add(query.limit());
        return query(DELIVERY + where + " ORDER BY d.id DESC LIMIT ?", values, DeliverySql::delivery);
    }

    /** Where the walk ends is asked first: what is accepted meanwhile is newer, and moves nothing. */
    Store.Found search(DeliveryQuery query, int look) {
        List<Object> values = new ArrayList<>();
        String where = where(query, values);
        values.add(look);
        String last = first(
                        "SELECT min(id), count(*) FROM (SELECT d.id FROM delivery d " + where
                                + " ORDER BY d.id DESC LIMIT ?)",
                        values,
                        row -> row.getInt(2) < look ? "" : row.getString(1))
                .orElse("");
        List<Object> within = new ArrayList<>();
        String narrowed = where(query, within);
        within.add(last);
        String matching = " AND d.id >= ?" + remaining(query, within);
        within.add(query.limit());
        return new Store.Found(
                query(DELIVERY + narrowed + matching + " ORDER BY d.id DESC LIMIT ?", within, DeliverySql::delivery),
                last.isEmpty() ? null : last);
    }

    /** What an index leads to. */
    static String where(DeliveryQuery query, List<Object> values) {
        // the plus keeps the planner from walking the account where a webhook's or an event's index leads there at once
        boolean narrower = query.webhook() != null || query.eventId() != null;
        StringBuilder where = new StringBuilder(
                "WHERE " + (narrower ? "+" : "") + "d.account = (SELECT key FROM account WHERE id = ?)");
        values.add(query.account());
        if (query.webhook() != null) {
            where.append(" AND " + (query.eventId() != null ? "+" : "")
                    + "d.webhook = (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                    + " WHERE a.id = ? AND w.name = ?)");
            values.add(query.account());
            values.add(query.webhook());
        }
        if (query.eventId() != null) {
            where.append(" AND d.event IN (SELECT key FROM event WHERE id = ?"
                    + " AND account = (SELECT key FROM account WHERE id = ?))");
            values.add(query.eventId());
            values.add(query.account());
        }
        if (query.outcome() != null && !query.isDelivered()) {
            narrow(where, values, " AND d.outcome = ? AND d.outcome <> 'delivered'", query.outcome());
        }
        narrow(where, values, " AND d.accepted_at >= ?", millis(query.from()));
        narrow(where, values, " AND d.id >= ?", DeliverySql.firstId(query.from()));
        narrow(where, values, " AND d.accepted_at < ?", millis(query.to()));
        narrow(where, values, " AND d.id <= ?", DeliverySql.lastId(query.to()));
        // without a bound the planner takes the index of all that a webhook has, and walks through it
        boolean needsBound = query.webhook() != null && query.outcome() != null && query.before() == null;
        narrow(where, values, " AND d.id < ?", needsBound ? AFTER_ALL_IDS : query.before());
        return where.toString();
    }

    /** What rows are looked at for. */
    private static String remaining(DeliveryQuery query, List<Object> values) {
        StringBuilder where = new StringBuilder();
        if (query.isDelivered()) {
            where.append(" AND d.outcome = 'delivered'");
        }
        narrow(where, values, " AND e.type = ?", query.eventType());
        if (query.standing() != null) {
            where.append(standing(query.standing()));
        }
        if (query.text() != null) {
            List<String> columns = List.of("d.id", "d.reason", "w.name", "e.id", "e.subject");
            where.append(columns.stream()
                    .map(column -> column + " LIKE ? ESCAPE '!'")
                    .collect(Collectors.joining(" OR ", " AND (", ")")));
            values.addAll(Collections.nCopies(columns.size(), query.likeText()));
        }
        return where.toString();
    }

    /** The plus keeps the planner from the index of what waits, which has another order. */
    private static String standing(DeliveryQuery.Standing standing) {
        return switch (standing) {
            case WAITING -> " AND +d.state = 'waiting' AND w.state = 'active'";
            case PAUSED -> " AND +d.state = 'waiting' AND w.state <> 'active'";
            case DISCARDED -> " AND d.state = 'discarded'";
        };
    }

    private static void narrow(StringBuilder where, List<Object> values, String condition, Object value) {
        if (value != null) {
            where.append(condition);
            values.add(value);
        }
    }

    private static Long millis(Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    Optional<DeliveryRow> delivery(String account, String id) {
        return first(DELIVERY + "WHERE a.id = ? AND d.id = ?", List.of(account, id), DeliverySql::delivery);
    }

    List<AttemptRow> attempts(String deliveryId) {
        return query(DeliverySql.ATTEMPTS, List.of(deliveryId), DeliverySql::attempt);
    }

    /** As if it were due, whatever became of it; empty: its payload, or that of the later event, is not kept. */
    Optional<DueDelivery> kept(String account, String id) {
        return first(DeliverySql.KEPT, List.of(account, id), DeliverySql::due);
    }

    Optional<String> supersededBy(RecordKey record, String delivery) {
        return first(
                "SELECT r.event_id FROM delivery d JOIN event e ON e.key = d.event JOIN written_record r"
                        + " ON r.account = d.account AND r.record = ? WHERE d.id = ?"
                        + " AND r.event_at > coalesce(e.time, e.accepted_at)",
                List.of(record.hash(), delivery),
                Reads::firstText);
    }

    /** The number of a place that was used lately. */
    Optional<Integer> place(RecordKey record, String member, Instant usedAfter) {
        return first(
                "SELECT number FROM place WHERE account = (SELECT key FROM account WHERE id = ?) AND record = ?"
                        + " AND member = ? AND used_at > ?",
                List.of(record.account(), record.hash(), member, usedAfter.toEpochMilli()),
                row -> row.getInt(1));
    }

    Optional<byte[]> setting(String name) {
        return first("SELECT value FROM setting WHERE name = ?", List.of(name), row -> row.getBytes(1));
    }

    /** Events after a point, in the order of acceptance: what a retention step looks at. */
    List<AgedEvent> aged(boolean withPayload, AgedEvent after, long acceptedBefore, int limit) {
        return query(
                EventSql.aged(withPayload),
                List.of(after.acceptedAt(), after.key(), acceptedBefore, limit),
                EventSql::agedEvent);
    }

    /**
     * Waiting deliveries after one, in the order of the index of due ones.
     *
     * @param oldBefore of those that began before this it is told whether they are of the product's own events
     */
    List<WaitingDelivery> waitingAfter(WaitingDelivery after, long oldBefore, int limit) {
        return query(
                "SELECT webhook, due_at, id, started_at, CASE WHEN started_at < ? THEN"
                        + " (SELECT e.source = ? FROM event e WHERE e.key = delivery.event) ELSE 0 END"
                        + " FROM delivery WHERE state = 'waiting'"
                        + " AND (webhook, due_at, id) > (?, ?, ?) ORDER BY webhook, due_at, id LIMIT ?",
                List.of(oldBefore, Event.OWN_SOURCE, after.webhook(), after.dueAt(), after.id(), limit),
                row -> new WaitingDelivery(
                        row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4), row.getBoolean(5)));
    }

    /** A waiting delivery, when it was accepted or last replayed, and whether it is of one of the product's own events. */
    record WaitingDelivery(long webhook, long dueAt, String id, long startedAt, boolean ours) {

        /** Before every other. */
        static final WaitingDelivery NONE = new WaitingDelivery(Long.MIN_VALUE, Long.MIN_VALUE, "", 0, false);
    }

    /**
     * Which of the waiting deliveries of a webhook wait for its credential, in the order of the index of due ones. What is
     * behind others of its FIFO key waits for these.
     *
     * @param refusedToo those whose last attempt was answered by 401 or 403, beside those of which nothing was sent
     * @param look at how many at most
     */
    HeldUp heldUp(WebhookId webhook, boolean refusedToo, Waiting after, int look) {
        List<HeldUp.Looked> looked = query(
                "SELECT d.id, d.due_at, d.unsent_since IS NOT NULL"
                        + (refusedToo
                                ? " OR EXISTS (SELECT 1 FROM attempt t WHERE t.delivery = d.id AND t.number = d.attempts"
                                        + " AND t.status IN (401, 403))"
                                : "")
                        + " FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
                        + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                        + " WHERE a.id = ? AND w.name = ?) AND (d.due_at, d.id) > (?, ?) AND d.due_at < "
                        + FifoTurn.NOT_YET.toEpochMilli() + " ORDER BY d.due_at, d.id LIMIT ?",
                List.of(webhook.account(), webhook.name(), after.dueAt().toEpochMilli(), after.id(), look),
                row -> new HeldUp.Looked(
                        new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))), row.getBoolean(3)));
        return HeldUp.of(looked, look);
    }

    /** Whose deliveries these are. */
    Map<String, WebhookId> webhooksOf(List<String> deliveries) {
        Map<String, WebhookId> webhooks = new HashMap<>();
        if (!deliveries.isEmpty()) {
            query(
                    "SELECT a.id, w.name, d.id FROM json_each(?) j JOIN delivery d ON d.id = j.value"
                            + " JOIN webhook w ON w.key = d.webhook JOIN account a ON a.key = w.account",
                    List.of(ids(deliveries)),
                    row -> webhooks.put(row.getString(3), Rows.webhook(row)));
        }
        return webhooks;
    }

    List<Notice> notices(int limit) {
        return query(
                "SELECT a.id, w.name, n.key, n.type, n.at, n.since, n.reason, n.deliveries FROM notice n"
                        + " JOIN webhook w ON w.key = n.webhook JOIN account a ON a.key = w.account"
                        + " ORDER BY n.key LIMIT ?",
                List.of(limit),
                row -> new Notice(
                        row.getLong(3),
                        Rows.webhook(row),
                        Notice.Type.of(row.getString(4)),
                        Rows.instant(row, 5),
                        Rows.instant(row, 6),
                        row.getString(7),
                        row.getObject(8) == null ? null : row.getLong(8)));
    }

    /** The webhooks with waiting deliveries of which nothing could be sent. */
    List<WebhookId> withUnsent() {
        return query(
                "SELECT a.id, w.name FROM webhook w JOIN account a ON a.key = w.account WHERE w.key IN"
                        + " (SELECT webhook FROM delivery WHERE state = 'waiting' AND unsent_since IS NOT NULL)",
                List.of(),
                Rows::webhook);
    }

    /**
     * Deliveries with attempts, of events whose last delivery has ended before a time.
     *
     * @param before an id that is greater than those of all deliveries accepted before that time
     */
    List<String> withOldAttempts(long endedBefore, String after, String before, int limit) {
        return query(
                "SELECT DISTINCT t.delivery FROM attempt t JOIN delivery d ON d.id = t.delivery"
                        + " WHERE t.delivery > ? AND t.delivery < ? AND d.ended_at < ? AND NOT EXISTS (SELECT 1 FROM delivery o"
                        + " WHERE o.event = d.event AND (o.ended_at IS NULL OR o.ended_at >= ?))"
                        + " ORDER BY t.delivery LIMIT ?",
                List.of(after, before, endedBefore, endedBefore, limit),
                Reads::firstText);
    }

    private static String firstText(ResultSet row) throws SQLException {
        return row.getString(1);
    }
}
