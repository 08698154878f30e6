package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.MinuteCounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** How accounts and webhooks do, at all instances together. Thread-safe. */
final class KeptFigures implements Figures {

    /** The last outcome is looked for among so many of the newest deliveries: those that wait have none. */
    private static final int LOOK_BACK = 50;

    private static final String MINUTES = "SELECT minute, "
            + MinuteCounts.COLUMNS.stream()
                    .map(column -> "sum(" + column + ")::bigint")
                    .collect(Collectors.joining(", "))
            + " FROM figure WHERE account = (SELECT key FROM account WHERE id = ?) AND minute >= ? AND minute < ?"
            + " GROUP BY minute ORDER BY minute";
    private static final String HEALTH = "SELECT w.name, w.failing_since, w.gave_up, coalesce(" + lastAmong(Health.LAST)
            + ", " + lastAmong(LOOK_BACK)
            + "),"
            + " (SELECT string_agg(y.outcome, ',' ORDER BY y.id DESC) FROM"
            + " (SELECT coalesce(d.outcome, d.state) outcome, d.id FROM delivery d"
            + " WHERE d.webhook = w.key ORDER BY d.id DESC LIMIT " + Health.LAST + ") y) FROM webhook w"
            + " WHERE w.account = (SELECT key FROM account WHERE id = ?) AND w.name = ANY (?)";

    private final Outcomes.Writer writer;
    private final Reads reads;

    /** Few first: each row that is looked at may be a page to be read from the disk. */
    private static String lastAmong(int deliveries) {
        return "(SELECT x.outcome FROM (SELECT d.outcome, d.id FROM delivery d WHERE d.webhook = w.key ORDER BY d.id DESC"
                + " LIMIT " + deliveries + ") x WHERE x.outcome IS NOT NULL ORDER BY x.id DESC LIMIT 1)";
    }

    KeptFigures(Outcomes.Writer writer, Reads reads) {
        this.writer = writer;
        this.reads = reads;
    }

    @Override
    public List<Minute> minutes(String account, Instant from, Instant to) {
        return reads.query(
                MINUTES,
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
        Map<String, Health> health = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reads.query(
                    HEALTH,
                    List.of(account, Columns.texts(List.copyOf(webhooks), name -> name)),
                    row -> health.put(
                            row.getString(1),
                            new Health(
                                    Columns.instant(row, 2),
                                    row.getInt(3),
                                    row.getString(4),
                                    Health.last(row.getString(5)))));
        }
        return health;
    }

    @Override
    public List<String> troubled(String account, int limit) {
        return reads.query(
                "SELECT name FROM webhook WHERE account = (SELECT key FROM account WHERE id = ?)"
                        + " AND (failing_since IS NOT NULL OR state <> 'active') LIMIT ?",
                List.of(account, limit),
                row -> row.getString(1));
    }

    @Override
    public CompletionStage<Integer> forget(Instant before, int rows) {
        return writer.write(connection -> Columns.update(
                connection,
                "DELETE FROM figure WHERE (account, minute, writer) IN (SELECT account, minute, writer FROM figure"
                        + " WHERE minute < ? LIMIT ? FOR UPDATE SKIP LOCKED)",
                MinuteCounts.minuteOf(before.toEpochMilli()),
                rows));
    }
}
