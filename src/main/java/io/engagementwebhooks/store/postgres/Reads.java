package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliverySql;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.EventSql;
import io.engagementwebhooks.store.EventSql.AgedEvent;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.HeldUp;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Rows;
import io.engagementwebhooks.store.Share;
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

/** Reads, each in a transaction of its own. Thread-safe. */
final class Reads {

    /** An index leads to the first of each webhook: counting what waits would take as long as there is, and then its owner. */
    static final String FIRST_DUE = "SELECT a.id, w.name, x.due_at FROM webhook w JOIN account a ON a.key = w.account"
            + " CROSS JOIN LATERAL (SELECT d.due_at FROM delivery d WHERE d.webhook = w.key AND d.state = 'waiting'"
            + " ORDER BY d.due_at LIMIT 1) x WHERE w.partition = ANY (?)";

    private static final String DELIVERY = DeliverySql.shown("delivery");

    /** How many that are due later are looked at to find the next of one share. */
    private static final int LOOKED_AHEAD = 500;

    /** The first character of a ULID is 7 at most. */
    private static final String AFTER_ALL_IDS = "8";

    private final DataSource pool;

    Reads(DataSource pool) {
        this.pool = pool;
    }

    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    <T> List<T> query(String sql, List<?> values, Row<T> row) {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = Columns.prepared(connection, sql, values.toArray());
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(row.of(rows));
            }
            return all;
        } catch (SQLException e) {
            throw Faults.unavailable(e);
        }
    }

    <T> Optional<T> first(String sql, List<?> values, Row<T> row) {
        return query(sql, values, row).stream().findFirst();
    }

    /** @param owned only webhooks of these partitions */
    List<WaitingWebhook> waiting(Columns.Many owned) {
        return query(
                FIRST_DUE,
                List.of(owned),
                row -> new WaitingWebhook(Rows.webhook(row), Instant.ofEpochMilli(row.getLong(3))));
    }

    /** The webhooks of partitions that have something due. */
    List<WebhookId> withDue(Columns.Many owned, Instant at) {
        return query(
                "SELECT a.id, w.name FROM webhook w JOIN account a ON a.key = w.account WHERE w.partition = ANY (?)"
                        + " AND EXISTS (SELECT 1 FROM delivery d WHERE d.webhook = w.key AND d.state = 'waiting'"
                        + " AND d.due_at <= ?)",
                List.of(owned, at),
                Rows::webhook);
    }

    /** @param most so many of each are counted */
    Map<String, Long> waiting(String account, Collection<String> webhooks, int most) {
        Map<String, Long> waiting = new HashMap<>();
        query(
                "SELECT w.name, x.n FROM account a JOIN webhook w ON w.account = a.key CROSS JOIN LATERAL (SELECT count(*) n"
                        + " FROM (SELECT 1 FROM delivery d WHERE d.webhook = w.key AND d.state = 'waiting' LIMIT ?) y) x"
                        + " WHERE a.id = ? AND w.name = ANY (?) AND x.n > 0",
                List.of(most, account, Columns.texts(List.copyOf(webhooks), name -> name)),
                row -> waiting.put(row.getString(1), row.getLong(2)));
        return waiting;
    }

    List<String> webhookNames(String account, String after, int limit) {
        return query(
                "SELECT name FROM webhook WHERE account = (SELECT key FROM account WHERE id = ?) AND name > ?"
                        + " ORDER BY name LIMIT ?",
                List.of(account, after == null ? "" : after, limit),
                row -> row.getString(1));
    }

    /** From one webhook of which anything waits to the next one: none is read that has nothing. */
    Optional<List<String>> webhooksThatWait(String account, int most) {
        List<Optional<String>> waiting = query(
                "WITH RECURSIVE next (webhook, place) AS (SELECT min(webhook), 1 FROM delivery WHERE state = 'waiting'"
                        + " UNION ALL SELECT (SELECT min(d.webhook) FROM delivery d WHERE d.state = 'waiting'"
                        + " AND d.webhook > next.webhook), place + 1 FROM next WHERE webhook IS NOT NULL AND place <= ?)"
                        + " SELECT (SELECT w.name FROM webhook w JOIN account a ON a.key = w.account"
                        + " WHERE w.key = next.webhook AND a.id = ?) FROM next WHERE webhook IS NOT NULL",
                List.of(most, account),
                row -> Optional.ofNullable(row.getString(1)));
        return waiting.size() > most
                ? Optional.empty()
                : Optional.of(waiting.stream().flatMap(Optional::stream).toList());
    }

    Map<String, Long> mostWaiting(String account, int limit) {
        Map<String, Long> most = new LinkedHashMap<>();
        query(
                "SELECT w.name, count(*) n FROM webhook w JOIN delivery d ON d.webhook = w.key AND d.state = 'waiting'"
                        + " WHERE w.account = (SELECT key FROM account WHERE id = ?)"
                        + " GROUP BY w.name ORDER BY n DESC LIMIT ?",
                List.of(account, limit),
                row -> most.put(row.getString(1), row.getLong(2)));
        return most;
    }

    Map<WebhookId, Long> mostWaiting(int limit) {
        Map<WebhookId, Long> most = new LinkedHashMap<>();
        query(
                "SELECT a.id, w.name, x.n FROM (SELECT webhook, count(*) n FROM delivery WHERE state = 'waiting'"
                        + " GROUP BY webhook ORDER BY n DESC LIMIT ?) x JOIN webhook w ON w.key = x.webhook"
                        + " JOIN account a ON a.key = w.account ORDER BY x.n DESC",
                List.of(limit),
                row -> most.put(Rows.webhook(row), row.getLong(3)));
        return most;
    }

    Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts) {
        Map<WebhookId, Map<DeliveryState, Long>> figures = new HashMap<>();
        for (String account : accounts) {
            query(
                    "SELECT a.id, w.name, d.state, count(*) FROM account a JOIN webhook w ON w.account = a.key"
                            + " JOIN delivery d ON d.webhook = w.key WHERE a.id = ? GROUP BY a.id, w.name, d.state",
                    List.of(account),
                    row -> figures.computeIfAbsent(Rows.webhook(row), webhook -> new EnumMap<>(DeliveryState.class))
                            .put(DeliveryState.of(row.getString(3)), row.getLong(4)));
        }
        return figures;
    }

    DueSearch.Found due(DueSearch search) {
        Waiting end = search.look() == 0 ? null : lookingEndsAt(search);
        List<DueDelivery> due = query(
                "SELECT a.id, w.name, d.id, d.attempts, d.base, d.started_at, d.paused_before, d.due_at, d.wait_field,"
                        + " e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256,"
                        + " l.source, l.id, l.type, l.subject, l.time, l.document, l.data_sha256, d.unsent_since,"
                        + " CASE WHEN d.fifo_place IS NOT NULL THEN d.fifo_key END, e.trace"
                        + " FROM account a JOIN webhook w ON w.account = a.key AND w.name = ?"
                        + " JOIN delivery d ON d.webhook = w.key AND d.state = 'waiting'"
                        + " AND (d.due_at, d.id) > (?, ?) AND (d.due_at, d.id) <= (?, ?)"
                        + DeliverySql.of(search.share())
                        + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later"
                        + " WHERE a.id = ? AND d.id <> ALL (?) AND e.document IS NOT NULL AND (d.fifo_place IS NULL"
                        + " OR NOT EXISTS (SELECT 1 FROM delivery h WHERE h.webhook = d.webhook AND h.fifo_key = d.fifo_key"
                        + " AND h.fifo_place < d.fifo_place AND h.due_at <= ?)) ORDER BY d.due_at, d.id LIMIT ?",
                List.of(
                        search.webhook().name(),
                        search.after().dueAt(),
                        search.after().id(),
                        end == null ? search.at() : end.dueAt(),
                        end == null ? AFTER_ALL_IDS : end.id(),
                        search.webhook().account(),
                        Columns.texts(List.copyOf(search.without()), id -> id),
                        search.at(),
                        search.limit()),
                DeliverySql::due);
        return DueSearch.Found.upTo(end, due, search.limit());
    }

    /** @return the last of as many as are looked at, or null: there are not as many */
    private Waiting lookingEndsAt(DueSearch search) {
        return first(
                        "SELECT d.id, d.due_at FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
                                + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                                + " WHERE a.id = ? AND w.name = ?) AND (d.due_at, d.id) > (?, ?) AND d.due_at <= ?"
                                + " ORDER BY d.due_at, d.id LIMIT 1 OFFSET ?",
                        List.of(
                                search.webhook().account(),
                                search.webhook().name(),
                                search.after().dueAt(),
                                search.after().id(),
                                search.at(),
                                search.look() - 1),
                        row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))))
                .orElse(null);
    }

    long dueCount(WebhookId webhook, Instant at, int most) {
        return query(
                        "SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'waiting' AND d.due_at <= ?"
                                + " AND d.webhook = (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                                + " WHERE a.id = ? AND w.name = ?) LIMIT ?) x",
                        List.of(at.toEpochMilli(), webhook.account(), webhook.name(), most),
                        row -> row.getLong(1))
                .get(0);
    }

    Optional<Instant> nextDue(WebhookId webhook, Share share, Instant after) {
        String next = " FROM delivery d WHERE d.state = 'waiting' AND d.due_at > ? AND d.due_at < "
                + FifoTurn.NOT_YET.toEpochMilli() + " AND d.webhook ="
                + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                + " WHERE a.id = ? AND w.name = ?) ORDER BY d.due_at, d.id LIMIT ";
        List<Object> values = List.of(after, webhook.account(), webhook.name());
        Optional<Instant> known = first(
                "SELECT d.due_at FROM (SELECT d.due_at, d.attempts" + next + LOOKED_AHEAD + ") d WHERE true"
                        + DeliverySql.of(share) + " LIMIT 1",
                values,
                row -> Rows.instant(row, 1));
        return known.isPresent()
                ? known
                : first(
                        "SELECT d.due_at" + next + "1 OFFSET " + (LOOKED_AHEAD - 1),
                        values,
                        row -> Rows.instant(row, 1));
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

    /** Where the walk begins and ends is asked first: what is accepted meanwhile is newer, and moves nothing. */
    Store.Found search(DeliveryQuery query, int look) {
        List<Object> values = new ArrayList<>();
        String where = where(query, values);
        values.add(look);
        Optional<Walk> walk = first(
                "SELECT max(id), min(id), count(*) FROM (SELECT d.id FROM delivery d " + where
                        + " ORDER BY d.id DESC LIMIT ?) x HAVING count(*) > 0",
                values,
                row -> new Walk(row.getString(1), row.getString(2), row.getInt(3)));
        if (walk.isEmpty()) {
            return new Store.Found(List.of(), null);
        }
        List<Object> within = new ArrayList<>();
        return new Store.Found(
                query(within(walk.get(), query, within), within, DeliverySql::delivery),
                walk.get().steps() < look ? null : walk.get().last());
    }

    /** Deliveries that are looked at, from the newest back. */
    record Walk(String first, String last, int steps) {}

    /**
     * What is looked for among those of a walk. The planner is told how few these are: it knows nothing of whose they are,
     * and would begin with all webhooks of a state, or all events of a type, whatever account they are of.
     */
    static String within(Walk walk, DeliveryQuery query, List<Object> values) {
        String walked = "(SELECT * FROM delivery d " + where(query, values)
                + " AND d.id <= ? AND d.id >= ? ORDER BY d.id DESC LIMIT ?)";
        values.addAll(List.of(walk.first(), walk.last(), walk.steps()));
        String matching = "WHERE true" + remaining(query, values);
        values.add(query.limit());
        return DeliverySql.shown(walked) + matching + " ORDER BY d.id DESC LIMIT ?";
    }

    /** What an index leads to. */
    private static String where(DeliveryQuery query, List<Object> values) {
        StringBuilder where = new StringBuilder("WHERE d.account = (SELECT key FROM account WHERE id = ?)");
        values.add(query.account());
        if (query.webhook() != null) {
            where.append(" AND d.webhook = (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                    + " WHERE a.id = ? AND w.name = ?)");
            values.add(query.account());
            values.add(query.webhook());
        }
        if (query.eventId() != null) {
            byte[] identity = Hashes.ofId(query.eventId());
            where.append(" AND d.event = ANY (ARRAY(SELECT key FROM event WHERE id = ? AND identity BETWEEN ? AND ?"
                    + " AND account = (SELECT key FROM account WHERE id = ?)))");
            values.add(query.eventId());
            values.add(identity);
            values.add(Hashes.after(identity));
            values.add(query.account());
        }
        if (query.outcome() != null && !query.isDelivered()) {
            narrow(where, values, " AND d.outcome = ? AND d.outcome <> 'delivered'", query.outcome());
        }
        narrow(where, values, " AND d.accepted_at >= ?", Columns.millis(query.from()));
        narrow(where, values, " AND d.id >= ?", DeliverySql.firstId(query.from()));
        narrow(where, values, " AND d.accepted_at < ?", Columns.millis(query.to()));
        narrow(where, values, " AND d.id <= ?", DeliverySql.lastId(query.to()));
        narrow(where, values, " AND d.id < ?", query.before());
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
                    .map(column -> column + " ILIKE ? ESCAPE '!'")
                    .collect(Collectors.joining(" OR ", " AND (", ")")));
            values.addAll(Collections.nCopies(columns.size(), query.likeText()));
        }
        return where.toString();
    }

    /** Said so that the planner does not take the index of what waits, which has another order. */
    private static String standing(DeliveryQuery.Standing standing) {
        return switch (standing) {
            case WAITING -> " AND d.state || '' = 'waiting' AND w.state = 'active'";
            case PAUSED -> " AND d.state || '' = 'waiting' AND w.state <> 'active'";
            case DISCARDED -> " AND d.state = 'discarded'";
        };
    }

    private static void narrow(StringBuilder where, List<Object> values, String condition, Object value) {
        if (value != null) {
            where.append(condition);
            values.add(value);
        }
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

    boolean isSetUpSaid(long generation) {
        return first(
                        "SELECT 1 FROM instance WHERE set_up = ? AND expires_at > clock_timestamp() LIMIT 1",
                        List.of(generation),
                        row -> true)
                .isPresent();
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
                "SELECT x.webhook, x.due_at, x.id, x.started_at, x.started_at < ? AND e.source = ?, w.partition"
                        + " FROM (SELECT webhook, due_at, id, started_at, event FROM delivery WHERE state = 'waiting'"
                        + " AND (webhook, due_at, id) > (?, ?, ?) ORDER BY webhook, due_at, id LIMIT ?) x"
                        + " JOIN webhook w ON w.key = x.webhook JOIN event e ON e.key = x.event"
                        + " ORDER BY x.webhook, x.due_at, x.id",
                List.of(oldBefore, Event.OWN_SOURCE, after.webhook(), after.dueAt(), after.id(), limit),
                row -> new WaitingDelivery(
                        row.getInt(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getBoolean(5),
                        row.getInt(6)));
    }

    /** A waiting delivery, when it was accepted or last replayed, and whether it is of one of the product's own events. */
    record WaitingDelivery(int webhook, long dueAt, String id, long startedAt, boolean ours, int partition) {

        /** Before every other. */
        static final WaitingDelivery NONE = new WaitingDelivery(Integer.MIN_VALUE, Long.MIN_VALUE, "", 0, false, 0);
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
                "SELECT d.id, d.due_at, d.unsent_since IS NOT NULL" + (refusedToo ? " OR d.status IN (401, 403)" : "")
                        + " FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
                        + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                        + " WHERE a.id = ? AND w.name = ?) AND (d.due_at, d.id) > (?, ?) AND d.due_at < "
                        + FifoTurn.NOT_YET.toEpochMilli() + " ORDER BY d.due_at, d.id LIMIT ?",
                List.of(webhook.account(), webhook.name(), after.dueAt(), after.id(), look),
                row -> new HeldUp.Looked(
                        new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))), row.getBoolean(3)));
        return HeldUp.of(looked, look);
    }

    /** Whose deliveries these are. */
    Map<String, WebhookId> webhooksOf(List<String> deliveries) {
        Map<String, WebhookId> webhooks = new HashMap<>();
        if (!deliveries.isEmpty()) {
            query(
                    "SELECT a.id, w.name, d.id FROM delivery d JOIN webhook w ON w.key = d.webhook"
                            + " JOIN account a ON a.key = w.account WHERE d.id = ANY (?)",
                    List.of(Columns.texts(deliveries, id -> id)),
                    row -> webhooks.put(row.getString(3), Rows.webhook(row)));
        }
        return webhooks;
    }

    List<Notice> notices(int limit, Columns.Many owned) {
        return query(
                "SELECT a.id, w.name, n.key, n.type, n.at, n.since, n.reason, n.deliveries FROM notice n"
                        + " JOIN webhook w ON w.key = n.webhook JOIN account a ON a.key = w.account"
                        + " WHERE w.partition = ANY (?) ORDER BY n.key LIMIT ?",
                List.of(owned, limit),
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
    List<WebhookId> withUnsent(Columns.Many owned) {
        return query(
                "SELECT a.id, w.name FROM webhook w JOIN account a ON a.key = w.account WHERE w.partition = ANY (?)"
                        + " AND w.key IN (SELECT webhook FROM delivery WHERE state = 'waiting'"
                        + " AND unsent_since IS NOT NULL)",
                List.of(owned),
                Rows::webhook);
    }

    /** Bytes of the database. */
    long size() {
        return first("SELECT pg_database_size(current_database())", List.of(), row -> row.getLong(1))
                .orElse(0L);
    }

    Optional<byte[]> claimed(String name) {
        return query(
                        "SELECT made FROM claim WHERE name = ?",
                        List.of(name),
                        row -> Optional.ofNullable(row.getBytes(1)))
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** The tables with what is sealed. */
    void rewriteSealed() {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement("VACUUM FULL setting, definition, claim")) {
            statement.execute();
        } catch (SQLException e) {
            throw Faults.unavailable(e);
        }
    }

    /** The instances whose lease lasts. */
    List<String> running() {
        return query(
                "SELECT id FROM instance WHERE expires_at > clock_timestamp() ORDER BY id",
                List.of(),
                Reads::firstText);
    }

    private static String firstText(ResultSet row) throws SQLException {
        return row.getString(1);
    }
}
