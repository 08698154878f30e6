package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.jdbc.Hashes;
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

/** The daily partitions of the PostgreSQL table of attempts. Thread-safe. */
public final class AttemptDays {

    private static final String PREFIX = "attempt_";

    private final DataSource pool;
    private final Set<Integer> known = ConcurrentHashMap.newKeySet();

    AttemptDays(DataSource pool) {
        this.pool = pool;
    }

    /** @return days since 1970 UTC */
    public static int day(long millis) {
        return (int) Math.floorDiv(millis, TimeUnit.DAYS.toMillis(1));
    }

    /**
     * Creates the partitions of a day and the next one. A separate transaction attaches them, which blocks no reader or
     * writer.
     */
    void ensure(int day) throws SQLException {
        if (known.contains(day)) {
            return;
        }
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            lock(connection);
            for (int each = day; each <= day + 1; each++) {
                createIfMissing(connection, each);
            }
            connection.commit();
        }
        known.add(day);
    }

    /** Creates the partition of a day, in the transaction of a connection. */
    public static void createIfMissing(Connection connection, int day) throws SQLException {
        if (days(connection).contains(day)) {
            return;
        }
        String table = PREFIX + day;
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (LIKE attempt INCLUDING ALL)");
            statement.execute("ALTER TABLE attempt ATTACH PARTITION " + table + " FOR VALUES IN (" + day + ")");
        }
    }

    /** The days that have a partition, oldest first. */
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

    private static void lock(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            statement.setLong(1, Hashes.lock(PREFIX));
            statement.execute();
        }
    }

    /**
     * Drops the oldest partition if it has expired, in a separate transaction. Attempts of events with a delivery that
     * is pending, or ended after the limit, move to today's partition.
     *
     * @return the number of removed attempts
     */
    int dropOldest(RetentionLimits limits) throws SQLException {
        long endedBefore = limits.attemptsBefore().toEpochMilli();
        int today = day(limits.now().toEpochMilli());
        try (Connection connection = pool.getConnection()) {
            List<Integer> all = days(connection);
            if (all.isEmpty() || all.get(0) >= day(endedBefore)) {
                return 0;
            }
            ensure(today);
            connection.setAutoCommit(false);
            int removed = drop(connection, all.get(0), endedBefore, today);
            connection.commit();
            return removed;
        }
    }

    private int drop(Connection connection, int day, long endedBefore, int movedTo) throws SQLException {
        String table = PREFIX + day;
        int all;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            all = rows.getInt(1);
        }
        int moved;
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO attempt (delivery, number, day, started_at, ms, outcome, reason, note, status, headers, body,"
                        + " timing, request, request_body) SELECT t.delivery, t.number, ?, t.started_at, t.ms, t.outcome,"
                        + " t.reason, t.note, t.status, t.headers, t.body, t.timing, t.request, t.request_body FROM "
                        + table
                        + " t JOIN delivery d ON d.key = t.delivery WHERE EXISTS (SELECT 1 FROM delivery o"
                        + " WHERE o.event = d.event AND (o.ended_at IS NULL OR o.ended_at >= ?))")) {
            statement.setInt(1, movedTo);
            statement.setLong(2, endedBefore);
            moved = statement.executeUpdate();
        }
        try (Statement statement = connection.createStatement()) {
            // last, since it takes an exclusive lock; the timeout limits how long other transactions wait for it
            statement.execute("SET LOCAL lock_timeout = '1s'");
            statement.execute("DROP TABLE " + table);
        }
        known.remove(day);
        known.remove(day - 1);
        return all - moved;
    }
}
