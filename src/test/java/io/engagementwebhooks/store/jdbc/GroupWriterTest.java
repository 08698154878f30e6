package io.engagementwebhooks.store.jdbc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.store.sqlite.Checkpoints;
import io.engagementwebhooks.store.sqlite.SqliteDialect;
import io.engagementwebhooks.store.sqlite.SqliteTransactions;
import io.engagementwebhooks.testkit.Patience;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The group writer with its checkpoints. */
@ExtendWith(Patience.class)
class GroupWriterTest {

    /** Long enough that an endless delay fails the test. */
    private static final Duration FOR_EVER = Duration.ofHours(1);

    private static final int PAGE = 1024;

    @TempDir
    Path folder;

    private final AtomicInteger commits = new AtomicInteger();
    private final GroupCommitDelay delay = new GroupCommitDelay(FOR_EVER, System.nanoTime());
    private Connection other;
    private Connection writing;
    private Checkpoints checkpoints;
    private GroupWriter writer;

    @BeforeEach
    void open() throws SQLException {
        other = connection();
        try (Statement statement = other.createStatement()) {
            statement.execute("PRAGMA page_size = " + PAGE);
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("CREATE TABLE thing (name TEXT, content BLOB)");
        }
        writing = connection();
        SqliteDialect dialect = new SqliteDialect(Path.of("thing.db"));
        checkpoints = new Checkpoints(connection(), dialect);
        writer = new GroupWriter(
                "test-writer",
                new SqliteTransactions(writing, dialect, checkpoints, () -> {}),
                new Counting(),
                new WriteCheck(Duration.ofSeconds(5)),
                dialect,
                delay);
    }

    @AfterEach
    void close() throws SQLException {
        checkpoints.close();
        urgent(statements -> null); // ends the wait for others
        writer.close();
        other.close();
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("things.db"));
    }

    /** A part that inserts. */
    private static final class Insert extends GroupWriter.Part<Integer> {

        private final Writer.Work<Integer> work;

        Insert(Writer.Work<Integer> work, boolean canWait) {
            super("acme", 1, canWait);
            this.work = work;
        }
    }

    private final class Counting implements GroupWriter.Steps {

        @Override
        public void begin(Statements statements) {}

        @Override
        public void write(Statements statements, List<GroupWriter.Part<?>> parts) throws SQLException {
            for (GroupWriter.Part<?> part : parts) {
                Insert insert = (Insert) part;
                insert.complete(insert.work.in(statements));
            }
        }

        @Override
        public void end(Statements statements) {}

        @Override
        public void committed(List<GroupWriter.Part<?>> parts) {
            commits.incrementAndGet();
        }

        @Override
        public void rolledBack(List<GroupWriter.Part<?>> parts, boolean inDoubt) {}
    }

    private CompletableFuture<Integer> urgent(Writer.Work<Integer> work) {
        return writer.submit(new Insert(work, false));
    }

    private CompletableFuture<Integer> withOthers(Writer.Work<Integer> work) {
        return writer.submit(new Insert(work, true));
    }

    private static Writer.Work<Integer> insert(String name, int pages) {
        return statements -> statements.update("INSERT INTO thing VALUES (?, zeroblob(?))", name, pages * PAGE);
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private void othersAreExpected() throws Exception {
        get(urgent(statements -> {
            for (int i = 0; i < 100; i++) {
                delay.recordUrgent(1, System.nanoTime());
            }
            return null;
        }));
        commits.set(0);
    }

    @Test
    void a_delayable_write_is_committed_with_the_next_urgent_one() throws Exception {
        othersAreExpected();
        CompletableFuture<Integer> one = withOthers(insert("one", 1));
        CompletableFuture<Integer> two = withOthers(insert("two", 1));
        CompletableFuture<Integer> urgent = urgent(insert("three", 1));

        get(urgent);
        get(one);
        get(two);

        assertEquals(1, commits.get());
        assertEquals(3, count());
    }

    @Test
    void without_expected_urgent_writes_a_delayable_write_is_committed_at_once() throws Exception {
        get(withOthers(insert("one", 1)));

        assertEquals(1, commits.get());
    }

    @Test
    void many_delayable_writes_are_committed_without_an_urgent_one() throws Exception {
        othersAreExpected();
        CompletableFuture<?>[] all = new CompletableFuture<?>[16];
        for (int i = 0; i < all.length; i++) {
            assertEquals(0, commits.get());
            all[i] = withOthers(insert("n" + i, 1));
        }

        get(CompletableFuture.allOf(all));

        assertEquals(1, commits.get());
    }

    /** Otherwise the writes of all accounts would wait with it, for ever. */
    @Test
    void what_is_attached_to_a_write_cannot_wait_for_the_store() throws Exception {
        CompletableFuture<Void> attached = new CompletableFuture<>();
        CompletableFuture<Integer> one = urgent(statements -> {
            attached.join();
            return 1;
        });
        Reader reader = new Reader.Pooled(null, null, new SqliteDialect(Path.of("thing.db")));
        CompletableFuture<?> checked = one.thenAccept(done -> {
            CompletableFuture<Integer> two = urgent(insert("two", 1));
            assertThrows(IllegalStateException.class, () -> two.get(1, TimeUnit.SECONDS));
            assertThrows(IllegalStateException.class, () -> reader.query("SELECT 1", row -> 1));
        });

        attached.complete(null);

        get(checked);
    }

    @Test
    void the_log_is_checkpointed_and_restarted() throws Exception {
        get(urgent(insert("large", Checkpoints.MIN_PAGES + 1_000)));
        await().until(() -> left() == 0);

        get(urgent(insert("small", 1)));

        assertTrue(pages() < 100, "it was not begun again: " + pages());
        assertEquals(2, count());
    }

    @Test
    void a_small_log_is_not_checkpointed() throws Exception {
        get(urgent(insert("small", 1)));
        get(urgent(insert("as small", 1)));

        await().during(Duration.ofMillis(200)).until(() -> left() > 0);
    }

    /** Without another commit, which a full disk may refuse until then. */
    @Test
    void pages_in_use_by_a_reader_are_checkpointed_after_it_ends() throws Exception {
        get(urgent(insert("first", 1)));
        try (Connection reader = connection();
                Statement statement = reader.createStatement()) {
            statement.execute("BEGIN");
            count(statement);
            get(urgent(insert("large", Checkpoints.MIN_PAGES + 1_000)));
            assertFalse(left() == 0);
            statement.execute("ROLLBACK");
        }

        await().until(() -> left() < Checkpoints.MIN_PAGES);
    }

    /** Else a commit would wait for all pages of a log that grew while a backup read the store. */
    @Test
    void the_writer_checkpoints_unless_many_pages_remain() throws Exception {
        get(urgent(insert("first", 1)));
        assertEquals(Checkpoints.WRITER_PAGES, pagesAtWhichTheWriterCheckpoints());
        Connection reader = reading();
        get(urgent(insert("large", Checkpoints.WRITER_PAGES)));
        await().until(checkpoints::isBehind);

        get(urgent(insert("next", 1)));

        assertEquals(0, pagesAtWhichTheWriterCheckpoints());
        reader.close();
        await().until(() -> !checkpoints.isBehind());
        get(urgent(insert("last", 1)));
        assertEquals(Checkpoints.WRITER_PAGES, pagesAtWhichTheWriterCheckpoints());
    }

    private int pagesAtWhichTheWriterCheckpoints() throws SQLException {
        try (Statement statement = writing.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_autocheckpoint")) {
            return row.getInt(1);
        }
    }

    /** What is left, the writer would checkpoint within a commit. Readers keep the log from being begun again. */
    @Test
    void the_end_of_a_large_log_is_checkpointed_soon() throws Exception {
        get(urgent(insert("first", 1)));
        Connection before = reading();
        get(urgent(insert("large", Checkpoints.NEAR_END)));
        Connection atEnd = reading();
        before.close();
        get(urgent(insert("after it", 100)));
        // these are after what the reader reads
        await().until(() -> {
            int left = left();
            return left >= 100 && left < 200;
        });
        Connection newest = reading();
        atEnd.close();

        get(urgent(insert("last", 1)));

        await().until(() -> left() < 50);
        newest.close();
    }

    /** A connection that reads the log as it is now, until it is closed. */
    private Connection reading() throws SQLException {
        Connection reader = connection();
        try (Statement statement = reader.createStatement()) {
            statement.execute("BEGIN");
            count(statement);
        }
        return reader;
    }

    private long count() throws SQLException {
        try (Statement statement = other.createStatement()) {
            return count(statement);
        }
    }

    private static long count(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM thing")) {
            row.next();
            return row.getLong(1);
        }
    }

    private int pages() throws SQLException {
        return log(2);
    }

    private int left() throws SQLException {
        return log(2) - log(3);
    }

    private int log(int column) throws SQLException {
        try (Statement statement = other.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(NOOP)")) {
            row.next();
            return row.getInt(column);
        }
    }
}
