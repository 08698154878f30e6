package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.postgres.AttemptDays;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.transfer.TransferTable.Column;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * The database that a copy fills. Each batch of rows is committed by itself, in the order of the source, so that a copy
 * continues after the rows of a table that are there. Until the copy is complete, a table holds the identity of the
 * copied store. Not thread-safe.
 */
final class CopyTarget implements AutoCloseable {

    /**
     * Asynchronous commits: rows that are lost in a crash of the server are copied again. The last commit is synchronous.
     */
    private static final String SESSION =
            "-c synchronous_commit=off -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

    static final int FETCH_ROWS = 1_000;

    private static final String INCOMPLETE = Migrations.INCOMPLETE;

    /** The key of the advisory lock of copies. */
    private static final long LOCK = 0x656e676167654357L;

    private static final String SEQUENCES =
            "SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)"
                    + " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                    + " WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> ''";

    /** A sequence of keys. */
    private record Sequence(String table, String column, String name) {}

    private final PostgresAddress address;
    private final Connection connection;
    private final Sql sql;
    private final Set<Integer> days = new HashSet<>();

    private CopyTarget(PostgresAddress address, Connection connection) {
        this.address = address;
        this.connection = connection;
        this.sql = new Sql(connection);
    }

    static CopyTarget open(PostgresAddress address) throws SQLException {
        CopyTarget target = new CopyTarget(address, connect(address));
        try {
            if (!target.sql.isTrue("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
                throw new StoreException("another --copy-to writes to " + address, null);
            }
            target.connection.setAutoCommit(false);
            return target;
        } catch (SQLException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private static Connection connect(PostgresAddress address) {
        Properties properties = address.properties("copy", SESSION);
        // analyzing a large table takes minutes
        properties.remove("socketTimeout");
        properties.setProperty("reWriteBatchedInserts", "true");
        // else the message of a failed batch holds its rows
        properties.setProperty("logServerErrorDetail", "false");
        try {
            return DriverManager.getConnection(address.url(), properties);
        } catch (SQLException e) {
            throw new StoreException(
                    "the database " + address + " cannot be used: " + e.getMessage()
                            + "; check webhooks.store.user and webhooks.store.password",
                    e);
        }
    }

    Connection connection() {
        return connection;
    }

    Sql sql() {
        return sql;
    }

    /** The tables without partitions, except those of migrations and of this copy. */
    List<String> tables() throws SQLException {
        return sql.query(
                "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
                        + " AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT IN (?, ?) ORDER BY relname",
                row -> row.getString(1),
                TransferTable.HISTORY,
                INCOMPLETE);
    }

    /**
     * Creates missing tables, and checks that the tables hold only a copy of this source.
     *
     * @throws StoreException if they hold other data
     */
    void prepare(String source) throws SQLException {
        if (!sql.isTrue("SELECT current_setting('server_encoding') = 'UTF8'")) {
            throw new StoreException("the database " + address + " must have the encoding UTF8", null);
        }
        if (sql.isTrue("SELECT to_regclass('" + INCOMPLETE + "') IS NOT NULL")) {
            if (!sql.isTrue("SELECT source = ? FROM " + INCOMPLETE, source)) {
                throw new StoreException(
                        "the database " + address
                                + " holds an incomplete copy of another store, or of this one before it"
                                + " ran again; drop the database, create it again, and run --copy-to again",
                        null);
            }
            Migrations.postgres(address).requireCurrent();
            return;
        }
        if (sql.isTrue("SELECT to_regclass('" + TransferTable.HISTORY + "') IS NULL")) {
            requireNoTables();
            connection.commit();
            Migrations.postgres(address).run();
        } else {
            connection.commit();
            Migrations.postgres(address).requireCurrent();
        }
        requireNoRows();
        sql.execute("CREATE TABLE " + INCOMPLETE + " (source text NOT NULL)");
        sql.execute("INSERT INTO " + INCOMPLETE + " VALUES (?)", source);
        // the row that the migration inserts is copied like any other
        sql.execute("DELETE FROM revision");
        connection.commit();
    }

    private void requireNoTables() throws SQLException {
        if (sql.isTrue("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
                + " AND relkind IN ('r', 'p', 'v', 'm', 'S'))")) {
            throw new StoreException(
                    "the database " + address + " holds tables of another program; give an empty database", null);
        }
    }

    private void requireNoRows() throws SQLException {
        List<String> held = new ArrayList<>();
        for (String table : tables()) {
            if (table.equals("partition")) {
                continue;
            }
            String other = table.equals("revision") ? " WHERE last <> 0" : "";
            if (sql.isTrue("SELECT EXISTS (SELECT FROM " + TransferTable.quoted(table) + other + ")")) {
                held.add(table);
            }
        }
        if (!held.isEmpty()) {
            throw new StoreException(
                    "the database " + address + " holds data of another store (" + String.join(", ", held)
                            + "); give an empty database",
                    null);
        }
    }

    /** Inserts rows of a table in batches. Not thread-safe. */
    final class Rows implements AutoCloseable {

        private final TransferTable table;
        private final PreparedStatement statement;
        private long bytes;

        private Rows(TransferTable table) throws SQLException {
            this.table = table;
            this.statement = connection.prepareStatement(table.insert());
        }

        /** @return the size of the rows that are not committed yet, in bytes: estimated */
        long add(Object... values) throws SQLException {
            for (int i = 0; i < values.length; i++) {
                Column column = table.columns().get(i);
                statement.setObject(i + 1, values[i], column.type());
                bytes += values[i] instanceof byte[] binary
                        ? binary.length
                        : values[i] instanceof String text ? text.length() : Long.BYTES;
                if (table.name().equals(TransferTable.ATTEMPT) && column.name().equals("day")) {
                    ensureDay(((Long) values[i]).intValue());
                }
            }
            statement.addBatch();
            return bytes;
        }

        void commit() throws SQLException {
            statement.executeBatch();
            connection.commit();
            bytes = 0;
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }

    Rows rows(TransferTable table) throws SQLException {
        return new Rows(table);
    }

    private void ensureDay(int day) throws SQLException {
        if (days.add(day)) {
            AttemptDays.createIfMissing(connection, day);
        }
    }

    /** Sets the sequences after the copied rows. @param lastKeys the last used key, by table */
    void setSequences(Map<String, Long> lastKeys) throws SQLException {
        for (Sequence each :
                sql.query(SEQUENCES, row -> new Sequence(row.getString(1), row.getString(2), row.getString(3)))) {
            setSequence(each, lastKeys.getOrDefault(each.table(), 0L));
        }
        setSequence(new Sequence("due", "fifo_place", "fifo_place"), 0);
        // instances allocate keys in blocks, up to the sequence's next value
        sql.execute(
                "SELECT setval('delivery_key', (max(key) - 1) / 1000 * 1000 + 1001, false) FROM delivery HAVING max(key) > 0");
        connection.commit();
    }

    private void setSequence(Sequence sequence, long used) throws SQLException {
        sql.execute(
                "SELECT setval(?::regclass, greatest(?, (SELECT coalesce(max("
                        + TransferTable.quoted(sequence.column()) + "), 0) FROM "
                        + TransferTable.quoted(sequence.table()) + ")) + 1, false)",
                sequence.name(),
                used);
    }

    /** Marks the copy as complete, so that a product may use the database. */
    void complete() throws SQLException {
        sql.execute("SET LOCAL synchronous_commit = on");
        sql.execute("ANALYZE");
        sql.execute("DROP TABLE " + INCOMPLETE);
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
