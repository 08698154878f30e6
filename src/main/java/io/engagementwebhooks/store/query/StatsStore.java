package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.store.outcome.MinuteCounts;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Statistics of accounts and webhooks. The cost depends on the time range, not on the number of deliveries.
 * Thread-safe.
 */
public class StatsStore {
    /**
     * The counts of a time step.
     *
     * @param at when it begins
     * @param events events accepted
     * @param delivered attempts that delivered
     * @param tryLater attempts that a retry follows
     * @param gaveUp deliveries that failed
     * @param skipped deliveries with nothing to send
     * @param latencies of the attempts
     */
    public record Step(
            Instant at, long events, long delivered, long tryLater, long gaveUp, long skipped, Latencies latencies) {

        /** The sum of steps. */
        public static Step total(Instant at, List<Step> steps) {
            Latencies latencies = new Latencies();
            steps.forEach(step -> latencies.add(step.latencies()));
            return new Step(
                    at,
                    sum(steps, Step::events),
                    sum(steps, Step::delivered),
                    sum(steps, Step::tryLater),
                    sum(steps, Step::gaveUp),
                    sum(steps, Step::skipped),
                    latencies);
        }

        private static long sum(List<Step> steps, ToLongFunction<Step> count) {
            return steps.stream().mapToLong(count).sum();
        }
    }

    /**
     * The health of a webhook.
     *
     * @param recent its last attempts; successes since the last failure may be missing
     * @param degradedSince since when it is degraded, or null
     * @param failingSince since when it is failing, or null
     * @param trouble the reason of its last failure, or null
     * @param lastSeen when one of its newest deliveries was accepted or ended, or null: it has none
     * @param lastOutcome outcome of its newest attempted delivery, or null
     * @param lastDeliveries outcomes of its newest deliveries, oldest first; the state where none was attempted
     */
    public record Health(
            AttemptWindow recent,
            Instant degradedSince,
            Instant failingSince,
            String trouble,
            Instant lastSeen,
            String lastOutcome,
            List<String> lastDeliveries) {

        public Health {
            lastDeliveries = List.copyOf(lastDeliveries);
        }

        /** The size of {@code lastDeliveries}. */
        public static final int LAST_COUNT = 12;

        /** The health of a webhook without attempts. */
        public static final Health UNKNOWN = new Health(AttemptWindow.EMPTY, null, null, null, null, null, List.of());
    }

    /** Why a webhook needs attention, most urgent first. */
    public enum Trouble {
        FAILING,
        DISABLED,
        DEGRADED,
        PAUSED
    }

    private static final String STEPS = "SELECT minute / ? * ?, "
            + MinuteCounts.COLUMNS.stream()
                    .map(column -> "CAST(sum(" + column + ") AS bigint)")
                    .collect(Collectors.joining(", "))
            + " FROM minute_stats WHERE account = ? AND minute >= ? AND minute < ? GROUP BY 1 ORDER BY 1";

    /** The last outcome is searched among this many of the newest deliveries: pending ones have none. */
    private static final int MAX_LOOK_BACK = 50;

    /** The states of deliveries without an outcome. */
    private static final Set<String> NOT_ATTEMPTED =
            Set.of(DeliveryState.WAITING.text(), DeliveryState.DISCARDED.text());

    private static final String UNHEALTHY = "w.degraded_since IS NOT NULL OR w.failing_since IS NOT NULL";

    /** The ordinal of {@link Trouble}, as in the index. */
    private static final String TROUBLE = "CASE WHEN w.state = 'disabled' THEN 1 WHEN w.state = 'paused' THEN 3"
            + " WHEN w.failing_since IS NOT NULL THEN 0 ELSE 2 END";

    static final String TROUBLED = "SELECT " + Columns.WEBHOOK + ", x.key FROM (SELECT w.key FROM webhook w"
            + " WHERE w.account = ? AND (" + UNHEALTHY + " OR w.state <> 'active') AND " + TROUBLE
            + " = ? AND w.key > ? ORDER BY w.key LIMIT ?) x" + Columns.joinWebhook("x.key") + " ORDER BY x.key";

    /** Where the first rows do not suffice, because their webhooks are deleted, this many more are read at a time. */
    private static final int STEP = 10_000;

    private static final int MAX_STEPS = 10;

    private final String health;
    private final Writer writer;
    private final Reader reader;
    private final Keys keys;

    public StatsStore(Writer writer, Reader reader, Keys keys) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        Dialect dialect = reader.dialect();
        // one search by webhook: first when it was seen last, then the outcomes
        this.health = "SELECT " + Columns.WEBHOOK + ", w.recent, w.degraded_since, w.failing_since, w.trouble,"
                + " (SELECT max(" + dialect.greatest() + "(y.accepted_at, coalesce(y.ended_at, y.accepted_at))) || ','"
                + " || string_agg(coalesce(y.outcome, y.state), ',' ORDER BY y.id DESC) FROM "
                + dialect.ofWebhook(
                        "d.id, d.accepted_at, d.ended_at, d.outcome, d.state",
                        "WHERE d.webhook = w.key AND " + Columns.NO_TEST,
                        "DESC",
                        Integer.toString(MAX_LOOK_BACK))
                + " y) FROM webhook w" + Columns.joinWebhook("w.key") + " WHERE " + dialect.in("w.key");
    }

    /**
     * The counts of an account per step. The store sums them, so that a week costs as much to fetch as an hour.
     *
     * @param from a full minute, inclusive
     * @param to a full minute, exclusive
     * @param step full minutes; steps begin at its multiples since 1970, so the first may begin before {@code from}
     * @return the steps with any count, oldest first
     */
    public List<Step> steps(String account, Instant from, Instant to, Duration step) {
        return reader.query(
                STEPS,
                StatsStore::step,
                step.toMinutes(),
                step.toMinutes(),
                keys.find(account),
                MinuteCounts.minuteOf(from.toEpochMilli()),
                MinuteCounts.minuteOf(to.toEpochMilli()));
    }

    private static Step step(ResultSet row) throws SQLException {
        MinuteCounts counts = new MinuteCounts();
        for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
            counts.add(i, row.getLong(2 + i));
        }
        return counts.step(row.getLong(1));
    }

    /** The health of the webhooks that have a row, in one query. */
    public Map<WebhookId, Health> health(String account, Collection<WebhookId> webhooks) {
        Map<WebhookId, Health> health = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reader.query(
                    this.health,
                    row -> health.put(Columns.webhook(row), health(row)),
                    Values.ints(webhooks.stream().map(keys::find).toList()));
        }
        return health;
    }

    private static Health health(ResultSet row) throws SQLException {
        String joined = row.getString(8);
        List<String> newest = joined == null ? List.of() : List.of(joined.split(","));
        List<String> outcomes = newest.isEmpty() ? newest : newest.subList(1, newest.size());
        List<String> last = new ArrayList<>(outcomes.subList(0, Math.min(Health.LAST_COUNT, outcomes.size())));
        Collections.reverse(last);
        return new Health(
                new AttemptWindow(row.getInt(4)),
                Columns.instant(row, 5),
                Columns.instant(row, 6),
                row.getString(7),
                newest.isEmpty() ? null : Instant.ofEpochMilli(Long.parseLong(newest.get(0))),
                outcomes.stream()
                        .filter(outcome -> !NOT_ATTEMPTED.contains(outcome))
                        .findFirst()
                        .orElse(null),
                last);
    }

    /**
     * The webhooks of an account that need attention, most urgent first.
     *
     * @param each the most to return of each kind
     * @param isConfigured filters out deleted webhooks, whose state stays stored
     */
    public Map<WebhookId, Trouble> troubled(String account, int each, Predicate<WebhookId> isConfigured) {
        Map<WebhookId, Trouble> troubled = new LinkedHashMap<>();
        int key = keys.find(account);
        for (Trouble trouble : Trouble.values()) {
            troubled(key, trouble, each, isConfigured).forEach(webhook -> troubled.putIfAbsent(webhook, trouble));
        }
        return troubled;
    }

    private List<WebhookId> troubled(int account, Trouble trouble, int each, Predicate<WebhookId> isConfigured) {
        List<WebhookId> troubled = new ArrayList<>();
        int[] after = {0};
        int rows = each;
        for (int step = 0; step <= MAX_STEPS && troubled.size() < each; step++) {
            List<WebhookId> read = reader.query(
                    TROUBLED,
                    row -> {
                        after[0] = row.getInt(4);
                        return Columns.webhook(row);
                    },
                    account,
                    trouble.ordinal(),
                    after[0],
                    rows);
            read.stream().filter(isConfigured).limit(each - troubled.size()).forEach(troubled::add);
            if (read.size() < rows) {
                break;
            }
            rows = STEP;
        }
        return troubled;
    }

    /**
     * Active webhooks of all accounts that are failing or degraded.
     *
     * @return true: failing; false: degraded
     */
    public Map<WebhookId, Boolean> unhealthy(int limit) {
        Map<WebhookId, Boolean> unhealthy = new HashMap<>();
        reader.query(
                "SELECT " + Columns.WEBHOOK + ", w.failing_since IS NOT NULL FROM webhook w"
                        + Columns.joinWebhook("w.key") + " WHERE (" + UNHEALTHY + ") AND w.state = 'active' LIMIT ?",
                row -> unhealthy.put(Columns.webhook(row), row.getBoolean(4)),
                limit);
        return unhealthy;
    }

    /**
     * Removes statistics older than a time, in one small step.
     *
     * @return the number of removed rows, of which a minute may have several; fewer than {@code rows}: there are no
     *     more
     */
    public CompletionStage<Integer> removeBefore(Instant before, int rows) {
        String sql = "DELETE FROM minute_stats WHERE (account, minute, writer) IN (SELECT account, minute, writer"
                + " FROM minute_stats WHERE minute < ? LIMIT ?"
                + reader.dialect().locking("FOR UPDATE SKIP LOCKED") + ")";
        return writer.write(statements -> statements.update(sql, MinuteCounts.minuteOf(before.toEpochMilli()), rows));
    }
}
