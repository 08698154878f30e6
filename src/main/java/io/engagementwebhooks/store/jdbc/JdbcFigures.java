package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.MinuteCounts;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Statistics of accounts, and the health of webhooks. Thread-safe. */
final class JdbcFigures implements Figures {

    private static final String STEPS = "SELECT minute / ? * ?, "
            + MinuteCounts.COLUMNS.stream()
                    .map(column -> "CAST(sum(" + column + ") AS bigint)")
                    .collect(Collectors.joining(", "))
            + " FROM minute_stats WHERE account = ? AND minute >= ? AND minute < ? GROUP BY 1 ORDER BY 1";

    /** The last outcome is looked for among so many of the newest deliveries: those that wait have none. */
    private static final int LOOK_BACK = 50;

    private static final String HEALTH = "SELECT " + Columns.WEBHOOK + ", w.failing_since, w.gave_up, coalesce("
            + lastAmong(Health.LAST) + ", " + lastAmong(LOOK_BACK)
            + "), (SELECT string_agg(y.outcome, ',' ORDER BY y.id DESC) FROM"
            + " (SELECT coalesce(d.outcome, d.state) outcome, d.id FROM delivery d"
            + " WHERE d.webhook = w.key ORDER BY d.id DESC LIMIT " + Health.LAST + ") y) FROM webhook w"
            + Columns.joinWebhook("w.key") + " WHERE ";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;

    JdbcFigures(Writer writer, Reader reader, Keys keys) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
    }

    /** Few first: each row that is examined may be a page to be read from the disk. */
    private static String lastAmong(int deliveries) {
        return "(SELECT x.outcome FROM (SELECT d.outcome, d.id FROM delivery d WHERE d.webhook = w.key ORDER BY d.id DESC"
                + " LIMIT " + deliveries + ") x WHERE x.outcome IS NOT NULL ORDER BY x.id DESC LIMIT 1)";
    }

    @Override
    public List<Step> steps(String account, Instant from, Instant to, Duration step) {
        return reader.query(
                STEPS,
                JdbcFigures::step,
                step.toMinutes(),
                step.toMinutes(),
                keys.known(account),
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

    @Override
    public Map<WebhookId, Health> health(String account, Collection<WebhookId> webhooks) {
        Map<WebhookId, Health> health = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reader.query(
                    HEALTH + reader.dialect().in("w.key"),
                    row -> health.put(
                            Columns.webhook(row),
                            new Health(
                                    Columns.instant(row, 4),
                                    row.getInt(5),
                                    row.getString(6),
                                    Health.last(row.getString(7)))),
                    Values.ints(webhooks.stream().map(keys::known).toList()));
        }
        return health;
    }

    @Override
    public List<WebhookId> troubled(String account, int limit) {
        return reader.query(
                "SELECT " + Columns.WEBHOOK + " FROM webhook w" + Columns.joinWebhook("w.key")
                        + " WHERE w.account = ? AND (w.failing_since IS NOT NULL OR w.state <> 'active') LIMIT ?",
                Columns::webhook,
                keys.known(account),
                limit);
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        String sql = "DELETE FROM minute_stats WHERE (account, minute, writer) IN (SELECT account, minute, writer"
                + " FROM minute_stats WHERE minute < ? LIMIT ?"
                + reader.dialect().locking("FOR UPDATE SKIP LOCKED") + ")";
        return writer.write(statements -> statements.update(sql, MinuteCounts.minuteOf(before.toEpochMilli()), rows));
    }
}
