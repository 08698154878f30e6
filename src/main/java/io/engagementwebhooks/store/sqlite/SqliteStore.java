package io.engagementwebhooks.store.sqlite;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupCommitDelay;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.jdbc.PreparedReader;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Retention;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.PendingCount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.SQLiteOpenMode;

/**
 * The embedded store: one SQLite file in WAL mode. It has a writer with group commit and an fsync per group, a
 * checkpoint thread, and read-only connections: one for due deliveries and a small pool.
 *
 * @see <a href="https://www.sqlite.org/wal.html">Write-Ahead Logging</a>
 */
public final class SqliteStore extends Store {

    private static final int BUSY_TIMEOUT_MS = 5_000;
    private static final int READERS = 4;

    /**
     * In bytes, of a new file; an existing one keeps its own. A smaller page writes less for a row of an index, and a large
     * row continues in more of them.
     */
    static final int PAGE_SIZE = 2_048;

    private static final List<String> INDEXES_OF_IDS =
            List.of("sqlite_autoindex_event_1", "record_write_event", "record_slot_member");

    /** Free pages that a step of {@link #clean} returns. */
    private static final int FREED_PAGES = 500;

    private static final int MAX_IDLE_WAL = 64 * 1024 * 1024;

    /** The driver's methods are synchronized on the connection, so SQLite need not lock it again. @see <a href="https://www.sqlite.org/threadsafe.html">multi-thread mode</a> */
    private static final int NO_MUTEX_MODE = SQLiteOpenMode.READWRITE.flag | SQLiteOpenMode.NOMUTEX.flag;

    private final StoreFile file;
    private final HikariDataSource pool;
    private final PreparedReader dueReader;
    private final Checkpoints checkpoints;

    private SqliteStore(
            Parts parts, StoreFile file, HikariDataSource pool, PreparedReader dueReader, Checkpoints checkpoints) {
        super(parts);
        this.file = file;
        this.pool = pool;
        this.dueReader = dueReader;
        this.checkpoints = checkpoints;
    }

    /**
     * Opens and locks a store, and creates a missing file and folder.
     *
     * @param path the database file
     * @param clock for times in rows
     * @throws StoreException if another process has the lock, or it cannot be opened
     */
    public static SqliteStore open(Path path, Clock clock) {
        StoreFile file = StoreFile.lock(path);
        try {
            // a second connection stays open, since closing the last one checkpoints the whole log, which delays the
            // start after a crash
            try (Connection held = DriverManager.getConnection(url(path))) {
                create(held);
                Migrations.migrate(path, held);
                DeliverySegments.repair(new Statements(held, new SqliteDialect(path)));
                return open(file, clock, path);
            }
        } catch (StoreException e) {
            file.close();
            throw e;
        } catch (SQLException | RuntimeException e) {
            file.close();
            throw SqliteFaults.isDamage(e)
                    ? SqliteFaults.damaged(path, e.getMessage())
                    : new StoreException("cannot open the store " + path + ": " + message(e), e);
        }
    }

    /**
     * Loads the libraries that {@link #open} needs, without touching a store. May run in parallel with other work.
     *
     * @throws StoreException if it fails; opening would fail, too
     */
    public static void prepare(Path path) {
        try {
            SQLiteJDBCLoader.initialize();
            if (Files.notExists(path)) {
                Migrations.sqlite(path);
            }
        } catch (Exception e) {
            throw new StoreException("SQLite's library cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** The existing files of a store that hold payloads: the file, its log and the log's index. */
    public static List<Path> filesWithPayloads(Path path) {
        return Stream.of("", "-wal", "-shm")
                .map(end -> path.resolveSibling(path.getFileName() + end))
                .filter(Files::exists)
                .toList();
    }

    private static String message(Exception e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("SQLITE_READONLY") ? "it is read-only; " + StoreFile.WRITABLE : message;
    }

    private static SqliteStore open(StoreFile file, Clock clock, Path path) throws SQLException {
        HikariDataSource pool = readers(path);
        try {
            return open(file, clock, pool);
        } catch (SQLException | RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static SqliteStore open(StoreFile file, Clock clock, HikariDataSource pool) throws SQLException {
        SqliteDialect dialect = new SqliteDialect(file.path());
        Reader reader = new Reader.Pooled(pool, pool, dialect);
        PendingCount pending = new PendingCount("");
        pending.readAll(reader);
        Connection connection = connect(file, writerProperties());
        try {
            Checkpoints checkpoints = new Checkpoints(connect(file, checkpointProperties()), dialect);
            try {
                PreparedReader dueReader = new PreparedReader(() -> connect(file, readerProperties()), dialect);
                GroupWriter.Transactions[] transactions = {
                    new SqliteTransactions(connection, dialect, checkpoints, file::requireInPlace)
                };
                Parts parts = new Parts(
                        "",
                        reader,
                        dueReader,
                        new Keys(reader, null),
                        transactions,
                        new WriteCheck(Duration.ofMillis(BUSY_TIMEOUT_MS)),
                        new GroupCommitDelay(),
                        Cluster.ALONE,
                        pending,
                        new AttemptRows(reader),
                        clock);
                file.opened();
                return new SqliteStore(parts, file, pool, dueReader, checkpoints);
            } catch (SQLException | RuntimeException e) {
                checkpoints.close();
                throw e;
            }
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static String url(Path path) {
        return "jdbc:sqlite:" + path;
    }

    private static Connection connect(StoreFile file, Properties properties) throws SQLException {
        return DriverManager.getConnection(url(file.path()), properties);
    }

    /** The order matters: the change to WAL writes the first page, and fixes the settings before it. */
    private static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size = " + PAGE_SIZE);
            statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
            statement.execute("PRAGMA journal_mode = WAL");
        }
    }

    private static Properties writerProperties() {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MS));
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        properties.setProperty("journal_size_limit", Integer.toString(MAX_IDLE_WAL));
        // overwrites deleted rows within pages, without further writes; free pages are cut off by an erasure
        properties.setProperty("secure_delete", "FAST");
        properties.setProperty("cache_size", "-16384");
        properties.setProperty("open_mode", Integer.toString(NO_MUTEX_MODE));
        // the driver would query the last row id after each write
        properties.setProperty("jdbc.get_generated_keys", "false");
        return properties;
    }

    private static Properties checkpointProperties() {
        Properties properties = new Properties();
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MS));
        return properties;
    }

    /** The properties of read-only connections. */
    public static Properties readerProperties() {
        Properties properties = new Properties();
        properties.setProperty("open_mode", "1");
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MS));
        properties.setProperty("foreign_keys", "true");
        return properties;
    }

    private static HikariDataSource readers(Path path) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url(path));
        config.setPoolName("store-readers");
        config.setReadOnly(true);
        config.setMaximumPoolSize(READERS);
        config.setMinimumIdle(1);
        config.setDataSourceProperties(readerProperties());
        return new HikariDataSource(config);
    }

    /** Removes attempts row by row. */
    private static final class AttemptRows implements Retention.OldAttempts {

        private static final String FIRST_AFTER =
                "(SELECT delivery FROM attempt WHERE key >= (%s + 1) << 20 ORDER BY key LIMIT 1)";

        /** Skips from one delivery with attempts to the next. */
        private static final String FIND = "WITH RECURSIVE next (delivery) AS (SELECT " + FIRST_AFTER.formatted("?")
                + " UNION ALL SELECT " + FIRST_AFTER.formatted("next.delivery")
                + " FROM next WHERE delivery IS NOT NULL LIMIT ?) SELECT d.key, d.accepted_at, d.ended_at < ?"
                + " AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.event = d.event"
                + " AND (o.ended_at IS NULL OR o.ended_at >= ?)) FROM next JOIN delivery d ON d.key = next.delivery"
                + " ORDER BY d.key";

        private final Reader reader;
        private final String remove;
        private final String removeOf;
        private long after = -1;

        AttemptRows(Reader reader) {
            this.reader = reader;
            Dialect dialect = reader.dialect();
            String ofDeliveries = "DELETE FROM attempt WHERE key IN (SELECT t.key FROM delivery d JOIN attempt t ON "
                    + dialect.attemptOf("t", "d.key") + " WHERE ";
            remove = ofDeliveries + dialect.in("d.key") + " AND NOT EXISTS (SELECT 1 FROM delivery o"
                    + " WHERE o.event = d.event AND o.ended_at IS NULL))";
            removeOf = ofDeliveries + dialect.in("d.event") + ")";
        }

        @Override
        public int removeBeforeStep(RetentionLimits limits) {
            return 0;
        }

        /**
         * An examined delivery with attempts.
         *
         * @param old whether the last delivery of its event ended before the limit
         */
        private record Examined(long delivery, long acceptedAt, boolean old) {}

        /** Examines deliveries in the order of acceptance, up to the first that is too young. */
        @Override
        public Found find(RetentionLimits limits) {
            long endedBefore = limits.attemptsBefore().toEpochMilli();
            List<Examined> examined = reader.query(
                    FIND,
                    row -> new Examined(row.getLong(1), row.getLong(2), row.getBoolean(3)),
                    after,
                    limits.rows(),
                    endedBefore,
                    endedBefore);
            boolean more = examined.size() == limits.rows()
                    && examined.get(examined.size() - 1).acceptedAt() < endedBefore;
            after = more ? examined.get(examined.size() - 1).delivery() : -1;
            return new Found(
                    examined.stream()
                            .filter(Examined::old)
                            .map(Examined::delivery)
                            .toList(),
                    more);
        }

        @Override
        public int remove(Statements statements, List<Long> deliveries) throws SQLException {
            return deliveries.isEmpty() ? 0 : statements.update(remove, Values.longs(deliveries));
        }

        @Override
        public int removeOf(Statements statements, Values.Many events) throws SQLException {
            return statements.update(removeOf, events);
        }

        @Override
        public String ofDelivery() {
            return "";
        }
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public long walSize() {
        return file.walSize();
    }

    @Override
    public CompletionStage<Integer> vacuum(int pages) {
        return write(statements -> {
            try (Statement statement = statements.connection().createStatement()) {
                int before = freePages(statement);
                // as an update it runs to its end; as a query it would free one page
                statement.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")");
                return before - freePages(statement);
            }
        });
    }

    private static int freePages(Statement statement) throws SQLException {
        try (ResultSet count = statement.executeQuery("PRAGMA freelist_count")) {
            return count.next() ? count.getInt(1) : 0;
        }
    }

    /**
     * Deleted rows are overwritten at once; the pages that they leave, and the log, are cut off. Where SQLite moves rows
     * of an index to another page, copies stay in the unused part of the first one, so indexes of ids are made again, one
     * at a time: commits wait for each, the longest about 1.5 s per million events.
     */
    @Override
    public String clean() {
        for (String index : INDEXES_OF_IDS) {
            write(statements -> statements.update("REINDEX " + index)).join();
        }
        int freed;
        do {
            freed = vacuum(FREED_PAGES).toCompletableFuture().join();
        } while (freed == FREED_PAGES);
        try (Connection connection = connect(file, checkpointProperties());
                Statement statement = connection.createStatement()) {
            // without the writer's lock first, so that commits wait only for the rest
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
            try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                if (row.next() && row.getInt(1) != 0) {
                    throw new StoreException("a reader uses the write-ahead log, which cannot be truncated now", null);
                }
            }
            return "SQLite: the file is overwritten where rows were erased (secure_delete), and its write-ahead log is truncated";
        } catch (SQLException e) {
            throw fault(e);
        }
    }

    /** Rewrites the whole file, which takes the time and the space of a copy. */
    @Override
    public void rewrite() {
        try (Connection connection = DriverManager.getConnection(url(file.path()));
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw fault(e);
        }
    }

    @Override
    public void close() {
        pool.close();
        dueReader.close();
        checkpoints.close();
        // last: the last connection checkpoints the log, which a read-only one cannot
        super.close();
        file.close();
    }
}
