package io.engagementwebhooks.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** What a webhook takes over from one that becomes it, in SQL that both stores speak. */
public final class RenameSql {

    private static final String OF_THE_OTHER = " FROM webhook o WHERE webhook.key = ? AND o.key = ?";

    private static final List<String> TAKE_OVER = List.of(
            "UPDATE webhook SET state = o.state, reason = o.reason, since = o.since" + OF_THE_OTHER
                    + " AND webhook.state = 'active' AND o.state <> 'active'",
            "UPDATE webhook SET paused_total = o.paused_total" + OF_THE_OTHER
                    + " AND o.paused_total > webhook.paused_total",
            "UPDATE webhook SET hold_until = o.hold_until" + OF_THE_OTHER
                    + " AND o.hold_until > coalesce(webhook.hold_until, 0)",
            "UPDATE webhook SET half_open = o.half_open" + OF_THE_OTHER + " AND o.half_open",
            "UPDATE webhook SET gave_up = o.gave_up, gave_up_since = o.gave_up_since,"
                    + " failing_since = o.failing_since, unwell_since = o.unwell_since" + OF_THE_OTHER
                    + " AND webhook.gave_up = 0 AND webhook.failing_since IS NULL AND webhook.unwell_since IS NULL");

    private static final String RESET = "UPDATE webhook SET state = 'active', reason = NULL, since = NULL,"
            + " hold_until = NULL, paused_total = 0, gave_up = 0, gave_up_since = NULL, failing_since = NULL,"
            + " unwell_since = NULL, half_open = FALSE WHERE key = ?";

    private RenameSql() {}

    /**
     * One webhook's state becomes another's, unless that is paused or disabled itself; the longer pause and the longer wish to
     * wait hold. Of the one nothing is kept: whoever has its name later begins anew.
     *
     * @param from key of the one, whose deliveries are the other's from now on
     * @param to key of the other
     */
    public static void takeOver(Connection connection, int from, int to) throws SQLException {
        for (String each : TAKE_OVER) {
            update(connection, each, to, from);
        }
        update(connection, RESET, from);
    }

    private static void update(Connection connection, String sql, int... keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < keys.length; i++) {
                statement.setInt(i + 1, keys[i]);
            }
            statement.executeUpdate();
        }
    }
}
