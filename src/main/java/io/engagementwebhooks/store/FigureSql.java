package io.engagementwebhooks.store;

import io.engagementwebhooks.store.Figures.Health;
import io.engagementwebhooks.store.Figures.Minute;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What figures are read by in SQL that both stores speak. */
public final class FigureSql {

    /** The names of webhooks of an account that fail or are not active, so many. */
    public static final String TROUBLED =
            "SELECT name FROM webhook WHERE account = (SELECT key FROM account WHERE id = ?)"
                    + " AND (failing_since IS NOT NULL OR state <> 'active') LIMIT ?";

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

    /** Few first: each row that is looked at may be a page to be read from the disk. */
    private static String lastAmong(int deliveries) {
        return "(SELECT x.outcome FROM (SELECT d.outcome, d.id FROM delivery d WHERE d.webhook = w.key ORDER BY d.id DESC"
                + " LIMIT " + deliveries + ") x WHERE x.outcome IS NOT NULL ORDER BY x.id DESC LIMIT 1)";
    }

    /** A row of a minute's number, then its columns. */
    public static Minute minute(ResultSet row) throws SQLException {
        MinuteCounts counts = new MinuteCounts();
        for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
            counts.add(i, row.getLong(2 + i));
        }
        return counts.minute(row.getLong(1));
    }
}
