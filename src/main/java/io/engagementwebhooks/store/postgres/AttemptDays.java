package io.engagementwebhooks.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** The partitions of attempts, one a day. Thread-safe. */
final class AttemptDays {

    private static final String PREFIX = "attempt_";

    private final DataSource pool;
    private final Set<Integer> known = ConcurrentHashMap.newKeySet();

    AttemptDays(DataSource pool) {
        this.pool = pool;
    }

    static int day(long millis) {
        return (int) Math.floorDiv(millis, TimeUnit.DAYS.toMillis(1));
    }

    /**
     * Sees to it that a day and the next one can be written. In a transaction of its own, and by attaching, which waits for
     * no reader or writer.
     */
    void make(int day) throws SQLException {
        if (known.contains(day)) {
            return;
        }
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                Intakes.lock(connection, PREFIX);
                for (int each = day; each <= day + 1; each++) {
                    makeUnlessThere(connection, each);
                }
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
        known.add(day);
    }

    private static void makeUnlessThere(Connection connection, int day) throws SQLException {
        if (days(connection).contains(day)) {
            return;
        }
        String table = PREFIX + day;
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (LIKE attempt INCLUDING ALL)");
            statement.execute("ALTER TABLE attempt ATTACH PARTITION " + table + " FOR VALUES IN (" + day + ")");
        }
    }

    /** The days there are, the oldest first. */
    static List<Integer> days(Connection connection) throws SQLException {
        List<Integer> days = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                + " WHERE i.inhparent = 'attempt'::regclass");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                days.add(Integer.parseInt(rows.getString(1).substring(PREFIX.length())));
            }
        }
        days.sort(null);
        return days;
    }

    /**
     * Drops a day, in the transaction of a connection. Attempts of events of which a delivery waits, or ended after a time,
     * move on to another day.
     *
     * @return how many attempts are gone
     */
    int drop(Connection connection, int day, long endedBefore, int movedTo) throws SQLException {
        String table = PREFIX + day;
        int all;
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
                rows.next();
                all = rows.getInt(1);
            }
        }
        int moved = Columns.update(
                connection,
                "INSERT INTO attempt (delivery, number, day, started_at, ms, outcome, reason, note, status, headers, body,"
                        + " timing, request, request_body)"
                        + " SELECT t.delivery, t.number, ?, t.started_at, t.ms, t.outcome, t.reason, t.note, t.status,"
                        + " t.headers, t.body, t.timing, t.request, t.request_body FROM " + table
                        + " t JOIN delivery d ON d.id = t.delivery"
                        + " WHERE EXISTS (SELECT 1 FROM delivery o WHERE o.event = d.event"
                        + " AND (o.ended_at IS NULL OR o.ended_at >= ?))",
                movedTo,
                endedBefore);
        try (Statement statement = connection.createStatement()) {
            // last, for it keeps all others out; and so that nobody has to wait long for one who waits
            statement.execute("SET LOCAL lock_timeout = '1s'");
            statement.execute("DROP TABLE " + table);
        }
        known.remove(day);
        known.remove(day - 1);
        return all - moved;
    }
}
