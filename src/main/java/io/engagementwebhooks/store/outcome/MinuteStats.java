package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts events and attempts of a transaction by account. Before the commit it adds them to this writer's rows of the
 * current minute. Used by one writer thread.
 */
public final class MinuteStats {

    private static final String ADD = "INSERT INTO minute_stats (account, minute, writer, " + MinuteCounts.columnList()
            + ") VALUES (?, ?, ?" + ", ?".repeat(MinuteCounts.COLUMNS.size())
            + ") ON CONFLICT (account, minute, writer) DO UPDATE SET " + MinuteCounts.addAssignments();

    private final String writer;
    private final Map<Integer, MinuteCounts> pending = new TreeMap<>();

    /** @param writer names the rows, which no other thread writes */
    public MinuteStats(String writer) {
        this.writer = writer;
    }

    private MinuteCounts of(int account) {
        return pending.computeIfAbsent(account, key -> new MinuteCounts());
    }

    /** Counts an accepted event and its deliveries that were skipped at once. */
    public void countAccepted(int account, long skipped) {
        of(account).countAccepted(skipped);
    }

    /** Counts an attempt. */
    void countAttempt(int account, AttemptResult result) {
        of(account).countAttempt(result);
    }

    /** Begins a transaction, and drops the counts of a failed one. */
    public void begin() {
        pending.clear();
    }

    public void write(Statements statements, long now) throws SQLException {
        for (Map.Entry<Integer, MinuteCounts> account : pending.entrySet()) {
            List<Object> values = new ArrayList<>(List.of(account.getKey(), MinuteCounts.minuteOf(now), writer));
            for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
                values.add(account.getValue().get(i));
            }
            statements.update(ADD, values.toArray());
        }
    }
}
