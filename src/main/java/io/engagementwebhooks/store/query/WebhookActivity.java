package io.engagementwebhooks.store.query;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.IdBounds;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the newest deliveries and attempts of webhooks, by index and up to a limit; stores nothing itself. Thread-safe.
 */
public class WebhookActivity {
    /**
     * A delivery.
     *
     * @param eventType the event's type
     * @param state its stored state
     * @param outcome outcome of the last attempt, or null
     * @param reason why, or null
     * @param acceptedAt when it was stored
     * @param endedAt when it ended, or null
     * @param unsent whether its last attempt sent nothing, for lack of a token for example
     */
    public record Recent(
            String eventType,
            DeliveryState state,
            String outcome,
            String reason,
            Instant acceptedAt,
            Instant endedAt,
            boolean unsent) {}

    /**
     * An attempt.
     *
     * @param startedAt when it began
     * @param ms duration in milliseconds
     * @param outcome delivered, try-later, gave-up or skipped
     * @param status the HTTP status, or null: no response
     * @param reason why, empty where it was delivered without remark
     */
    public record RecentAttempt(Instant startedAt, long ms, String outcome, Integer status, String reason) {}

    /**
     * Acceptance times of a webhook's recent deliveries, to about 17 minutes.
     *
     * @param all of all of them, at most {@code limit}
     * @param failed of those that failed, at most {@code limit}
     * @param retrying of those with a retry, at most {@code limit}
     */
    public record Since(List<Instant> all, List<Instant> failed, List<Instant> retrying) {

        /** No deliveries. */
        public static final Since NOTHING = new Since(List.of(), List.of(), List.of());
    }

    /** The first characters of a ULID are its time, 5 bits each: six of them resolve 2^20 ms. */
    private static final int PREFIX = 6;

    /** The event is complete, by indexes. */
    private static final String COMPLETE = "NOT EXISTS (SELECT 1 FROM incomplete_event i CROSS JOIN delivery k"
            + " WHERE k.event = i.event AND k.webhook = d.webhook AND k.id = d.id)";

    /** The host and path of the URL in a stored request. */
    private static final Pattern URL = Pattern.compile("\"url\":\"(?:https?://)?([^\"?]*)");

    private final Reader reader;
    private final Keys keys;
    private final String deliveries;
    public final String attempts;
    private final String since;
    private final String failed;
    private final String retrying;
    private final String unsent;

    public WebhookActivity(Reader reader, Keys keys) {
        this.reader = reader;
        this.keys = keys;
        Dialect dialect = reader.dialect();
        this.deliveries = deliveries(dialect);
        this.attempts = "SELECT t.started_at, t.ms, t.outcome, t.status, t.reason FROM " + newest(dialect)
                + " d CROSS JOIN attempt t WHERE " + dialect.attemptOf("t", "d.key") + " AND t.started_at >= ?"
                + dialect.attemptsSince("t") + " ORDER BY d.id DESC, t.number DESC LIMIT ?";
        this.since = since(dialect);
        this.failed = failures(dialect, ofAccount("gave-up"), "d.state = 'gave-up'");
        this.retrying = failures(dialect, ofAccount("try-later"), "d.state = 'waiting'");
        this.unsent = failures(dialect, unsent(dialect), "d.state = 'waiting'");
    }

    private static String ofAccount(String problem) {
        return Dialect.inOrder(
                "d.*",
                "WHERE d.account = ? AND d.problem = '" + problem + "' AND d.problem IS NOT NULL AND d.id >= ?",
                "DESC",
                "?");
    }

    /** CROSS JOIN makes SQLite begin with the first table. */
    private static String unsent(Dialect dialect) {
        return "(SELECT d.* FROM due u CROSS JOIN delivery d WHERE " + dialect.in("u.webhook")
                + " AND u.unsent_since IS NOT NULL AND d.key = u.delivery AND d.id >= ? LIMIT ?)";
    }

    /** @param deliveries a subquery */
    static String failures(Dialect dialect, String deliveries, String where) {
        return "SELECT " + Columns.WEBHOOK + ", d.id, d.ended_at IS NULL, d.status, " + ResponseKind.sql(dialect)
                + ", d.accepted_at, t.request, " + where + " AND " + Columns.NO_TEST + " FROM " + deliveries + " d"
                + Columns.joinWebhook("d.webhook") + " LEFT JOIN attempt t ON "
                + dialect.attempt("t", "d.key", "d.attempts") + dialect.attemptsSince("t");
    }

    private static String newest(Dialect dialect) {
        return dialect.ofWebhook("d.*", "WHERE d.webhook = ? AND " + Columns.NO_TEST, "DESC", "?");
    }

    /** CROSS JOIN makes SQLite begin with the first table. */
    static String deliveries(Dialect dialect) {
        return "SELECT e.type, d.state, d.outcome, d.reason, d.accepted_at, d.ended_at, CASE WHEN d.ended_at IS NULL THEN"
                + " (SELECT u.unsent_since IS NOT NULL FROM due u WHERE "
                + DueRows.OF_DELIVERY + ") END FROM " + newest(dialect)
                + " d CROSS JOIN event e WHERE e.key = d.event ORDER BY d.id DESC";
    }

    /** From indexes alone, unless a delivery is not indexed yet. */
    static String since(Dialect dialect) {
        return "SELECT " + Columns.WEBHOOK + ", "
                + prefixes(dialect.ofWebhookSince("d.id", whereSince(" AND " + COMPLETE), "?")) + ", "
                + prefixes(withProblem("gave-up", "gave-up")) + ", " + prefixes(withProblem("try-later", "waiting"))
                + " FROM webhook w" + Columns.joinWebhook("w.key") + " WHERE " + dialect.in("w.key");
    }

    private static String whereSince(String more) {
        return "WHERE d.webhook = w.key" + more + " AND d.id >= ? AND NOT EXISTS (SELECT 1 FROM delivery k"
                + " WHERE k.webhook = d.webhook AND k.id = d.id AND k.kind = 'test')";
    }

    /** Also by state: a canceled or replayed delivery keeps its {@code problem}. */
    private static String withProblem(String outcome, String state) {
        String problem = " AND d.problem = '" + outcome + "' AND d.problem IS NOT NULL AND d.state = '" + state + "'";
        return Dialect.inOrder("d.id", whereSince(problem), "DESC", "?");
    }

    /** The concatenated prefixes of ids, unordered. */
    private static String prefixes(String ids) {
        return "(SELECT string_agg(substr(y.id, 1, " + PREFIX + "), '') FROM " + ids + " y)";
    }

    /** The newest deliveries of a webhook, newest first. */
    public List<Recent> deliveries(WebhookId webhook, int limit) {
        return reader.query(
                deliveries,
                row -> new Recent(
                        row.getString(1),
                        DeliveryState.of(row.getString(2)),
                        row.getString(3),
                        row.getString(4),
                        Columns.instant(row, 5),
                        Columns.instant(row, 6),
                        row.getBoolean(7)),
                reader.dialect().ofWebhookValues(keys.find(webhook), limit));
    }

    /**
     * The attempts of the newest deliveries of a webhook, those of the newest delivery first.
     *
     * @param deliveries the number of deliveries to read
     * @param from only attempts that began at or after this
     */
    public List<RecentAttempt> attempts(WebhookId webhook, int deliveries, Instant from, int limit) {
        List<Object> values =
                new ArrayList<>(Arrays.asList(reader.dialect().ofWebhookValues(keys.find(webhook), deliveries)));
        values.add(from);
        values.addAll(reader.dialect().attemptsSinceValues(from));
        values.add(limit);
        return reader.query(
                attempts,
                row -> new RecentAttempt(
                        Columns.instant(row, 1),
                        row.getLong(2),
                        row.getString(3),
                        row.getObject(4) == null ? null : row.getInt(4),
                        row.getString(5)),
                values.toArray());
    }

    /** By webhook; webhooks without a row are missing. @param limit the most per list */
    public Map<WebhookId, Since> since(Collection<WebhookId> webhooks, Instant from, int limit) {
        Map<WebhookId, Since> found = new HashMap<>();
        if (!webhooks.isEmpty()) {
            String first = Ulid.min(Math.max(0, from.toEpochMilli())).toString();
            List<Object> values = new ArrayList<>(Arrays.asList(reader.dialect().ofWebhookSinceValues(first, limit)));
            values.addAll(List.of(first, limit, first, limit));
            values.add(Values.ints(webhooks.stream().map(keys::find).toList()));
            reader.query(
                    since,
                    row -> found.put(
                            Columns.webhook(row),
                            new Since(times(row.getString(4)), times(row.getString(5)), times(row.getString(6)))),
                    values.toArray());
        }
        return found;
    }

    /** @param prefixes concatenated; null: none */
    private static List<Instant> times(String prefixes) {
        List<Instant> times = new ArrayList<>();
        for (int i = 0; prefixes != null && i < prefixes.length(); i += PREFIX) {
            String id = prefixes.substring(i, i + PREFIX) + "0".repeat(Ulid.ULID_CHARS - PREFIX);
            times.add(Ulid.getInstant(id));
        }
        return times;
    }

    /**
     * A delivery whose last attempt failed.
     *
     * @param id of the delivery
     * @param retrying whether an attempt follows
     * @param status of the last response, or null: there was none
     * @param kind why it failed
     * @param acceptedAt when it was stored
     * @param endpoint host and path of its last request, or null: there was none
     */
    public record Failure(
            String id,
            WebhookId webhook,
            boolean retrying,
            Integer status,
            ResponseKind kind,
            Instant acceptedAt,
            String endpoint) {}

    /** @param complete false: there are more, because a limit was reached */
    public record Failures(List<Failure> deliveries, boolean complete) {}

    /**
     * The newest failed and the newest retrying deliveries of an account, without tests.
     *
     * @param webhooks also read those of these webhooks whose last attempt sent nothing
     * @param limit of failed ones, of retrying ones, and of those that could not be sent
     */
    public Failures failures(String account, Collection<WebhookId> webhooks, Instant from, int limit) {
        String first = IdBounds.first(from);
        int key = keys.find(account);
        Values.Many unsent = Values.ints(webhooks.stream().map(keys::find).toList());
        Map<String, Failure> found = new LinkedHashMap<>();
        boolean isComplete = true;
        for (String sql : List.of(failed, retrying, this.unsent)) {
            List<Object> values = new ArrayList<>(List.of(sql.equals(this.unsent) ? unsent : key, first, limit));
            values.addAll(reader.dialect().attemptsSinceValues(from));
            List<Failure> rows = reader.query(sql, row -> row.getBoolean(10) ? failure(row) : null, values.toArray());
            isComplete &= rows.size() < limit;
            rows.stream().filter(Objects::nonNull).forEach(failure -> found.put(failure.id(), failure));
        }
        return new Failures(List.copyOf(found.values()), isComplete);
    }

    private static Failure failure(ResultSet row) throws SQLException {
        ResponseKind kind = ResponseKind.of(row.getString(7)).orElseThrow();
        return new Failure(
                row.getString(4),
                Columns.webhook(row),
                row.getBoolean(5),
                kind == ResponseKind.STATUS ? row.getInt(6) : null,
                kind,
                Columns.instant(row, 8),
                endpoint(ShortJson.restoreRequest(row.getString(9), row.getString(4))));
    }

    private static String endpoint(String request) {
        Matcher url = URL.matcher(request == null ? "" : request);
        return url.find() ? url.group(1) : null;
    }
}
