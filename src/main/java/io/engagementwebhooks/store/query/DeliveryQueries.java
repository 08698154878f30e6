package io.engagementwebhooks.store.query;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.IdBounds;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds and counts deliveries for API and console. Thread-safe. */
public class DeliveryQueries {

    /** Pending deliveries of a webhook are counted up to this number, which means that many or more. */
    public static final int MAX_PENDING = 10_000;

    /**
     * Counts by status.
     *
     * @param deliveries by state and last outcome; {@code paused} is a state here
     * @param complete false: there are more deliveries, which were not examined
     */
    public record StatusCounts(Map<StateAndOutcome, Long> deliveries, boolean complete) {}

    /** @param outcome of the last attempt, or null */
    public record StateAndOutcome(String state, String outcome) {}

    /**
     * The result of a step of a search.
     *
     * @param deliveries at most {@link DeliveryQuery#limit()}
     * @param examinedDownTo the oldest examined delivery, before which the next step begins; null: there are no more
     */
    public record Found(List<DeliveryRow> deliveries, String examinedDownTo) {}

    /**
     * The position of a delivery in its webhook's backlog.
     *
     * @param deliveries the number of deliveries due before it
     * @param isExact false: there are more, which were not counted
     */
    public record BacklogPosition(int deliveries, boolean isExact) {}

    /** Sorts after every ULID: their first character is at most 7. */
    public static final String AFTER_ALL_IDS = "8";

    private static final String EVENTS =
            Columns.event("e", "event") + ", " + Columns.event("l", "later") + ", e.trace AS trace";

    /** The columns of a due delivery: see {@link #due}. */
    public static final String DUE = Columns.WEBHOOK
            + ", u.id AS delivery, d.attempts AS attempts, u.base AS base, u.started_at AS started_at,"
            + " u.paused_before AS paused_before, u.due_at AS due_at, u.wait_field AS wait_field,"
            + " u.unsent_since AS unsent_since, CASE WHEN u.fifo_place IS NOT NULL THEN u.fifo_key END AS fifo_key, "
            + EVENTS;

    private static final String WITH_PAYLOAD = "SELECT " + Columns.WEBHOOK
            + ", d.id AS delivery, d.attempts AS attempts, coalesce(u.base, 0) AS base,"
            + " coalesce(u.started_at, d.accepted_at) AS started_at, coalesce(u.paused_before, 0) AS paused_before,"
            + " coalesce(d.due_at, d.accepted_at) AS due_at, u.wait_field AS wait_field,"
            + " u.unsent_since AS unsent_since, d.fifo_key AS fifo_key, " + EVENTS + " FROM delivery d"
            + Columns.joinWebhook("d.webhook")
            + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later LEFT JOIN due u"
            + " ON " + DueRows.OF_DELIVERY + " WHERE d.account = ? AND d.id = ?"
            + " AND e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL)";

    private static final String ATTEMPTS =
            "SELECT number, started_at, ms, outcome, reason, note, status, headers, body, timing, request, request_body"
                    + " FROM (SELECT key FROM delivery WHERE account = ? AND id = ?) d CROSS JOIN attempt t WHERE ";

    /** Skips from one webhook with pending deliveries to the next, and reads no other webhook. */
    private static final String WITH_PENDING =
            "WITH RECURSIVE next (webhook, place) AS (SELECT min(webhook), 1 FROM due UNION ALL SELECT (SELECT"
                    + " min(u.webhook) FROM due u WHERE u.webhook > next.webhook), place + 1 FROM next WHERE webhook IS"
                    + " NOT NULL AND place <= ?) SELECT " + Columns.WEBHOOK + " FROM next"
                    + Columns.joinWebhook("next.webhook");

    private static final String PENDING_OF_ACCOUNT = pendingCounts("w.account = ?");

    /** The row of {@code due} of a pending delivery {@code d}. */
    private static final String WAITING = " FROM due u WHERE " + DueRows.OF_DELIVERY;

    /** The deliveries before {@code d} in its FIFO key, in order. */
    private static final String BEFORE_IN_FIFO =
            " FROM due u JOIN due h ON h.webhook = u.webhook AND h.fifo_key = u.fifo_key AND h.fifo_place <"
                    + " u.fifo_place WHERE " + DueRows.OF_DELIVERY + " ORDER BY h.fifo_place LIMIT ";

    /** The most scheduled deliveries of a FIFO key; the others are due at {@link FifoSuccession#NOT_YET}. */
    private static final int MAX_SCHEDULED = 10;

    /** The event is complete. Without a join, which would change the plans. */
    private static final String COMPLETE = "d.event NOT IN (SELECT event FROM incomplete_event)";

    private final Reader reader;
    private final Dialect dialect;
    private final Keys keys;
    private final String backlogPositions;
    private final String firstDue;
    private final String attempts;
    private final String pendingCounts;
    private final String responseKind;

    public DeliveryQueries(Reader reader, Keys keys) {
        this.reader = reader;
        this.dialect = reader.dialect();
        this.keys = keys;
        this.backlogPositions = backlogPositions(dialect);
        this.firstDue = firstDue(dialect);
        this.attempts = attempts(dialect);
        this.pendingCounts = pendingCounts(dialect.in("w.key"));
        this.responseKind = ResponseKind.sql(dialect);
    }

    /** @return a query with parameters: account and id */
    public static String attempts(Dialect dialect) {
        return ATTEMPTS + dialect.attemptOf("t", "d.key") + " ORDER BY t.number";
    }

    /** @return a query with parameters: the ids in flight as a table, twice, and the webhooks */
    public static String firstDue(Dialect dialect) {
        String notInFlight = " AND u.id NOT IN (SELECT x.id FROM " + dialect.rows("x", "id text") + ")";
        return select(dialect, "delivery") + "WHERE d.key IN (SELECT coalesce(" + first(notInFlight) + ", " + first("")
                + ") FROM webhook f WHERE " + dialect.in("f.key") + ")";
    }

    private static String first(String where) {
        return "(SELECT u.delivery FROM "
                + DueRows.inDueOrder("u.delivery, ", "f.key", "0, ''", DueRows.FOREVER, where, "1") + " u)";
    }

    /** @return a query with parameters: those of {@link DueRows#inDueOrderValues}, and ids */
    public static String backlogPositions(Dialect dialect) {
        return "SELECT x.id, x.place FROM (SELECT u.id, row_number() OVER (ORDER BY u.due_at, u.id) - 1 AS place FROM "
                + DueRows.inDueOrder("", "?", "?, ?", DueRows.FOREVER, "", "?") + " u) x WHERE " + dialect.in("x.id");
    }

    /** The columns of {@link DeliveryRow}. @param deliveries the table, or a subquery of it */
    private static String select(Dialect dialect, String deliveries) {
        String isPending = "CASE WHEN d.ended_at IS NULL ";
        String isInFifo = isPending + "AND d.fifo_key IS NOT NULL ";
        return "SELECT " + Columns.WEBHOOK
                + ", d.id AS delivery, d.event AS event_key, e.id AS event_id, e.type AS event_type, d.state AS state,"
                + " d.outcome AS outcome, d.reason AS reason, d.attempts AS attempts, d.accepted_at AS accepted_at, "
                + isPending + "THEN d.due_at END AS due_at, d.ended_at AS ended_at, d.replay_of AS replay_of, "
                + isInFifo + "THEN (SELECT h.id" + BEFORE_IN_FIFO + "1) END AS blocked_by, "
                + isInFifo + "THEN (SELECT min(y.due_at) FROM (SELECT h.due_at" + BEFORE_IN_FIFO + MAX_SCHEDULED
                + ") y) END AS blocked_by_due_at, "
                + isPending + "AND d.outcome IS NULL THEN (SELECT u.wait_field" + WAITING + ") END AS wait_field, "
                + isPending + "THEN (SELECT u.unsent_since IS NOT NULL" + WAITING + ") END AS is_unsent,"
                + " w.state AS webhook_state, w.hold_until AS hold_until, d.status AS status,"
                + " (SELECT t.ms FROM attempt t WHERE " + dialect.attempt("t", "d.key", "d.attempts")
                + ") AS ms, d.kind AS kind" + from(deliveries);
    }

    private static String from(String deliveries) {
        return " FROM " + deliveries + " d JOIN webhook w ON w.key = d.webhook" + Columns.joinWebhook("d.webhook")
                + " JOIN event e ON e.key = d.event ";
    }

    private static Instant due(ResultSet row, String column) throws SQLException {
        Instant due = Columns.instant(row, column);
        return FifoSuccession.NOT_YET.equals(due) ? null : due;
    }

    /** A row of {@link #select}. */
    private static DeliveryRow delivery(ResultSet row) throws SQLException {
        return new DeliveryRow(
                row.getString("delivery"),
                Columns.webhook(row),
                row.getLong("event_key"),
                row.getString("event_id"),
                row.getString("event_type"),
                DeliveryState.of(row.getString("state")),
                row.getString("outcome"),
                row.getString("reason"),
                row.getInt("attempts"),
                Columns.instant(row, "accepted_at"),
                due(row, "due_at"),
                Columns.instant(row, "ended_at"),
                row.getString("replay_of"),
                row.getString("blocked_by"),
                due(row, "blocked_by_due_at"),
                row.getString("wait_field"),
                row.getBoolean("is_unsent"),
                WebhookState.State.of(row.getString("webhook_state")),
                Columns.instant(row, "hold_until"),
                row.getObject("status") == null ? null : row.getInt("status"),
                Columns.millis(row, row.findColumn("ms")),
                kind(row.getString("kind")));
    }

    private static DeliveryRow.Kind kind(String text) {
        return text == null ? DeliveryRow.Kind.EVENT : DeliveryRow.Kind.valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** A row of {@link #DUE}. */
    public static DueDelivery due(ResultSet row) throws SQLException {
        String account = row.getString(1);
        return new DueDelivery(
                row.getString("delivery"),
                Columns.webhook(row),
                Columns.event(account, row, "event")
                        .withTrace(TraceParent.of(row.getString("trace")).orElse(null)),
                row.getBytes("later_document") == null ? null : Columns.event(account, row, "later"),
                row.getInt("attempts"),
                row.getInt("base"),
                Columns.instant(row, "started_at"),
                Duration.ofMillis(row.getLong("paused_before")),
                Columns.instant(row, "due_at"),
                row.getString("wait_field") != null,
                Columns.instant(row, "unsent_since"),
                row.getString("fifo_key"));
    }

    /** Conditions with their values. */
    public static final class Where {

        private final StringBuilder sql = new StringBuilder();
        private final List<Object> values = new ArrayList<>();

        Where and(String condition, Object... more) {
            sql.append(sql.length() == 0 ? "WHERE " : " AND ").append(condition);
            Collections.addAll(values, more);
            return this;
        }

        void andIf(Object value, String condition) {
            if (value != null) {
                and(condition, value);
            }
        }

        public String sql() {
            return sql.toString();
        }

        public Object[] values(Object... more) {
            List<Object> all = new ArrayList<>(values);
            Collections.addAll(all, more);
            return all.toArray();
        }
    }

    /**
     * Deliveries, newest first. A query with conditions without an index is for {@link #search}, unless it names an event.
     * Where an index covers all conditions, the query limits the deliveries before it joins the other tables.
     */
    public List<DeliveryRow> deliveries(DeliveryQuery query) {
        Where where = indexedConditions(query);
        if (query.needsScan()) {
            addScanConditions(query, where);
            return reader.query(
                    select(dialect, "delivery") + where.sql() + " ORDER BY d.id DESC LIMIT ?",
                    DeliveryQueries::delivery,
                    where.values(query.limit()));
        }
        Selected newest = inOrder(query, "d.*", where, "DESC", query.limit());
        return reader.query(listSql(newest), DeliveryQueries::delivery, newest.values());
    }

    String listSql(Selected newest) {
        return select(dialect, newest.sql()) + "ORDER BY d.id DESC";
    }

    /** A subquery with its values. */
    record Selected(String sql, Object... values) {}

    /** Deliveries under {@link #indexedConditions}. @param order empty: oldest first; {@code DESC}: newest first */
    Selected inOrder(DeliveryQuery query, String columns, Where where, String order, int limit) {
        return isOfWebhook(query)
                ? new Selected(
                        dialect.ofWebhook(columns, where.sql(), order, "?"),
                        dialect.ofWebhookValues(where.values(limit)))
                : new Selected(Dialect.inOrder(columns, where.sql(), order, "?"), where.values(limit));
    }

    /** Whether the index of the webhook's deliveries is the narrowest. */
    private static boolean isOfWebhook(DeliveryQuery query) {
        return query.webhook() != null
                && query.eventId() == null
                && !Boolean.TRUE.equals(query.test())
                && (query.outcome() == null || query.isDelivered());
    }

    /**
     * Deliveries, newest first, where the query has conditions without an index. Examines a bounded number of
     * deliveries. Reads the id range first: deliveries accepted later are newer, and outside of it.
     *
     * @param maxExamined the most deliveries to examine
     */
    public Found search(DeliveryQuery query, int maxExamined) {
        return searchWithin(query, maxExamined, walk -> {
            Where within = searchSql(query, walk);
            return reader.query(
                    within.sql() + " ORDER BY d.id DESC LIMIT ?",
                    DeliveryQueries::delivery,
                    within.values(query.limit()));
        });
    }

    private Found searchWithin(DeliveryQuery query, int maxExamined, Function<Walk, List<DeliveryRow>> search) {
        return walk(query, maxExamined)
                .map(walk -> new Found(search.apply(walk), walk.count() < maxExamined ? null : walk.last()))
                .orElse(new Found(List.of(), null));
    }

    private Optional<Walk> walk(DeliveryQuery query, int maxExamined) {
        Selected newest = inOrder(query, "d.id", indexedConditions(query), "DESC", maxExamined);
        return reader.first(
                "SELECT max(id), min(id), count(*) FROM " + newest.sql() + " x HAVING count(*) > 0",
                row -> new Walk(row.getString(1), row.getString(2), row.getInt(3)),
                newest.values());
    }

    /** A range of deliveries to examine, newest first. */
    record Walk(String first, String last, int count) {}

    /**
     * Like {@link #search}, by the stored payloads of the events. Reads one payload at a time.
     *
     * @param matches whether the document of an event matches
     */
    public Found searchPayloads(DeliveryQuery query, Predicate<byte[]> matches, int maxExamined) {
        return searchWithin(query, maxExamined, walk -> {
            Where within = searchSql(
                    examined -> "SELECT d.id, e.document, l.document" + from(examined)
                            + "LEFT JOIN event l ON l.key = d.later ",
                    query,
                    walk);
            List<String> ids = reader.query(
                    within.sql() + " ORDER BY d.id DESC",
                    row -> isMatch(row, 2, matches) || isMatch(row, 3, matches) ? row.getString(1) : "",
                    within.values());
            return ids.stream()
                    .filter(id -> !id.isEmpty())
                    .limit(query.limit())
                    .flatMap(id -> delivery(query.account(), id).stream())
                    .toList();
        });
    }

    private static boolean isMatch(ResultSet row, int column, Predicate<byte[]> matches) throws SQLException {
        byte[] document = ShortJson.restore(row.getBytes(column));
        return document != null && matches.test(document);
    }

    /** When the oldest event with a stored payload was accepted. */
    public Optional<Instant> oldestPayload() {
        return reader.first(
                "SELECT accepted_at FROM event WHERE document IS NOT NULL ORDER BY accepted_at LIMIT 1",
                row -> Columns.instant(row, 1));
    }

    /**
     * The number of deliveries by status, among the newest that match the indexed conditions of a query.
     *
     * @param query one without a text
     * @param maxExamined the most deliveries to examine
     */
    public StatusCounts statusCounts(DeliveryQuery query, int maxExamined) {
        Map<StateAndOutcome, Long> counts = new HashMap<>();
        Optional<Walk> walk = walk(query, maxExamined);
        walk.map(range -> countSql(query, range))
                .ifPresent(within -> reader.query(
                        within.sql() + " GROUP BY 1, 2",
                        row -> counts.put(new StateAndOutcome(row.getString(1), row.getString(2)), row.getLong(3)),
                        within.values()));
        return new StatusCounts(counts, walk.isEmpty() || walk.get().count() < maxExamined);
    }

    Where countSql(DeliveryQuery query, Walk walk) {
        String event = query.eventType() == null ? "" : "JOIN event e ON e.key = d.event ";
        return searchSql(
                examined -> "SELECT CASE WHEN d.state = 'waiting' AND w.state <> 'active' THEN 'paused' ELSE d.state"
                        + " END, d.outcome, count(*) FROM " + examined + " d JOIN webhook w ON w.key = d.webhook "
                        + event,
                query,
                walk);
    }

    /**
     * The search within a range. The subquery's LIMIT shows the planner how few rows there are; otherwise it would
     * begin with all webhooks of a state, or all events of a type, of any account.
     */
    Where searchSql(DeliveryQuery query, Walk walk) {
        return searchSql(examined -> select(dialect, examined), query, walk);
    }

    /** @param select the columns and tables, by the examined deliveries */
    private Where searchSql(UnaryOperator<String> select, DeliveryQuery query, Walk walk) {
        Where walked = indexedConditions(query).and("d.id <= ?", walk.first()).and("d.id >= ?", walk.last());
        Selected examined = inOrder(query, "d.*", walked, "DESC", walk.count());
        Where matching = new Where();
        Collections.addAll(matching.values, examined.values());
        matching.sql.append(select.apply(examined.sql())).append("WHERE TRUE");
        addScanConditions(query, matching);
        return matching;
    }

    /** Deliveries in id order: the id, whether it can be replayed, and whether it matches the other conditions. */
    Selected replaySql(DeliveryQuery query, String after, String maxId, int maxExamined) {
        Where range = indexedConditions(query).and("d.id > ?", after).and("d.id <= ?", maxId);
        Selected examined = inOrder(query, "d.*", range, "", maxExamined);
        Where matching = new Where();
        addScanConditions(query, matching);
        return new Selected(
                "SELECT " + Columns.WEBHOOK + ", d.id, d.ended_at IS NOT NULL AND e.document IS NOT NULL"
                        + " AND (d.later IS NULL OR (SELECT l.document IS NOT NULL FROM event l WHERE l.key = d.later)),"
                        + " EXISTS (SELECT 1 " + matching.sql() + ")" + from(examined.sql()) + "ORDER BY d.id",
                matching.values(examined.values()));
    }

    /** The conditions that an index covers, and that the event is complete. */
    public Where indexedConditions(DeliveryQuery query) {
        boolean tests = Boolean.TRUE.equals(query.test());
        int account = keys.find(query.account());
        List<Long> events = query.eventId() == null ? List.of() : events(account, query.eventId());
        Where where = new Where();
        if (events.size() == 1) {
            // the event belongs to the account
            where.and("d.event = ?", events.get(0));
        } else if (query.eventId() != null) {
            where.and(dialect.noIndex("d.account") + " = ?", account);
            where.and(dialect.in("d.event"), Values.longs(events));
        } else {
            // the index of a webhook is narrower than that of the account
            where.and((query.webhook() == null ? "d.account" : dialect.noIndex("d.account")) + " = ?", account);
        }
        if (query.webhook() != null) {
            int webhook = keys.find(new WebhookId(query.account(), query.webhook(), query.webhook()));
            where.and((query.eventId() == null ? "d.webhook" : dialect.noIndex("d.webhook")) + " = ?", webhook);
        }
        if (query.outcome() != null && !query.isDelivered()) {
            where.and(tests ? "d.outcome = ?" : "d.problem = ? AND d.problem IS NOT NULL", query.outcome());
        }
        if (tests) {
            where.and("d.kind = 'test'");
        }
        where.andIf(Values.millis(query.from()), "d.accepted_at >= ?");
        where.andIf(IdBounds.first(query.from()), "d.id >= ?");
        where.andIf(Values.millis(query.to()), "d.accepted_at < ?");
        where.andIf(IdBounds.last(query.to()), "d.id <= ?");
        // without a bound SQLite's planner scans all deliveries of the webhook
        boolean needsBound = query.webhook() != null && query.outcome() != null && query.before() == null;
        where.andIf(needsBound ? AFTER_ALL_IDS : query.before(), "d.id < ?");
        return where.and(COMPLETE);
    }

    private List<Long> events(int account, String id) {
        List<Object> values = new ArrayList<>(List.of(account));
        Collections.addAll(values, dialect.eventIdValues(id));
        return reader.query(
                "SELECT key FROM event WHERE account = ? AND " + dialect.ofEventId(),
                row -> row.getLong(1),
                values.toArray());
    }

    /** Adds the conditions that no index covers. */
    private void addScanConditions(DeliveryQuery query, Where where) {
        if (query.isDelivered()) {
            where.and("d.outcome = 'delivered'");
        }
        if (Boolean.FALSE.equals(query.test())) {
            where.and(Columns.NO_TEST);
        }
        where.andIf(query.httpStatus(), "d.status = ?");
        where.andIf(query.fault(), responseKind + " = ?");
        where.andIf(query.eventType(), "e.type = ?");
        if (query.standing() != null) {
            where.and(
                    switch (query.standing()) {
                        case WAITING -> "d.state = 'waiting' AND w.state = 'active'";
                        case PAUSED -> "d.state = 'waiting' AND w.state <> 'active'";
                        case DISCARDED -> "d.state = 'discarded'";
                        case QUEUED ->
                            "d.state = 'waiting' AND w.state = 'active' AND coalesce(d.outcome, '') <> 'try-later'";
                        case ENDED -> "d.state = d.outcome";
                        case FAILING ->
                            "(d.state = 'gave-up' OR d.state = 'waiting' AND w.state = 'active' AND d.outcome ="
                                    + " 'try-later')";
                        case UNDELIVERED -> "d.state <> 'delivered'";
                        case MISSING -> "FALSE";
                    });
        }
        if (query.text() != null) {
            List<String> columns = List.of("d.id", "d.reason", "r.name", "e.id", "e.subject");
            where.and(
                    columns.stream()
                            .map(column -> column + " " + dialect.like() + " ? ESCAPE '!'")
                            .collect(Collectors.joining(" OR ", "(", ")")),
                    Collections.nCopies(columns.size(), query.likeText()).toArray());
        }
    }

    /** One delivery of an account. */
    public Optional<DeliveryRow> delivery(String account, String id) {
        return reader.first(
                select(dialect, "delivery") + "WHERE d.account = ? AND d.id = ?",
                DeliveryQueries::delivery,
                keys.find(account),
                id);
    }

    /**
     * The number of pending deliveries of its webhook that are due before each given delivery, by delivery id.
     *
     * @param most the most to count of a webhook
     */
    public Map<String, BacklogPosition> backlogPositions(Collection<DeliveryRow> deliveries, int most) {
        Map<String, BacklogPosition> positions = new HashMap<>();
        deliveries.stream().collect(Collectors.groupingBy(DeliveryRow::webhook)).forEach((webhook, rows) -> {
            List<String> ids = rows.stream().map(DeliveryRow::id).toList();
            ids.forEach(id -> positions.put(id, new BacklogPosition(most, false)));
            reader.query(
                    backlogPositions,
                    row -> positions.put(row.getString(1), new BacklogPosition(row.getInt(2), true)),
                    Stream.concat(
                                    Stream.of(DueRows.inDueOrderValues(keys.find(webhook), Waiting.FIRST, most)),
                                    Stream.of(Values.texts(ids)))
                            .toArray());
        });
        return positions;
    }

    /**
     * The earliest due delivery of each webhook that has a pending one.
     *
     * @param inFlight deliveries to leave out, unless their webhook has no other
     */
    public List<DeliveryRow> firstDue(Collection<WebhookId> webhooks, Collection<String> inFlight) {
        Values.Table table = Values.table(List.of("text"), inFlight, id -> new Object[] {id});
        return reader.query(
                firstDue,
                DeliveryQueries::delivery,
                table,
                table,
                Values.ints(webhooks.stream().map(keys::find).toList()));
    }

    /** A delivery with its event, ended or not; empty: it does not exist, or a payload it sends has expired. */
    public Optional<DueDelivery> withPayload(String account, String id) {
        return reader.first(WITH_PAYLOAD, DeliveryQueries::due, keys.find(account), id);
    }

    /** The attempts of a delivery, oldest first. */
    public List<AttemptRow> attempts(String account, String delivery) {
        return reader.query(
                attempts,
                row -> new AttemptRow(
                        row.getInt(1),
                        Columns.instant(row, 2),
                        row.getLong(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getObject(7) == null ? null : row.getInt(7),
                        ShortJson.restore(row.getString(8)),
                        row.getBytes(9),
                        ShortJson.restore(row.getString(10)),
                        ShortJson.restoreRequest(row.getString(11), delivery),
                        row.getBytes(12)),
                keys.find(account),
                delivery);
    }

    /** The pending count of each of these webhooks that has pending deliveries, up to {@link #MAX_PENDING}. */
    public Map<WebhookId, Long> pendingCounts(Collection<WebhookId> webhooks) {
        return pendingCounts(
                reader,
                pendingCounts,
                Values.ints(webhooks.stream().map(keys::find).toList()),
                webhooks.size());
    }

    /** @param where a condition on {@code webhook w} */
    static String pendingCounts(String where) {
        return "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT w.key, (SELECT count(*) FROM (SELECT 1 FROM due u"
                + " WHERE u.webhook = w.key LIMIT " + MAX_PENDING + ") y) n FROM webhook w WHERE " + where + ") x"
                + Columns.joinWebhook("x.key") + " WHERE x.n > 0 ORDER BY x.n DESC LIMIT ?";
    }

    private static Map<WebhookId, Long> pendingCounts(Reader reader, String sql, Object webhooks, int limit) {
        Map<WebhookId, Long> counts = new LinkedHashMap<>();
        reader.query(sql, row -> counts.put(Columns.webhook(row), row.getLong(4)), webhooks, limit);
        return counts;
    }

    /**
     * The webhooks of an account that have a row, by name and id, whether they are configured or not.
     *
     * @param after only those after this one; empty: from the start
     */
    public List<WebhookId> webhooks(String account, Optional<WebhookId> after, int limit) {
        return reader.query(
                "SELECT " + Columns.WEBHOOK + " FROM resource r JOIN account a ON a.key = r.account WHERE r.account = ?"
                        + " AND r.kind = 'webhook' AND r.name >= ? AND (r.name, r.id) > (?, ?)"
                        + " ORDER BY r.name, r.id LIMIT ?",
                Columns::webhook,
                keys.find(account),
                after.map(WebhookId::name).orElse(""),
                after.map(WebhookId::name).orElse(""),
                after.map(WebhookId::id).orElse(""),
                limit);
    }

    /**
     * The webhooks of an account that have pending deliveries, in no order. The cost grows with their number, not with
     * the number of webhooks.
     *
     * @return empty: more than {@code most} webhooks of the account, or of the store, have pending deliveries
     */
    public Optional<List<WebhookId>> webhooksWithPending(String account, int most) {
        List<WebhookId> all = reader.query(WITH_PENDING, Columns::webhook, most);
        return all.size() > most
                ? Optional.empty()
                : Optional.of(all.stream()
                        .filter(webhook -> webhook.account().equals(account))
                        .toList());
    }

    /** The webhooks of an account with the largest pending counts, up to {@link #MAX_PENDING}, largest first. */
    public Map<WebhookId, Long> largestBacklogs(String account, int limit) {
        return pendingCounts(reader.counter(), PENDING_OF_ACCOUNT, keys.find(account), limit);
    }

    /** The webhooks of all accounts with the largest pending counts. Scans all pending deliveries. */
    public Map<WebhookId, Long> largestBacklogs(int limit) {
        Map<WebhookId, Long> most = new LinkedHashMap<>();
        reader.query(
                "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT webhook, count(*) n FROM due GROUP BY webhook"
                        + " ORDER BY n DESC LIMIT ?) x" + Columns.joinWebhook("x.webhook") + " ORDER BY x.n DESC",
                row -> most.put(Columns.webhook(row), row.getLong(4)),
                limit);
        return most;
    }

    /** The number of deliveries in each state, by webhook. Scans all stored deliveries of the account. */
    public Map<WebhookId, Map<DeliveryState, Long>> countsByState(String account) {
        Map<WebhookId, Map<DeliveryState, Long>> counts = new HashMap<>();
        reader.counter()
                .query(
                        "SELECT " + Columns.WEBHOOK + ", x.state, x.n FROM (SELECT d.webhook, d.state, count(*) n"
                                + " FROM delivery d WHERE d.account = ? AND "
                                + Columns.NO_TEST + " AND " + COMPLETE
                                + " GROUP BY d.webhook, d.state) x" + Columns.joinWebhook("x.webhook"),
                        row -> counts.computeIfAbsent(
                                        Columns.webhook(row), webhook -> new EnumMap<>(DeliveryState.class))
                                .put(DeliveryState.of(row.getString(4)), row.getLong(5)),
                        keys.find(account));
        return counts;
    }
}
