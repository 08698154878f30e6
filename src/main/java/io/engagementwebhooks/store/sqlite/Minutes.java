package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.MinuteCounts;
import io.engagementwebhooks.store.TryResult;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what a group of transactions does to its accounts, and adds it to their minutes before it is committed: one row an
 * account, however much it was. Used by the writer thread alone.
 */
final class Minutes {

    private static final String ADD = "INSERT INTO figure (account, minute, " + MinuteCounts.columnList()
            + ") VALUES (?, ?" + ", ?".repeat(MinuteCounts.COLUMNS.size()) + ") ON CONFLICT DO UPDATE SET "
            + MinuteCounts.added();

    private final Prepared prepared;
    private final Map<Integer, MinuteCounts> pending = new HashMap<>();

    Minutes(Prepared prepared) {
        this.prepared = prepared;
    }

    private MinuteCounts of(int account) {
        return pending.computeIfAbsent(account, key -> new MinuteCounts());
    }

    /** An event was accepted, so many of whose deliveries are skipped from the beginning. */
    void accepted(int account, long skipped) {
        of(account).accepted(skipped);
    }

    /** A try has ended. */
    void tried(int account, TryResult result) {
        of(account).tried(result);
    }

    void write(long now) throws SQLException {
        for (Map.Entry<Integer, MinuteCounts> account : pending.entrySet()) {
            PreparedStatement add = prepared.of(ADD);
            add.setInt(1, account.getKey());
            add.setLong(2, MinuteCounts.minuteOf(now));
            for (int i = 0; i < MinuteCounts.COLUMNS.size(); i++) {
                add.setLong(3 + i, account.getValue().get(i));
            }
            add.executeUpdate();
        }
        pending.clear();
    }

    void forget() {
        pending.clear();
    }
}
