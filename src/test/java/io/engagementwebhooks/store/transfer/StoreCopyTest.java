package io.engagementwebhooks.store.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.StoreFile;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A copy of an embedded store to PostgreSQL. */
@Timeout(300)
class StoreCopyTest {

    /** So small that each of the larger tables has many batches. */
    private static final int BATCH = 20_000;

    private static final int RUNS = 15;

    private static String database;

    @TempDir
    static Path ofClass;

    private static Path sample;

    @TempDir
    Path folder;

    private Path store;

    @BeforeAll
    static void makeSample() throws SQLException {
        database = Postgres.emptyDatabase();
        sample = SampleStore.make(ofClass.resolve("webhooks.db"));
    }

    @AfterAll
    static void dropDatabase() {
        Postgres.drop(database);
    }

    @BeforeEach
    void empty() throws Exception {
        store = Files.copy(sample, folder.resolve("webhooks.db"), StandardCopyOption.REPLACE_EXISTING);
        there("DROP SCHEMA public CASCADE");
        there("CREATE SCHEMA public");
    }

    private static void there(String sql) throws SQLException {
        try (Connection connection = Postgres.connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<Long> numbersThere(String query) throws SQLException {
        try (Connection connection = Postgres.connect(database)) {
            return SampleStore.numbers(connection, query);
        }
    }

    private void here(String sql) throws SQLException {
        try (Connection connection = SampleStore.connect(store)) {
            SampleStore.run(connection, sql);
        }
    }

    private static PostgresAddress address() {
        return new PostgresAddress(database, Postgres.USER, Optional.empty());
    }

    /** Receives the reports of a copy, such as {@code COPYING event}. */
    private static StoreCopy.Progress each(Consumer<String> report) {
        return (step, table, rows, ofTable, all, total) -> report.accept(step + " " + table);
    }

    private static final StoreCopy.Progress QUIET = each(what -> {});

    private static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Ends a copy at its nth progress report. */
    private static StoreCopy.Progress interruptedAt(int nth) {
        AtomicInteger reports = new AtomicInteger();
        return each(what -> {
            if (reports.incrementAndGet() == nth) {
                throw new Interrupted();
            }
        });
    }

    private StoreCopy copy(StoreCopy.Progress progress) {
        return new StoreCopy(store, address(), BATCH, progress);
    }

    private String refused() {
        return assertThrows(StoreException.class, () -> copy(QUIET).run()).getMessage();
    }

    /** The rows of a table as sorted texts, read by queries that the copy does not use. */
    private static TreeSet<String> rows(Connection connection, String table, List<String> columns) throws SQLException {
        TreeSet<String> texts = new TreeSet<>();
        String names = columns.stream().map(TransferTable::quoted).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + names + " FROM " + table)) {
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns.size(); i++) {
                    values.add(text(rows.getObject(i)));
                }
                texts.add(values.toString());
            }
        }
        return texts;
    }

    private static String text(Object value) {
        if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
        if (value instanceof Boolean truth) {
            return truth ? "1" : "0";
        }
        return value == null ? "(null)" : value.toString().replace('\0', '\uFFFD');
    }

    private static Map<String, List<String>> columns(Connection sqlite) throws SQLException {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        try (Statement statement = sqlite.createStatement();
                ResultSet rows = statement.executeQuery("SELECT m.name, c.name FROM sqlite_master m,"
                        + " pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
                        + " AND m.name NOT LIKE 'flyway%' AND NOT (m.name = 'attempt' AND c.name = 'key')"
                        + " AND 'segment' NOT IN (m.name, c.name)")) {
            while (rows.next()) {
                tables.computeIfAbsent(rows.getString(1), name -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
        return tables;
    }

    private void assertSameOnBothSides() throws SQLException {
        try (Connection sqlite = SampleStore.connect(store);
                Connection postgres = Postgres.connect(database)) {
            for (Map.Entry<String, List<String>> table : columns(sqlite).entrySet()) {
                TreeSet<String> here = rows(sqlite, table.getKey(), table.getValue());
                assertFalse(here.isEmpty(), "the sample has rows of table " + table.getKey());
                assertEquals(here, rows(postgres, table.getKey(), table.getValue()), table.getKey());
            }
        }
        assertEquals(List.of(0L), numbersThere("SELECT count(*) FROM pg_class WHERE relname = 'store_copy'"));
    }

    @Test
    void every_row_of_every_table_is_copied() throws Exception {
        StoreCopy.Result result = copy(QUIET).run();
        assertSameOnBothSides();
        try (Connection sqlite = SampleStore.connect(store)) {
            assertEquals(columns(sqlite).size(), result.tables());
        }
        assertTrue(result.rows() > 3 * SampleStore.EVENTS);
    }

    @Test
    void columns_that_only_postgresql_has_are_derived() throws Exception {
        copy(QUIET).run();
        try (Connection connection = Postgres.connect(database);
                Statement statement = connection.createStatement()) {
            ResultSet event = statement.executeQuery("SELECT source, id, identity FROM event WHERE key = 3");
            event.next();
            assertArrayEquals(Hashes.identity(event.getString(1), event.getString(2)), event.getBytes(3));
            ResultSet days = statement.executeQuery(
                    "SELECT day, count(*), min(tableoid::regclass::text) FROM attempt GROUP BY day ORDER BY day");
            for (int day = 19_999; day <= 20_000; day++) {
                days.next();
                assertEquals(day, days.getInt(1));
                assertTrue(days.getInt(2) > 100);
                assertEquals("attempt_" + day, days.getString(3));
            }
            assertFalse(days.next());
        }
        assertEquals(List.of(256L), numbersThere("SELECT count(*) FROM partition WHERE owner IS NULL"));
    }

    @Test
    void sequences_continue_after_the_copied_rows() throws Exception {
        copy(QUIET).run();
        assertEquals(List.of(1_001L), numbersThere("SELECT nextval('delivery_key')"));
        assertEquals(List.of(498L), numbersThere("SELECT nextval('fifo_place')"));
        assertEquals(
                List.of(SampleStore.INCOMPLETE_EVENT + 1),
                numbersThere("SELECT nextval('event_key_seq')"),
                "its deliveries are stored, and it is not");
        assertEquals(List.of(8L), numbersThere("INSERT INTO account (id) VALUES ('next') RETURNING key"));
        assertEquals(
                List.of(43L),
                numbersThere("INSERT INTO system_event (webhook, type, at, since, reason) VALUES (1, 'x', 1, 1, 'x')"
                        + " RETURNING key"),
                "the key of a row that is gone is not used again");
    }

    @Test
    void a_store_on_the_copy_has_the_pending_count() throws Exception {
        copy(QUIET).run();
        long waiting = numbersThere("SELECT count(*) FROM due").get(0);
        assertTrue(waiting > 0);
        for (int opened = 0; opened < 2; opened++) {
            PostgresStore there = PostgresStore.open(address(), Clock.systemUTC());
            assertEquals(waiting, there.waitingCount());
            there.close();
        }
    }

    @Test
    void a_sequence_with_a_large_value_continues() throws Exception {
        here("UPDATE delivery SET key = 9000000001 WHERE key = 1");
        here("UPDATE delivery SET key = 9000001000 WHERE key = 2");
        copy(QUIET).run();
        assertEquals(List.of(9_000_001_001L), numbersThere("SELECT nextval('delivery_key')"));
    }

    @Test
    void an_empty_store_is_copied() throws Exception {
        store = folder.resolve("new.db");
        Migrations.sqlite(store).run();
        assertEquals(1, copy(QUIET).run().rows(), "its revision");
        assertEquals(List.of(1L), numbersThere("SELECT nextval('delivery_key')"));
        assertEquals(List.of(0L), numbersThere("SELECT last FROM revision"));
    }

    @Test
    void a_copy_that_is_interrupted_after_each_batch_continues() throws Exception {
        int runs = 0;
        // a run reports first what earlier ones copied
        while (isInterrupted(runs < RUNS ? 2 + runs % 5 : Integer.MAX_VALUE)) {
            runs++;
            assertEquals(List.of(1L), numbersThere("SELECT count(*) FROM pg_class WHERE relname = 'store_copy'"));
        }
        assertEquals(RUNS, runs);
        assertSameOnBothSides();
    }

    private boolean isInterrupted(int nth) {
        try {
            copy(interruptedAt(nth)).run();
            return false;
        } catch (Interrupted e) {
            return true;
        }
    }

    @Test
    void a_copy_whose_process_is_killed_continues() throws Exception {
        List<String> command = JavaCommand.java(CopyKilled.class);
        command.addAll(List.of(store.toString(), database, Integer.toString(BATCH)));
        Path output = folder.resolve("output");
        Process killed = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(killed.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        assertEquals(CopyKilled.DEAD, killed.exitValue(), Files.readString(output));
        long copied = numbersThere("SELECT count(*) FROM event").get(0);
        assertTrue(copied > 0 && copied < SampleStore.EVENTS, copied + " events");
        List<Long> firstOfEvents = new ArrayList<>();
        copy((step, table, rows, ofTable, all, total) -> {
                    if (table.equals("event") && firstOfEvents.isEmpty()) {
                        firstOfEvents.add(rows);
                    }
                })
                .run();
        assertEquals(List.of(copied), firstOfEvents, "it continues where it was");
        assertSameOnBothSides();
    }

    @Test
    void a_store_whose_process_was_killed_is_copied_with_its_log() throws Exception {
        store = SampleStore.killed(store);
        assertTrue(isInterrupted(8));
        copy(QUIET).run();
        assertSameOnBothSides();
        assertEquals(List.of(1L), numbersThere("SELECT n FROM pending_count WHERE writer = 'in the log'"));
    }

    @Test
    void an_incomplete_copy_is_no_store_and_does_not_continue_once_the_product_ran() throws Exception {
        assertTrue(isInterrupted(12));
        assertTrue(assertThrows(StoreException.class, () -> Migrations.postgres(address())
                        .run())
                .getMessage()
                .endsWith(" is an incomplete copy; run --copy-to again to continue it"));
        here("INSERT INTO pending_count VALUES ('another', 1)");
        assertTrue(refused()
                .contains("holds an incomplete copy of another store, or of this one before it ran again;"
                        + " drop the database, create it again"));
    }

    @Test
    void a_row_that_differs_by_one_byte_is_found() throws Exception {
        StoreException found = assertThrows(StoreException.class, () -> copy(atCheck(
                        "account",
                        "UPDATE event SET document ="
                                + " set_byte(document, 5, (get_byte(document, 5) + 1) % 256) WHERE key = 33"))
                .run());
        assertTrue(
                found.getMessage()
                        .matches("table event differs: 500 rows, checksum [0-9a-f]{16} in"
                                + " SQLite, 500 rows, checksum [0-9a-f]{16} in PostgreSQL; drop the database.*"),
                found.getMessage());
        assertEquals(List.of(1L), numbersThere("SELECT count(*) FROM pg_class WHERE relname = 'store_copy'"));
    }

    @Test
    void a_row_that_is_missing_or_doubled_is_found() {
        for (String change : List.of(
                "DELETE FROM attempt WHERE delivery = 9",
                "INSERT INTO revision SELECT last FROM revision",
                "UPDATE delivery SET replay_of = '' WHERE key = 20",
                "UPDATE webhook SET half_open = NOT half_open")) {
            assertThrows(
                    StoreException.class,
                    () -> {
                        empty();
                        copy(atCheck("account", change)).run();
                    },
                    change);
        }
    }

    /** Changes the target when the check of a table begins. */
    private static StoreCopy.Progress atCheck(String table, String sql) {
        return each(what -> {
            try {
                if (what.equals("VERIFYING " + table)) {
                    there(sql);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void a_value_that_postgresql_cannot_hold_is_named() throws Exception {
        here("UPDATE event SET deliveries = 3000000000 WHERE key = 9");
        assertTrue(
                refused().startsWith("table event has deliveries = 3000000000, which PostgreSQL's column cannot hold"));
    }

    @Test
    void a_batch_that_fails_shows_no_row() throws Exception {
        Migrations.postgres(address()).run();
        there("ALTER TABLE event ADD CHECK (key < 20)");
        String message = refused();
        assertTrue(message.contains("violates check constraint"), message);
        assertTrue(message.length() < 1_000 && !message.contains("call-"), message);
    }

    @Test
    void a_column_of_another_type_is_named() throws Exception {
        Migrations.postgres(address()).run();
        there("ALTER TABLE event ALTER COLUMN deliveries TYPE numeric");
        assertTrue(
                refused()
                        .endsWith(
                                "column deliveries of table event has type numeric in PostgreSQL, which --copy-to cannot write"));
    }

    @Test
    void a_store_in_use_is_not_copied() {
        try (StoreFile held = StoreFile.lock(store)) {
            assertTrue(refused()
                    .startsWith("store in use by pid " + ProcessHandle.current().pid()));
            assertEquals(store, held.path());
        }
    }

    @Test
    void a_database_with_data_is_refused() throws Exception {
        Migrations.postgres(address()).run();
        there("INSERT INTO account (id) VALUES ('acme')");
        there("INSERT INTO setting (name, value) VALUES ('x', '')");
        assertTrue(refused().endsWith("holds data of another store (account, setting); give an empty database"));
        assertEquals(List.of(1L), numbersThere("SELECT count(*) FROM account"));
    }

    @Test
    void a_database_with_other_tables_is_refused() throws Exception {
        there("CREATE TABLE customers (id int)");
        assertTrue(refused().endsWith("holds tables of another program; give an empty database"));
        assertEquals(
                List.of(1L), numbersThere("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
    }

    @Test
    void two_copies_do_not_write_to_a_database_at_the_same_time() throws Exception {
        List<String> refusals = new ArrayList<>();
        copy(each(what -> {
                    if (what.equals("COPYING account")) {
                        Path other = folder.resolve("other.db");
                        Migrations.sqlite(other).run();
                        refusals.add(
                                assertThrows(StoreException.class, () -> new StoreCopy(other, address(), QUIET).run())
                                        .getMessage());
                    }
                }))
                .run();
        assertTrue(
                refusals.get(0).startsWith("another --copy-to writes to jdbc:postgresql://localhost:"),
                refusals.get(0));
    }

    @Test
    void a_password_is_in_no_message() {
        PostgresAddress wrong = new PostgresAddress(
                "jdbc:postgresql://localhost:1/none", "me", Optional.of(Secret.of("hidden-password")));
        StoreException refused = assertThrows(StoreException.class, () -> new StoreCopy(store, wrong, QUIET).run());
        assertTrue(refused.getMessage().startsWith("the database jdbc:postgresql://localhost:1/none cannot be used: "));
        assertFalse(refused.getMessage().contains("hidden"));
    }

    @Test
    void schemas_that_do_not_match_are_refused_by_name() throws Exception {
        Migrations.postgres(address()).run();
        there("ALTER TABLE audit ADD COLUMN extra text");
        assertTrue(refused().endsWith("do not match: table audit has no column extra in SQLite"));
    }

    /** A column that only one of the stores has must be a derived one; this finds forgotten columns. */
    @Test
    void only_two_columns_are_derived() throws Exception {
        Migrations.postgres(address()).run();
        try (Connection sqlite = SampleStore.connect(store);
                CopyTarget target = CopyTarget.open(address())) {
            assertEquals(
                    List.of("event.identity", "attempt.day"),
                    TransferTable.pair(sqlite, target).stream()
                            .flatMap(table -> table.columns().stream()
                                    .filter(table::isDerived)
                                    .map(column -> table.name() + "." + column.name()))
                            .toList());
        }
    }

    @Test
    void checksums_do_not_depend_on_the_order() {
        Checksum forwards = new Checksum();
        Checksum backwards = new Checksum();
        forwards.add("one", 1L, null);
        forwards.add("two", 2L, true);
        backwards.add("two", 2L, true);
        assertFalse(forwards.isSame(backwards));
        backwards.add("one", 1L, null);
        assertTrue(forwards.isSame(backwards));
        backwards.add("one", 1L, null);
        assertFalse(forwards.isSame(backwards));
    }
}
