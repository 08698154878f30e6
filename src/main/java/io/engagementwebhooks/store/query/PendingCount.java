package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The number of pending deliveries: a sum of rows, one per writer. Changes by this process count at once; those by
 * others, since the last read. Thread-safe.
 */
public final class PendingCount {

    private static final String ADD = "INSERT INTO pending_count (writer, n) VALUES (?, ?)"
            + " ON CONFLICT (writer) DO UPDATE SET n = pending_count.n + excluded.n";

    private final String instance;
    private final AtomicLong own = new AtomicLong();
    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private volatile long others;

    public PendingCount(String instance) {
        this.instance = instance;
    }

    public long get() {
        return Math.max(0, own.get() + others);
    }

    /** This instance's lease expired, and its rows may have been merged into others. */
    public void inDoubt() {
        rows.forEach(Row::inDoubt);
    }

    /** Reads the sum of the other instances. */
    public void read(Reader reader) {
        others = reader.first(
                        "SELECT coalesce(sum(n), 0) FROM pending_count WHERE substr(writer, 1, ?) <> ?",
                        row -> row.getLong(1),
                        instance.length() + 1,
                        instance + "/")
                .orElse(0L);
    }

    /** Reads the sum of earlier processes, whose rows have the same names. */
    public void readAll(Reader reader) {
        others = reader.first("SELECT coalesce(sum(n), 0) FROM pending_count", row -> row.getLong(1))
                .orElse(0L);
    }

    /** Merges the rows of an instance that has ended. */
    public static void merge(Statements statements, String instance) throws SQLException {
        long sum = 0;
        for (long n : statements.query(
                "DELETE FROM pending_count WHERE substr(writer, 1, ?) = ? RETURNING n",
                row -> row.getLong(1),
                instance.length() + 1,
                instance + "/")) {
            sum += n;
        }
        if (sum != 0) {
            statements.update(ADD, "", sum);
        }
    }

    /** The row of one writer. Used by one thread. */
    public final class Row {

        private final String writer;
        private long total;
        private long change;
        private volatile boolean isInDoubt;

        public Row(String name) {
            writer = instance + "/" + name;
            rows.add(this);
        }

        public void begin(Statements statements) throws SQLException {
            change = 0;
            if (isInDoubt) {
                isInDoubt = false;
                long stored = statements
                        .first("SELECT n FROM pending_count WHERE writer = ?", row -> row.getLong(1), writer)
                        .orElse(0L);
                own.addAndGet(stored - total);
                total = stored;
            }
        }

        /** The last commit may have failed: the stored count is read again. */
        public void inDoubt() {
            isInDoubt = true;
        }

        public void add(long more) {
            change += more;
        }

        public long change() {
            return change;
        }

        public void resetTo(long before) {
            change = before;
        }

        public void write(Statements statements) throws SQLException {
            if (change != 0) {
                statements.update(ADD, writer, change);
            }
        }

        public void committed() {
            own.addAndGet(change);
            total += change;
            change = 0;
        }
    }
}
