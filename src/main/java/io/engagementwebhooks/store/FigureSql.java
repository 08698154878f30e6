package io.engagementwebhooks.store;

import io.engagementwebhooks.store.Figures.Health;
import io.engagementwebhooks.store.Figures.Step;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** What figures are read by in SQL that both stores speak. */
public final class FigureSql {

    /** The names of webhooks of an account that fail or are not active, so many. */
    public static final String TROUBLED =
            "SELECT name FROM webhook WHERE account = (SELECT key FROM account WHERE id = ?)"
                    + " AND (failing_since IS NOT NULL OR state <> 'active') LIMIT ?";

    /** What happened to an account by steps: each the number of its first minute, then its columns. */
    public static final String STEPS = "SELECT minute / ? * ?, "
            + MinuteCounts.COLUMNS.stream()
                    .map(column -> "CAST(sum(" + column + ") AS bigint)")
                    .collect(Collectors.joining(", "))
            + " FROM figure WHERE account = (SELECT key FROM account WHERE id = ?) AND minute >= ? AND minute < ?"
            + " GROUP BY 1 ORDER BY 1";

    /** The last outcome is looked for among so many of the newest deliveries: those that wait have none. */
    private static final int LOOK_BACK = 50;

    private static final String HEALTH = "SELECT w.name, w.failing_since, w.gave_up, coalesce(" + lastAmong(Health.LAST)
            + ", " + lastAmong(LOOK_BACK)
            + "),"
            + " (SELECT string_agg(y.outcome, ',' ORDER BY y.id DESC) FROM"
            + " (SELECT coalesce(d.outcome, d.state) outcome, d.id FROM delivery d"
            + " WHERE d.webhook = w.key ORDER BY d.id DESC LIMIT " + Health.LAST + ") y) FROM webhook w"
            + " WHERE w.account = (SELECT key FROM account WHERE id = ?) AND w.name ";

    private FigureSql() {}

    /**
     * How webhooks of an account do: name, failing since, gave up, last outcome, last outcomes.
     *
     * @param named what their names are compared with, as {@code = ANY (?)}
     */
    public static String health(String named) {
        return HEALTH + named;
    }

    /** A row of {@link #health(String)}, without the name. */
    public static Health health(ResultSet row) throws SQLException {
        return new Health(Rows.instant(row, 2), row.getInt(3), row.getString(4), Health.last(row.getString(5)));
    }

    /** Few first: each row that is looked at may be a page to be read from the disk. */
    private static String lastAmong(int deliveries) {
        return "(SELECT x.outcome FROM (SELECT d.outcome, d.id FROM delivery d WHERE d.webhook = w.key ORDER BY d.id DESC"
                + " LIMIT " + deliveries + ") x WHERE x.outcome IS NOT NULL ORDER BY x.id DESC LIMIT 1)";
    }

    /** What {@link #STEPS} asks with. */
    public static List<Object> between(String account, Instant from, Instant to, Duration step) {
        return List.of(
                step.toMinutes(),
                step.toMinutes(),
                account,
                MinuteCounts.minuteOf(from.toEpochMilli()),
                MinuteCounts.minuteOf(to.toEpochMilli()));
    }

    /** A row of {@link #STEPS}. */
    public static Step step(ResultSet row) throws SQLException {
        MinuteCounts counts = new MinuteCounts();
        for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
            counts.add(i, row.getLong(2 + i));
        }
        return counts.step(row.getLong(1));
    }
}
