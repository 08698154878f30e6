package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.MinuteCounts;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what a transaction does to its accounts, and adds it to this writer's rows of their minutes before the commit: one row
 * an account. Used by one writer's thread.
 */
final class MinuteStats {

    private static final String ADD = "INSERT INTO minute_stats (account, minute, writer, " + MinuteCounts.columnList()
            + ") VALUES (?, ?, ?" + ", ?".repeat(MinuteCounts.COLUMNS.size())
            + ") ON CONFLICT (account, minute, writer) DO UPDATE SET " + MinuteCounts.added();

    private final String writer;
    private final Map<Integer, MinuteCounts> pending = new TreeMap<>();

    /** @param writer whose rows these are: no other thread writes them */
    MinuteStats(String writer) {
        this.writer = writer;
    }

    private MinuteCounts of(int account) {
        return pending.computeIfAbsent(account, key -> new MinuteCounts());
    }

    /** An event was accepted, so many of whose deliveries are skipped from the beginning. */
    void accepted(int account, long skipped) {
        of(account).accepted(skipped);
    }

    /** An attempt has ended. */
    void tried(int account, AttemptResult result) {
        of(account).tried(result);
    }

    /** A transaction begins; what was counted for one that failed does not count. */
    void begin() {
        pending.clear();
    }

    void write(Statements statements, long now) throws SQLException {
        for (Map.Entry<Integer, MinuteCounts> account : pending.entrySet()) {
            List<Object> values = new ArrayList<>(List.of(account.getKey(), MinuteCounts.minuteOf(now), writer));
            for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
                values.add(account.getValue().get(i));
            }
            statements.update(ADD, values.toArray());
        }
    }
}
