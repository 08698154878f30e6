package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.jdbc.PostgresAddress;
import io.engagementwebhooks.store.jdbc.SqliteFaults;
import io.engagementwebhooks.store.jdbc.StoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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

    private final Path store;
    private final PostgresAddress address;
    private final int batchBytes;
    private final Progress progress;

    /** Is notified of a copy's progress, on its threads, one call at a time. */
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
        this(store, address, TableCopy.BATCH_BYTES, progress);
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
            List<TransferTable> tables = TransferTable.pair(source, target.connection());
            Map<TransferTable, Long> sizes = count(source, tables);
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

    private static Map<TransferTable, Long> count(Connection source, List<TransferTable> tables) throws SQLException {
        Map<TransferTable, Long> sizes = new LinkedHashMap<>();
        for (TransferTable table : tables) {
            String count = "SELECT count(*) FROM " + table.quoted();
            sizes.put(table, new Sql(source).query(count, row -> row.getLong(1)).get(0));
        }
        return sizes;
    }

    private void copy(Connection source, CopyTarget target, Map<TransferTable, Long> sizes) throws SQLException {
        Tally tally = new Tally(Progress.Step.COPYING, sizes);
        for (TransferTable table : sizes.keySet()) {
            tally.rows(table, target.state().rows(table.name()));
            new TableCopy(table, source, target, batchBytes, rows -> tally.rows(table, rows)).run();
            tally.done(table);
        }
    }

    private void verify(Connection source, CopyTarget target, Map<TransferTable, Long> sizes) throws SQLException {
        Tally tally = new Tally(Progress.Step.VERIFYING, sizes);
        for (TransferTable table : sizes.keySet()) {
            new TableCheck(table, source, target.connection(), rows -> tally.rows(table, rows)).run();
            tally.done(table);
        }
    }

    /** The last key of each table with AUTOINCREMENT, removed rows included. */
    private static Map<String, Long> lastKeys(Connection source) throws SQLException {
        Map<String, Long> keys = new HashMap<>();
        new Sql(source)
                .query("SELECT name, seq FROM sqlite_sequence", row -> keys.put(row.getString(1), row.getLong(2)));
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
