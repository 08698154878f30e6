package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.MinuteCounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** How accounts and webhooks do. Thread-safe. */
final class KeptFigures implements Figures {

    /** The last outcome is looked for among so many of the newest deliveries: those that wait have none. */
    private static final int LOOK_BACK = 50;

    private final GroupCommit writer;
    private final Reads reads;

    KeptFigures(GroupCommit writer, Reads reads) {
        this.writer = writer;
        this.reads = reads;
    }

    @Override
    public List<Minute> minutes(String account, Instant from, Instant to) {
        return reads.query(
                "SELECT minute, " + MinuteCounts.columnList() + " FROM figure WHERE account ="
                        + " (SELECT key FROM account WHERE id = ?) AND minute >= ? AND minute < ? ORDER BY minute",
                List.of(account, MinuteCounts.minuteOf(from.toEpochMilli()), MinuteCounts.minuteOf(to.toEpochMilli())),
                KeptFigures::minute);
    }

    private static Minute minute(ResultSet row) throws SQLException {
        MinuteCounts counts = new MinuteCounts();
        for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
            counts.add(i, row.getLong(2 + i));
        }
        return counts.minute(row.getLong(1));
    }

    @Override
    public Map<String, Health> health(String account, Collection<String> webhooks) {
        if (webhooks.isEmpty()) {
            return Map.of();
        }
        List<Object> values = new ArrayList<>(List.of(account));
        values.addAll(webhooks);
        Map<String, Health> health = new HashMap<>();
        reads.query(
                "SELECT w.name, w.failing_since, w.gave_up, coalesce(" + lastAmong(Health.LAST) + ", "
                        + lastAmong(LOOK_BACK) + "),"
                        + " (SELECT group_concat(outcome, ',' ORDER BY id DESC) FROM"
                        + " (SELECT coalesce(d.outcome, d.state) outcome, d.id FROM delivery d"
                        + " WHERE d.webhook = w.key ORDER BY d.id DESC LIMIT " + Health.LAST + ")) FROM webhook w"
                        + " WHERE w.account = (SELECT key FROM account WHERE id = ?) AND w.name IN ("
                        + String.join(",", Collections.nCopies(webhooks.size(), "?")) + ")",
                values,
                row -> health.put(
                        row.getString(1),
                        new Health(
                                Reads.instant(row, 2),
                                row.getInt(3),
                                row.getString(4),
                                Health.last(row.getString(5)))));
        return health;
    }

    /** Few first: each row that is looked at may be a page to be read from the disk. */
    private static String lastAmong(int deliveries) {
        return "(SELECT outcome FROM (SELECT d.outcome, d.id FROM delivery d WHERE d.webhook = w.key ORDER BY d.id DESC"
                + " LIMIT " + deliveries + ") WHERE outcome IS NOT NULL ORDER BY id DESC LIMIT 1)";
    }

    @Override
    public List<String> troubled(String account, int limit) {
        return reads.query(
                "SELECT w.name FROM webhook w WHERE w.account = (SELECT key FROM account WHERE id = ?)"
                        + " AND (w.failing_since IS NOT NULL OR w.state <> 'active') LIMIT ?",
                List.of(account, limit),
                row -> row.getString(1));
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.submit(connection -> Definitions.update(
                connection,
                "DELETE FROM figure WHERE (account, minute) IN"
                        + " (SELECT account, minute FROM figure WHERE minute < ? LIMIT ?)",
                MinuteCounts.minuteOf(before.toEpochMilli()),
                rows));
    }
}
