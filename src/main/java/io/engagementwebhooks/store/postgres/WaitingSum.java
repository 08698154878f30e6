package io.engagementwebhooks.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many deliveries wait: a sum of rows, one a writer. What this process adds is known at once and exactly; what others
 * add, when it was read last. Thread-safe.
 */
final class WaitingSum {

    private static final String ADD = "INSERT INTO waiting (writer, n) VALUES (?, ?)"
            + " ON CONFLICT (writer) DO UPDATE SET n = waiting.n + excluded.n";

    private final String instance;
    private final AtomicLong ours = new AtomicLong();
    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private volatile long others;

    WaitingSum(String instance) {
        this.instance = instance;
    }

    long get() {
        return Math.max(0, ours.get() + others);
    }

    /** This instance was taken for dead, and its rows may have been taken together with others'. */
    void inDoubt() {
        rows.forEach(Row::inDoubt);
    }

    /** Reads what others have added. */
    void read(Connection connection) throws SQLException {
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        "SELECT coalesce(sum(n), 0) FROM waiting WHERE NOT starts_with(writer, ?)",
                        instance + "/");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            others = rows.getLong(1);
        }
    }

    /** Takes the rows of an instance that is gone together. */
    static void fold(Connection connection, String instance) throws SQLException {
        long sum = 0;
        try (PreparedStatement statement = Columns.prepared(
                        connection, "DELETE FROM waiting WHERE starts_with(writer, ?) RETURNING n", instance + "/");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                sum += rows.getLong(1);
            }
        }
        if (sum != 0) {
            Columns.update(connection, ADD, "", sum);
        }
    }

    /** The row of one writer: what its transaction adds. Used by one thread. */
    final class Row {
        private final String writer;
        private long total;
        private long change;
        private volatile boolean doubt;

        Row(String name) {
            writer = instance + "/" + name;
            rows.add(this);
        }

        void begin(Connection connection) throws SQLException {
            change = 0;
            if (doubt) {
                doubt = false;
                long stored = stored(connection);
                ours.addAndGet(stored - total);
                total = stored;
            }
        }

        /** What was added last may be stored or not. */
        void inDoubt() {
            doubt = true;
        }

        private long stored(Connection connection) throws SQLException {
            try (PreparedStatement statement =
                            Columns.prepared(connection, "SELECT n FROM waiting WHERE writer = ?", writer);
                    ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }

        void add(long more) {
            change += more;
        }

        long change() {
            return change;
        }

        void backTo(long before) {
            change = before;
        }

        void write(Connection connection) throws SQLException {
            if (change != 0) {
                Columns.update(connection, ADD, writer, change);
            }
        }

        void committed() {
            ours.addAndGet(change);
            total += change;
            change = 0;
        }
    }
}
