package io.engagementwebhooks.store.sqlite;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.AuditTrail;
import io.engagementwebhooks.store.DefinitionStore;
import io.engagementwebhooks.store.DeliveryQuery;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.EventLog;
import io.engagementwebhooks.store.FanOutPart;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.HeldUp;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Share;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The embedded store: one SQLite file in WAL mode, one writer that commits in groups with an fsync each, one
 * that takes its log over into the file, and read-only connections: one for what is due, and a small pool.
 *
 * @see <a href="https://www.sqlite.org/wal.html">Write-Ahead Logging</a>
 */
public final class SqliteStore implements Store {

    private static final int BUSY_TIMEOUT_MS = 5_000;
    private static final int READERS = 4;

    /** A place is marked as used at most so often. */
    private static final Duration PLACE_USE = Duration.ofDays(1);

    /** SQLITE_ERROR, TOOBIG, CONSTRAINT, MISMATCH and RANGE. */
    private static final Set<Integer> OF_STATEMENT = Set.of(1, 18, 19, 20, 25);

    private static final int LARGEST_IDLE_WAL = 64 * 1024 * 1024;

    private final StoreFile file;
    private final GroupCommit writer;
    private final WriteCheck check;
    private final Writes writes;
    private final WaitingCount waiting;
    private final HikariDataSource pool;
    private final Reads reads;
    private final DueReads dueReads;
    private final Checkpoints checkpoints;
    private final Retention retention;
    private final Definitions definitions;
    private final Waits waits;
    private final PendingFanOuts fanOuts;
    private final KeptFigures figures;
    private final Accepteds accepteds;
    private final Replays replays;
    private final Clock clock;

    private SqliteStore(
            StoreFile file,
            GroupCommit writer,
            WriteCheck check,
            Writes writes,
            WaitingCount waiting,
            HikariDataSource pool,
            Reads reads,
            Checkpoints checkpoints,
            Clock clock) {
        this.file = file;
        this.writer = writer;
        this.check = check;
        this.writes = writes;
        this.pool = pool;
        this.waiting = waiting;
        this.reads = reads;
        this.dueReads = new DueReads(() -> DriverManager.getConnection(url(file.path()), readerProperties()));
        this.checkpoints = checkpoints;
        this.retention = new Retention(reads, waiting);
        this.definitions = new Definitions(writer, reads, writes);
        this.waits = new Waits(writer, reads, writes);
        this.fanOuts = new PendingFanOuts(writer, reads, writes);
        this.figures = new KeptFigures(writer, reads);
        this.accepteds = new Accepteds(reads);
        this.replays = new Replays(writer, reads, writes, definitions);
        this.clock = clock;
    }

    /**
     * Opens a store, making the file and its folder where they are missing, and holds it for this process.
     *
     * @param path the database file
     * @param clock the time written into rows
     * @throws StoreException if the file is held by another process or cannot be opened
     */
    public static SqliteStore open(Path path, Clock clock) {
        StoreFile file = StoreFile.hold(path);
        try {
            // closing the last connection takes the whole log over, which would be waited for here, after a kill
            try (Connection held = connect(path)) {
                create(held);
                migrate(path);
                return open(file, clock, path);
            }
        } catch (SQLException | RuntimeException e) {
            file.close();
            throw new StoreException("cannot open the store " + path + ": " + words(e), e);
        }
    }

    /**
     * Unpacks and loads what {@link #open} needs, and touches no file of a store: it may be done beside something else.
     *
     * @throws StoreException if it fails; opening will fail, too
     */
    public static void prepare(Path path) {
        try {
            SQLiteJDBCLoader.initialize();
            flyway(path);
        } catch (Exception e) {
            throw new StoreException("SQLite's library cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** A store's file, its log and the index of its log, as far as they are there: each holds payloads. */
    public static List<Path> filesWithPayloads(Path path) {
        return Stream.of("", "-wal", "-shm")
                .map(end -> path.resolveSibling(path.getFileName() + end))
                .filter(Files::exists)
                .toList();
    }

    private static String words(Exception e) {
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
        Connection connection = DriverManager.getConnection(url(file.path()), writerProperties());
        try {
            leaveCheckpointsToOthers(connection);
            Prepared prepared = new Prepared(connection);
            Reads reads = new Reads(pool);
            WaitingCount waiting = new WaitingCount(reads.waitingByWebhook());
            Writes writes = new Writes(connection, prepared, waiting, clock);
            Checkpoints checkpoints =
                    new Checkpoints(DriverManager.getConnection(url(file.path()), checkpointProperties()));
            try {
                WriteCheck check = new WriteCheck(Duration.ofMillis(BUSY_TIMEOUT_MS));
                GroupCommit writer = new GroupCommit(connection, prepared, writes, checkpoints, check);
                return new SqliteStore(file, writer, check, writes, waiting, pool, reads, checkpoints, clock);
            } catch (SQLException | RuntimeException e) {
                checkpoints.close();
                throw e;
            }
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static void leaveCheckpointsToOthers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = " + Checkpoints.BY_THE_WRITER);
        }
    }

    private static String url(Path path) {
        return "jdbc:sqlite:" + path;
    }

    /**
     * The order matters: what comes before the change to WAL, which writes the first page, is fixed by it. Pages of twice
     * SQLite's usual size are fewer to write in a group; a file from before keeps its own.
     */
    private static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size = 8192");
            statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
            statement.execute("PRAGMA journal_mode = WAL");
        }
    }

    private static Connection connect(Path path) throws SQLException {
        return DriverManager.getConnection(url(path));
    }

    private static void migrate(Path path) {
        flyway(path).migrate();
    }

    private static Flyway flyway(Path path) {
        return Flyway.configure(SqliteStore.class.getClassLoader())
                .dataSource(url(path), null, null)
                .locations("classpath:db/sqlite")
                .loggers("slf4j")
                .load();
    }

    private static Properties writerProperties() {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MS));
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        properties.setProperty("journal_size_limit", Integer.toString(LARGEST_IDLE_WAL));
        properties.setProperty("cache_size", "-32768");
        // the driver would ask for the last row's number after each write
        properties.setProperty("jdbc.get_generated_keys", "false");
        return properties;
    }

    private static Properties checkpointProperties() {
        Properties properties = new Properties();
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MS));
        return properties;
    }

    private static Properties readerProperties() {
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

    /** Whether the file cannot be written now, rather than that statement. */
    static boolean isOfStore(SQLException fault) {
        return !(fault instanceof SQLiteException sqlite) || !OF_STATEMENT.contains(sqlite.getResultCode().code & 0xff);
    }

    static StoreException unavailable(SQLException cause) {
        return new StoreException("the store cannot do it now: " + cause.getMessage(), cause);
    }

    @Override
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        List<List<FanOutPart>> fanOuts = intakes.stream()
                .map(intake -> intake.isFanOut() ? Writes.fanOut(intake) : List.<FanOutPart>of())
                .toList();
        return writer.submit(
                Intake.account(intakes), Intake.rows(intakes), connection -> writes.accept(intakes, fanOuts));
    }

    @Override
    public CompletionStage<Recorded> record(TryResult result) {
        String account = result.webhook().account();
        int rows = result.rows();
        // the next of its FIFO key, or the next write to the same record, waits for it
        return result.fifo() != null || !result.written().isEmpty()
                ? writer.submit(account, rows, connection -> writes.record(result))
                : writer.submitWithOthers(account, rows, connection -> writes.record(result));
    }

    @Override
    public Optional<String> supersededBy(RecordKey record, String delivery) {
        return reads.supersededBy(record, delivery);
    }

    /** A place that is known is read, not written: nearly all of them are. */
    @Override
    public CompletionStage<OptionalInt> place(RecordKey record, String member, int most) {
        Instant now = clock.instant();
        return reads.place(record, member, now.minus(PLACE_USE))
                .<CompletionStage<OptionalInt>>map(number -> CompletableFuture.completedFuture(OptionalInt.of(number)))
                .orElseGet(() -> writer.submit(record.account(), 1, connection -> writes.records()
                        .place(record, member, most, now.toEpochMilli())));
    }

    @Override
    public List<WaitingWebhook> waiting() {
        return reads.waiting();
    }

    @Override
    public DueSearch.Found due(DueSearch search) {
        return dueReads.due(search);
    }

    @Override
    public long dueCount(WebhookId webhook, Instant at, int most) {
        return dueReads.dueCount(webhook, at, most);
    }

    @Override
    public Optional<Instant> nextDue(WebhookId webhook, Share share, Instant after) {
        return dueReads.nextDue(webhook, share, after);
    }

    @Override
    public List<WebhookState> webhookStates() {
        return reads.webhookStates();
    }

    @Override
    public Optional<WebhookState> webhookState(WebhookId webhook) {
        return reads.state(webhook);
    }

    @Override
    public CompletionStage<WebhookState> setState(
            WebhookId webhook, WebhookState.State state, String reason, Instant since) {
        return writer.submit(webhook.account(), 1, connection -> writes.setState(webhook, state, reason, since));
    }

    @Override
    public CompletionStage<Void> rename(WebhookId from, String newName) {
        CompletableFuture<Void> renamed = writer.submit(from.account(), 1, connection -> writes.rename(from, newName));
        return fanOuts.rename(from, newName).thenCombine(renamed, (parts, webhook) -> null);
    }

    @Override
    public List<DeliveryRow> deliveries(DeliveryQuery query) {
        return reads.deliveries(query);
    }

    @Override
    public Found search(DeliveryQuery query, int look) {
        return reads.search(query, look);
    }

    @Override
    public Optional<DeliveryRow> delivery(String account, String id) {
        return reads.delivery(account, id);
    }

    @Override
    public Optional<DueDelivery> kept(String account, String id) {
        return reads.kept(account, id);
    }

    @Override
    public List<AttemptRow> attempts(String deliveryId) {
        return reads.attempts(deliveryId);
    }

    @Override
    public CompletionStage<Replayed> replay(String account, String id, String newId, Instant now) {
        return writer.submit(account, 1, connection -> writes.replay(account, id, newId, now));
    }

    @Override
    public List<WebhookId> withUnsent() {
        return reads.withUnsent();
    }

    @Override
    public CompletionStage<Released> release(
            WebhookId webhook, boolean refusedToo, Instant now, Waiting after, int look) {
        HeldUp heldUp = reads.heldUp(webhook, refusedToo, after, look);
        return heldUp.deliveries().isEmpty()
                ? CompletableFuture.completedFuture(new Released(0, heldUp.lookedUpTo()))
                : writer.submit(
                        webhook.account(),
                        heldUp.deliveries().size(),
                        connection -> new Released(writes.makeDue(heldUp.deliveries(), now), heldUp.lookedUpTo()));
    }

    @Override
    public List<Notice> notices(int limit) {
        return reads.notices(limit);
    }

    @Override
    public CompletionStage<Void> told(long notice) {
        return writer.submit(connection -> writes.told(notice));
    }

    @Override
    public Map<String, Long> waiting(String account, Collection<String> webhooks) {
        return reads.waiting(account, webhooks, waiting);
    }

    @Override
    public List<String> webhookNames(String account, String after, int limit) {
        return reads.webhookNames(account, after, limit);
    }

    @Override
    public Optional<List<String>> webhooksThatWait(String account, int most) {
        return reads.webhooksThatWait(account, most, waiting);
    }

    @Override
    public Map<String, Long> mostWaiting(String account, int limit) {
        return reads.mostWaiting(account, limit, waiting);
    }

    @Override
    public Map<WebhookId, Long> mostWaiting(int limit) {
        return reads.mostWaiting(limit, waiting);
    }

    @Override
    public Map<WebhookId, Map<DeliveryState, Long>> figures(Collection<String> accounts) {
        return reads.figures(accounts);
    }

    @Override
    public long waitingCount() {
        return waiting.get();
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public CompletionStage<RetentionStep> retain(RetentionLimits limits, SettingAside aside) {
        Retention.Plan plan = retention.plan(limits);
        Map<String, WebhookId> setAside = reads.webhooksOf(plan.waiting());
        setAside.entrySet().removeIf(entry -> !aside.setAside(entry.getValue(), entry.getKey()));
        return writer.submit(connection -> {
                    writes.records().forget(limits.identitiesBefore().toEpochMilli(), limits.rows());
                    Set<Fifos.Key> left = writes.fifos().leaving(List.copyOf(setAside.keySet()));
                    RetentionStep step = retention.carryOut(
                            connection,
                            plan.givingUp(setAside.keySet()),
                            limits.now().toEpochMilli());
                    writes.fifos().letFirst(left, limits.now());
                    return step;
                })
                .whenComplete(
                        (done, failure) -> setAside.forEach((delivery, webhook) -> aside.giveBack(webhook, delivery)));
    }

    @Override
    public CompletionStage<Integer> vacuum(int pages) {
        return writer.submit(connection -> {
            try (Statement statement = connection.createStatement()) {
                int before = freePages(statement);
                // executed as an update it runs to its end; asked as a query it would free one page
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

    @Override
    public void checkWritable() {
        check.check(value -> writer.submit(connection -> writes.setting("writable-at", value)));
    }

    @Override
    public Optional<byte[]> setting(String name) {
        return reads.setting(name);
    }

    @Override
    public CompletionStage<Void> setting(String name, byte[] value) {
        return writer.submit(connection -> writes.setting(name, value));
    }

    @Override
    public CompletionStage<Void> settings(Map<String, Optional<byte[]>> changes) {
        return writer.submit(connection -> writes.settings(changes));
    }

    @Override
    public FanOuts fanOuts() {
        return fanOuts;
    }

    @Override
    public Figures figures() {
        return figures;
    }

    @Override
    public EventLog events() {
        return accepteds;
    }

    @Override
    public WaitingDeliveries waitingDeliveries() {
        return waits;
    }

    @Override
    public ReplayJobs replays() {
        return replays;
    }

    @Override
    public DefinitionStore definitions() {
        return definitions;
    }

    @Override
    public AuditTrail audit() {
        return definitions;
    }

    /**
     * Writes the file anew, so that nothing of what was removed or replaced is left in it or its log. It takes as long, and
     * as much room, as a copy of the store; nothing else may use the store meanwhile.
     *
     * @throws StoreException if it fails; the store is as it was then
     */
    @Override
    public void rewrite() {
        try (Connection connection = connect(file.path());
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    /** Work of one's own in the writer's transaction. */
    <T> CompletableFuture<T> write(GroupCommit.Work<T> work) {
        return writer.submit(work);
    }

    /** Bytes of the write-ahead log; it grows where a reader keeps checkpoints from resetting it. */
    @Override
    public long walSize() {
        return file.walSize();
    }

    @Override
    public void close() {
        pool.close();
        dueReads.close();
        checkpoints.close();
        // last, for the last connection takes the write-ahead log into the file, which one that only reads cannot
        writer.close();
        file.close();
    }
}
