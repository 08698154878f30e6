package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.DeliveryConditions.Selected;
import io.engagementwebhooks.store.query.DeliveryConditions.Walk;
import io.engagementwebhooks.store.query.DeliveryConditions.Where;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds deliveries for API and console. Thread-safe. */
public class DeliveryQueries {

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

    private static final String WITH_PAYLOAD = "SELECT " + Columns.WEBHOOK
            + ", d.id AS delivery, d.attempts AS attempts, coalesce(u.base, 0) AS base,"
            + " coalesce(u.started_at, d.accepted_at) AS started_at, coalesce(u.paused_before, 0) AS paused_before,"
            + " coalesce(d.due_at, d.accepted_at) AS due_at, u.wait_field AS wait_field,"
            + " u.unsent_since AS unsent_since, d.fifo_key AS fifo_key, " + DeliveryColumns.EVENTS + " FROM delivery d"
            + Columns.joinWebhook("d.webhook")
            + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later LEFT JOIN due u"
            + " ON " + DueRows.OF_DELIVERY + " WHERE d.account = ? AND d.id = ?"
            + " AND e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL)";

    private static final String ATTEMPTS =
            "SELECT number, started_at, ms, outcome, reason, note, status, headers, body, timing, request, request_body"
                    + " FROM (SELECT key FROM delivery WHERE account = ? AND id = ?) d CROSS JOIN attempt t WHERE ";

    private final Reader reader;
    private final Dialect dialect;
    private final Keys keys;
    private final DeliveryConditions conditions;
    private final String backlogPositions;
    private final String firstDue;
    private final String attempts;

    public DeliveryQueries(Reader reader, Keys keys) {
        this.reader = reader;
        this.dialect = reader.dialect();
        this.keys = keys;
        this.backlogPositions = backlogPositions(dialect);
        this.firstDue = firstDue(dialect);
        this.attempts = attempts(dialect);
        this.conditions = new DeliveryConditions(reader, keys);
    }

    /** What a query means in SQL. */
    public DeliveryConditions conditions() {
        return conditions;
    }

    /** @return a query with parameters: account and id */
    public static String attempts(Dialect dialect) {
        return ATTEMPTS + dialect.attemptOf("t", "d.key") + " ORDER BY t.number";
    }

    /** @return a query with parameters: the ids in flight as a table, twice, and the webhooks */
    public static String firstDue(Dialect dialect) {
        String notInFlight = " AND u.id NOT IN (SELECT x.id FROM " + dialect.rows("x", "id text") + ")";
        return DeliveryColumns.select(dialect, "delivery") + "WHERE d.key IN (SELECT coalesce(" + first(notInFlight)
                + ", " + first("") + ") FROM webhook f WHERE " + dialect.in("f.key") + ")";
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

    /**
     * Deliveries, newest first. A query with conditions without an index is for {@link #search}, unless it names an event.
     * Where an index covers all conditions, the query limits the deliveries before it joins the other tables.
     */
    public List<DeliveryRow> deliveries(DeliveryQuery query) {
        Where where = conditions.indexed(query);
        if (query.needsScan()) {
            conditions.addOthers(query, where);
            return reader.query(
                    DeliveryColumns.select(dialect, "delivery") + where.sql() + " ORDER BY d.id DESC LIMIT ?",
                    DeliveryColumns::delivery,
                    where.values(query.limit()));
        }
        Selected newest = conditions.inOrder(query, "d.*", where, "DESC", query.limit());
        return reader.query(listSql(newest), DeliveryColumns::delivery, newest.values());
    }

    String listSql(Selected newest) {
        return DeliveryColumns.select(dialect, newest.sql()) + "ORDER BY d.id DESC";
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
                    DeliveryColumns::delivery,
                    within.values(query.limit()));
        });
    }

    private Found searchWithin(DeliveryQuery query, int maxExamined, Function<Walk, List<DeliveryRow>> search) {
        return walk(query, maxExamined)
                .map(walk -> new Found(search.apply(walk), walk.count() < maxExamined ? null : walk.last()))
                .orElse(new Found(List.of(), null));
    }

    private Optional<Walk> walk(DeliveryQuery query, int maxExamined) {
        Selected newest = conditions.inOrder(query, "d.id", conditions.indexed(query), "DESC", maxExamined);
        return reader.first(
                "SELECT max(id), min(id), count(*) FROM " + newest.sql() + " x HAVING count(*) > 0",
                row -> new Walk(row.getString(1), row.getString(2), row.getInt(3)),
                newest.values());
    }

    /**
     * Like {@link #search}, by the stored payloads of the events. Reads one payload at a time.
     *
     * @param matches whether the document of an event matches
     */
    public Found searchPayloads(DeliveryQuery query, Predicate<byte[]> matches, int maxExamined) {
        return searchWithin(query, maxExamined, walk -> {
            Where within = conditions.within(
                    examined -> "SELECT d.id, e.document, l.document" + DeliveryColumns.from(examined)
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

    Where searchSql(DeliveryQuery query, Walk walk) {
        return conditions.within(examined -> DeliveryColumns.select(dialect, examined), query, walk);
    }

    Where countSql(DeliveryQuery query, Walk walk) {
        String event = query.eventType() == null ? "" : "JOIN event e ON e.key = d.event ";
        return conditions.within(
                examined -> "SELECT CASE WHEN d.state = 'waiting' AND w.state <> 'active' THEN 'paused' ELSE d.state"
                        + " END, d.outcome, count(*) FROM " + examined + " d JOIN webhook w ON w.key = d.webhook "
                        + event,
                query,
                walk);
    }

    /** Deliveries in id order: the id, whether it can be replayed, and whether it matches the other conditions. */
    Selected replaySql(DeliveryQuery query, String after, String maxId, int maxExamined) {
        Where range = conditions.indexed(query).and("d.id > ?", after).and("d.id <= ?", maxId);
        Selected examined = conditions.inOrder(query, "d.*", range, "", maxExamined);
        Where matching = new Where();
        conditions.addOthers(query, matching);
        return new Selected(
                "SELECT " + Columns.WEBHOOK + ", d.id, d.ended_at IS NOT NULL AND e.document IS NOT NULL"
                        + " AND (d.later IS NULL OR (SELECT l.document IS NOT NULL FROM event l WHERE l.key = d.later)),"
                        + " EXISTS (SELECT 1 " + matching.sql() + ")" + DeliveryColumns.from(examined.sql())
                        + "ORDER BY d.id",
                matching.values(examined.values()));
    }

    /** One delivery of an account. */
    public Optional<DeliveryRow> delivery(String account, String id) {
        return reader.first(
                DeliveryColumns.select(dialect, "delivery") + "WHERE d.account = ? AND d.id = ?",
                DeliveryColumns::delivery,
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
                DeliveryColumns::delivery,
                table,
                table,
                Values.ints(webhooks.stream().map(keys::find).toList()));
    }

    /** A delivery with its event, ended or not; empty: it does not exist, or a payload it sends has expired. */
    public Optional<DueDelivery> withPayload(String account, String id) {
        return reader.first(WITH_PAYLOAD, DeliveryColumns::due, keys.find(account), id);
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
}
