package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.sqlite.SqliteFaults;
import io.engagementwebhooks.store.sqlite.StoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies a whole embedded store that no product uses to a PostgreSQL database. Encrypted values are copied as they are.
 *
 * <p>An interrupted copy continues when it runs again. Until {@link #run} returns, a table {@code store_copy} marks the
 * database as incomplete.
 */
public final class StoreCopy {

    /** A batch ends at this many bytes, so it is at most one row larger. */
    private static final int BATCH_BYTES = 4 << 20;

    private static final int REPORT_EVERY = 10_000;

    private final Path store;
    private final PostgresAddress address;
    private final int batchBytes;
    private final Progress progress;

    /** Is notified of a copy's progress, on its thread. */
    public interface Progress {

        /** A phase of the copy of a table. */
        enum Step {
            COPYING,
            VERIFYING
        }

        /**
         * Called after some rows of a table.
         *
         * @param rows of this table, so far
         * @param ofTable all rows of this table
         * @param all rows of all tables, so far
         * @param total all rows of all tables
         */
        void rows(Step step, String table, long rows, long ofTable, long all, long total);
    }

    /** The result of a copy. @param rows of all tables */
    public record Result(int tables, long rows) {}

    /**
     * @param store the file of a store
     * @param address a database that is empty, or holds an incomplete copy of that store
     */
    public StoreCopy(Path store, PostgresAddress address, Progress progress) {
        this(store, address, BATCH_BYTES, progress);
    }

    StoreCopy(Path store, PostgresAddress address, int batchBytes, Progress progress) {
        this.store = store;
        this.address = address;
        this.batchBytes = batchBytes;
        this.progress = progress;
    }

    /**
     * Copies and verifies.
     *
     * @throws StoreException if a product uses the store, the database holds other data, or either fails
     */
    public Result run() {
        try (StoreFile held = StoreFile.lock(store);
                Connection source = openSource(held.path());
                CopyTarget target = CopyTarget.open(address)) {
            target.prepare(identityOfSource());
            List<TransferTable> tables = TransferTable.pair(source, target);
            Map<TransferTable, Long> sizes = new LinkedHashMap<>();
            for (TransferTable table : tables) {
                sizes.put(table, new Sql(source).count(table.name()));
            }
            copy(source, target, sizes);
            target.setSequences(lastKeys(source));
            verify(source, target, sizes);
            target.complete();
            return new Result(
                    tables.size(),
                    sizes.values().stream().mapToLong(Long::longValue).sum());
        } catch (SQLException e) {
            throw fault(e);
        }
    }

    private StoreException fault(SQLException e) {
        return e instanceof org.sqlite.SQLiteException
                ? SqliteFaults.unreadable(store, e)
                : new StoreException(
                        "the copy to " + address + " ended: " + e.getMessage() + "; run --copy-to again to continue it",
                        e);
    }

    private Connection openSource(Path file) throws SQLException {
        Migrations.sqlite(file).requireCurrent();
        Connection source = SqliteSource.open(file);
        // one transaction, and so one state of the store, for all reads
        source.setAutoCommit(false);
        return source;
    }

    /** Identifies the state of the store: changes when a product has used it, not when it is read. */
    private String identityOfSource() {
        try {
            Path log = store.resolveSibling(store.getFileName() + "-wal");
            return stateOf(store) + (Files.exists(log) && Files.size(log) > 0 ? ", log " + stateOf(log) : "");
        } catch (IOException e) {
            throw new StoreException("the store " + store + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String stateOf(Path file) throws IOException {
        return Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
    }

    private void copy(Connection source, CopyTarget target, Map<TransferTable, Long> sizes) throws SQLException {
        Tally tally = new Tally(Progress.Step.COPYING, sizes);
        for (TransferTable table : sizes.keySet()) {
            copy(table, source, target, tally);
            tally.done(table);
        }
    }

    /** Copies the rows of a table that are not there yet, in key order; the rows of a batch are one transaction. */
    private void copy(TransferTable table, Connection source, CopyTarget target, Tally tally) throws SQLException {
        long copied = target.sql().count(table.name());
        tally.rows(table, copied);
        try (PreparedStatement read = source.prepareStatement("SELECT * FROM " + TransferTable.quoted(table.name())
                        + " ORDER BY " + table.key() + " LIMIT -1 OFFSET " + copied);
                ResultSet row = read.executeQuery();
                CopyTarget.Rows rows = target.rows(table)) {
            while (row.next()) {
                copied++;
                if (rows.add(table.rowOfSqlite(row)) >= batchBytes) {
                    rows.commit();
                    tally.rows(table, copied);
                }
            }
            rows.commit();
        }
        tally.rows(table, copied);
    }

    private void verify(Connection source, CopyTarget target, Map<TransferTable, Long> sizes) throws SQLException {
        Tally tally = new Tally(Progress.Step.VERIFYING, sizes);
        for (TransferTable table : sizes.keySet()) {
            verify(table, source, target.connection(), tally);
            tally.done(table);
        }
    }

    private static void verify(TransferTable table, Connection source, Connection target, Tally tally)
            throws SQLException {
        Checksum here = new Checksum();
        Checksum there = new Checksum();
        String query = "SELECT * FROM " + TransferTable.quoted(table.name());
        try (PreparedStatement ofSource = source.prepareStatement(query);
                PreparedStatement ofTarget = target.prepareStatement(query)) {
            ofTarget.setFetchSize(CopyTarget.FETCH_ROWS);
            try (ResultSet rowHere = ofSource.executeQuery();
                    ResultSet rowThere = ofTarget.executeQuery()) {
                boolean isMore = true;
                while (isMore) {
                    isMore = false;
                    if (rowHere.next()) {
                        here.add(table.rowOfSqlite(rowHere));
                        isMore = true;
                    }
                    if (rowThere.next()) {
                        there.add(table.rowOfPostgres(rowThere));
                        isMore = true;
                    }
                    if (here.rows() % REPORT_EVERY == 0) {
                        tally.rows(table, here.rows());
                    }
                }
            }
        }
        tally.rows(table, here.rows());
        if (!here.isSame(there)) {
            throw new StoreException(
                    "table " + table.name() + " differs: " + here + " in SQLite, " + there
                            + " in PostgreSQL; drop the database, create it again, and run --copy-to again",
                    null);
        }
    }

    /** The last key of each table with AUTOINCREMENT, removed rows included, and those of incomplete events. */
    private static Map<String, Long> lastKeys(Connection source) throws SQLException {
        Map<String, Long> keys = new HashMap<>();
        new Sql(source)
                .query(
                        "SELECT name, seq FROM sqlite_sequence UNION ALL SELECT 'event', max(event) FROM incomplete_event",
                        row -> keys.put(row.getString(1), row.getLong(2)));
        return keys;
    }

    /** Sums the rows for {@link Progress}. */
    private final class Tally {

        private final Progress.Step step;
        private final Map<TransferTable, Long> sizes;
        private final long total;
        private long before;

        Tally(Progress.Step step, Map<TransferTable, Long> sizes) {
            this.step = step;
            this.sizes = sizes;
            this.total = sizes.values().stream().mapToLong(Long::longValue).sum();
        }

        void rows(TransferTable table, long rows) {
            progress.rows(step, table.name(), rows, sizes.get(table), before + rows, total);
        }

        void done(TransferTable table) {
            before += sizes.get(table);
        }
    }
}
