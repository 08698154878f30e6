package io.engagementwebhooks.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterSession;
import io.engagementwebhooks.store.cluster.Partitions;
import io.engagementwebhooks.store.cluster.PostgresCluster;
import io.engagementwebhooks.store.jdbc.Connecting;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Retention;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.PendingCount;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in PostgreSQL, which several instances may share. One writer commits accepted events, one everything else;
 * reads use a pool. {@link Partitions} decide which instance sends the deliveries of a webhook.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html">Explicit locking</a>
 */
public final class PostgresStore extends Store {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresStore.class);
    private static final int READERS = 8;
    private static final long TIMEOUT_MS = 5_000;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_RETRY = Duration.ofSeconds(2);
    private static final Duration POLL_EVERY = Duration.ofSeconds(1);
    private static final int MIN_VERSION = 14;
    private static final int POOLER_CHECKS = 3;

    /** Statements use indexes even before the server knows how large tables are. */
    private static final String BY_INDEX = " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    /** Commits are synchronous regardless of the server's default. A writer that stalls in a transaction loses it. */
    public static final String WRITER_OPTIONS = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=%d"
            + " -c lock_timeout=8000 -c plan_cache_mode=force_generic_plan" + BY_INDEX;

    /** The server ends a query before the driver gives up. */
    private static final String READER_OPTIONS = "-c statement_timeout=9s";

    private static final int COUNTERS = 2;
    private static final int COUNT_SECONDS = 300;

    /** A count uses one core, so that the others are left to deliveries. */
    private static final String COUNTER_OPTIONS =
            "-c max_parallel_workers_per_gather=0 -c statement_timeout=" + COUNT_SECONDS + "s";

    /** For short transactions that a writer's transaction depends on; they do not wait for readers. */
    private static final String SEPARATE_OPTIONS = "-c synchronous_commit=on -c lock_timeout=8000" + BY_INDEX;

    private static final int SEPARATE_CONNECTIONS = 2;

    private final HikariDataSource pool;
    private final HikariDataSource separatePool;
    private final HikariDataSource counters;
    private final String instance;
    private final Reader reader;
    private final PostgresCluster cluster;

    private PostgresStore(
            Parts parts,
            HikariDataSource pool,
            HikariDataSource apart,
            HikariDataSource counters,
            PostgresCluster cluster) {
        super(parts);
        this.pool = pool;
        this.separatePool = apart;
        this.counters = counters;
        this.instance = parts.name();
        this.reader = parts.reader();
        this.cluster = cluster;
    }

    /**
     * Opens a store for this process alone, and creates missing tables.
     *
     * @throws StoreException if the database cannot be reached
     */
    public static PostgresStore open(PostgresAddress address, Clock clock) {
        return open(address, null, POLL_EVERY, clock);
    }

    /**
     * Opens a store that other instances may share. This instance owns webhooks from when it listens.
     *
     * @param lease how long an instance may act without a renewal
     * @throws StoreException if the database cannot be reached
     */
    public static PostgresStore open(PostgresAddress address, Duration lease, Clock clock) {
        return open(address, lease, POLL_EVERY, clock);
    }

    /** @param pollEvery how often to read what a lost notification may have hidden */
    public static PostgresStore open(PostgresAddress address, Duration lease, Duration pollEvery, Clock clock) {
        awaitServer(address);
        Migrations.postgres(address).run();
        HikariDataSource pool = pool(address, "reader", READER_OPTIONS, READERS, 1);
        HikariDataSource separatePool = pool(address, "apart", SEPARATE_OPTIONS, SEPARATE_CONNECTIONS, 0);
        HikariDataSource counters = counters(address);
        try {
            return open(address, pool, separatePool, counters, lease, pollEvery, clock);
        } catch (SQLException | RuntimeException e) {
            pool.close();
            separatePool.close();
            counters.close();
            throw new StoreException("cannot open the store " + address + ": " + e.getMessage(), e);
        }
    }

    private static PostgresStore open(
            PostgresAddress address,
            HikariDataSource pool,
            HikariDataSource separatePool,
            HikariDataSource counters,
            Duration lease,
            Duration pollEvery,
            Clock clock)
            throws SQLException {
        String instance = UUID.randomUUID().toString();
        AttemptDays days = new AttemptDays(separatePool);
        Dialect dialect = new PostgresDialect(days);
        Reader reader = new Reader.Pooled(pool, counters, dialect);
        PendingCount pending = new PendingCount(instance);
        pending.read(reader);
        long patience = lease == null ? TIMEOUT_MS : Math.min(TIMEOUT_MS, Math.max(200, lease.toMillis() / 3));
        PostgresCluster shared = lease == null ? null : cluster(address, instance, lease, pool, reader, pending, clock);
        Cluster cluster = shared == null ? Cluster.ALONE : shared;
        Connecting writers = () -> connection(address, "writer", WRITER_OPTIONS.formatted(patience));
        GroupWriter.Transactions[] transactions = {
            new PostgresTransactions(writers, dialect), new PostgresTransactions(writers, dialect)
        };
        PostgresStore store = new PostgresStore(
                new Parts(
                        instance,
                        reader,
                        reader,
                        new Keys(reader, separatePool),
                        transactions,
                        new WriteCheck(Duration.ofMillis(TIMEOUT_MS)),
                        null,
                        cluster,
                        pending,
                        new DroppedDays(days),
                        clock),
                pool,
                separatePool,
                counters,
                shared);
        if (shared != null) {
            shared.start(store, pollEvery);
        }
        return store;
    }

    private static PostgresCluster cluster(
            PostgresAddress address,
            String instance,
            Duration lease,
            DataSource pool,
            Reader reader,
            PendingCount pending,
            Clock clock) {
        Partitions partitions = new Partitions(instance, lease, pending, clock);
        // named after the instance, which ends its former session by this name
        ClusterSession session = new ClusterSession(
                () -> address.connect(instance, ClusterSession.options(lease)), reader.dialect(), partitions, lease);
        return new PostgresCluster(instance, pool, reader, pending, partitions, session, clock);
    }

    private static Connection connection(PostgresAddress address, String purpose, String options) throws SQLException {
        Connection connection = address.connect(purpose, options);
        connection.setAutoCommit(false);
        return connection;
    }

    /** Waits for a database that is starting; fails at once for a wrong password, an old server or a pooler. */
    private static void awaitServer(PostgresAddress address) {
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            try {
                requireUsable(address);
                return;
            } catch (SQLException e) {
                if (PostgresFaults.isOfSettings(e) || System.nanoTime() > end) {
                    throw new StoreException(
                            "the store " + address + " cannot be used: " + e.getMessage()
                                    + "; check webhooks.store.url, webhooks.store.user and webhooks.store.password, and"
                                    + " whether the server runs and lets this machine in",
                            e);
                }
                LOG.warn("store.unreachable address={}: retried: {}", address, e.getMessage());
                pause();
            }
        }
    }

    private static void requireUsable(PostgresAddress address) throws SQLException {
        Properties properties = address.properties("start", "");
        // a pooler in transaction mode does not know statements that were prepared
        properties.setProperty("preferQueryMode", "simple");
        try (Connection connection = DriverManager.getConnection(address.url(), properties);
                Connection other = DriverManager.getConnection(address.url(), properties)) {
            if (connection.getMetaData().getDatabaseMajorVersion() < MIN_VERSION) {
                throw new StoreException(
                        "the store " + address + " cannot be used: PostgreSQL "
                                + connection.getMetaData().getDatabaseProductVersion() + " is older than "
                                + MIN_VERSION,
                        null);
            }
            int session = backend(connection);
            // a transaction that stays open: a pooler in transaction mode may give it the server session of the other
            other.setAutoCommit(false);
            for (int i = 0; i < POOLER_CHECKS; i++) {
                int taken = backend(other);
                if (taken == session || backend(connection) != session) {
                    throw new StoreException(
                            "the store " + address
                                    + " cannot be used: a pooler in transaction mode is between; locks and"
                                    + " notifications belong to a session, so connect to PostgreSQL itself, or set the pooler"
                                    + " to session mode",
                            null);
                }
                other.commit();
            }
        }
    }

    private static int backend(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(START_RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for the store", e);
        }
    }

    private static HikariDataSource pool(PostgresAddress address, String purpose, String options, int size, int idle) {
        return pool(address, purpose, address.properties(purpose, options), size, idle);
    }

    /** Pages wait for readers, and these must not wait for counts. */
    private static HikariDataSource counters(PostgresAddress address) {
        Properties properties = address.properties("counter", COUNTER_OPTIONS);
        // the server ends a count first
        properties.setProperty("socketTimeout", Integer.toString(COUNT_SECONDS + 10));
        return pool(address, "counter", properties, COUNTERS, 0);
    }

    private static HikariDataSource pool(
            PostgresAddress address, String purpose, Properties properties, int size, int idle) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(address.url());
        config.setDataSourceProperties(properties);
        config.setPoolName("store-" + purpose);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(idle);
        config.setConnectionTimeout(TIMEOUT_MS);
        config.setValidationTimeout(TIMEOUT_MS / 2);
        return new HikariDataSource(config);
    }

    /** Removes attempts by dropping the partitions of whole days. */
    private record DroppedDays(AttemptDays days) implements Retention.OldAttempts {

        /** Postpones a day that is in use. */
        @Override
        public int removeBeforeStep(RetentionLimits limits) throws SQLException {
            try {
                return days.dropOldest(limits);
            } catch (SQLException e) {
                if (PostgresFaults.isOfServer(e)) {
                    throw e;
                }
                LOG.info("attempts.drop-postponed: {}", e.getMessage());
                return 0;
            }
        }

        @Override
        public Found find(RetentionLimits limits) {
            return Found.NONE;
        }

        @Override
        public int remove(Statements statements, List<Long> deliveries) {
            return 0;
        }

        @Override
        public int removeOf(Statements statements, Values.Many events) {
            return 0;
        }

        /** Attempts are not older than their delivery, so only some days are searched. */
        @Override
        public String ofDelivery() {
            return " AND attempt.day >= CAST(d.accepted_at / 86400000 AS int)";
        }
    }

    /** The size of the whole database. */
    @Override
    public long size() {
        return reader.first("SELECT pg_database_size(current_database())", row -> row.getLong(1))
                .orElse(0L);
    }

    @Override
    public long walSize() {
        return 0;
    }

    /** Does nothing: the database vacuums itself. */
    @Override
    public CompletionStage<Integer> vacuum(int pages) {
        return CompletableFuture.completedFuture(0);
    }

    @Override
    public String clean() {
        return "PostgreSQL: the rows are gone; vacuum frees their space, and archived WAL keeps them";
    }

    @Override
    public void rewrite() {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM FULL setting, definition, claim");
        } catch (SQLException e) {
            throw fault(e);
        }
    }

    /** The ids of the live instances on this store. */
    public List<String> running() {
        return reader.query(
                "SELECT id FROM instance WHERE expires_at > clock_timestamp() ORDER BY id", row -> row.getString(1));
    }

    @Override
    public void close() {
        if (cluster != null) {
            cluster.stopPolling();
        }
        super.close();
        if (cluster != null) {
            cluster.close();
        } else {
            mergeCount();
        }
        pool.close();
        separatePool.close();
        counters.close();
    }

    private void mergeCount() {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            PendingCount.merge(new Statements(connection, reader.dialect()), instance);
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            LOG.debug("pending-count.merge-failed", e);
        }
    }
}
