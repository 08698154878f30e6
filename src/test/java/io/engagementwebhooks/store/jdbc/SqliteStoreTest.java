package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.DeliveryConditions;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.WebhookActivity;
import io.engagementwebhooks.store.sqlite.SqliteDialect;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.store.sqlite.SqliteWrites;
import io.engagementwebhooks.store.sqlite.StoreFile;
import io.engagementwebhooks.testkit.DamagedPage;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded store (semantics 34 and 35). */
public class SqliteStoreTest extends StoreContract {

    @TempDir
    Path folder;

    @Override
    public Store open(Clock clock) {
        MigratedSqlite.copyTo(file());
        return SqliteStore.open(file(), clock);
    }

    private Path file() {
        return folder.resolve("data/webhooks.db");
    }

    private SqliteStore sqlite() {
        return (SqliteStore) store;
    }

    @Override
    protected AutoCloseable holdWrites() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        sqlite().write(connection -> {
            begun.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return null;
        });
        begun.await();
        return over::countDown;
    }

    private Connection another() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file());
    }

    private static String pragma(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static int execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return 0;
        }
    }

    @Test
    void preparing_touches_no_file_of_the_store() {
        Path other = folder.resolve("elsewhere/webhooks.db");
        SqliteStore.prepare(other);
        assertFalse(Files.exists(other.getParent()));
    }

    private CompletionStage<List<Accepted>> submit(String id) {
        return store.events()
                .accept(List.of(SampleIntake.event(id).to("crm", clock).intake()));
    }

    @Test
    void a_closed_store_is_one_complete_file() throws Exception {
        submit("1").toCompletableFuture().join();
        store.due().waitingWebhooks();

        store.close();

        assertTrue(Files.size(file()) > 0);
        assertFalse(Files.exists(folder.resolve("data/webhooks.db-wal")), "a copy of the file alone is complete");
    }

    @Test
    void the_file_is_made_with_small_pages_incremental_vacuum_and_write_ahead_log_and_written_with_full_fsync()
            throws Exception {
        try (Connection reader = another()) {
            assertEquals("2048", pragma(reader, "page_size"));
            assertEquals("2", pragma(reader, "auto_vacuum"));
            assertEquals("wal", pragma(reader, "journal_mode"));
        }
        assertEquals("2", get(sqlite().write(c -> pragma(c.connection(), "synchronous"))));
        assertEquals("1", get(sqlite().write(c -> pragma(c.connection(), "foreign_keys"))));
        assertEquals("5000", get(sqlite().write(c -> pragma(c.connection(), "busy_timeout"))));
    }

    /** No scan of the account's events, because pages query it every two seconds. */
    @Test
    void an_event_is_found_by_its_id_through_the_index_that_leads_to_it() throws Exception {
        List<String> plan =
                plan(EventStore.newest(new SqliteDialect(file()), true).replace("?", "'1'"));
        assertTrue(plan.get(0).contains("(account=? AND id=?)"), plan.toString());
    }

    /** A store with millions of pending deliveries opens at once. */
    @Test
    void opening_a_store_does_not_scan_pending_deliveries() throws Exception {
        List<String> plan = plan(SqliteWrites.LAST_PLACE);
        assertEquals(1, plan.size(), plan.toString());
        assertTrue(plan.get(0).contains("due_fifo"), plan.toString());
    }

    @Test
    void attempts_are_found_by_the_key_of_their_delivery() throws Exception {
        SqliteDialect dialect = new SqliteDialect(file());
        WebhookActivity activity = new WebhookActivity(new Reader.Pooled(null, null, dialect), null);
        for (String query : List.of(DeliveryQueries.attempts(dialect), activity.attempts)) {
            List<String> plan = plan(query.replace("?", "1"));
            assertTrue(plan.contains("SEARCH t USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"), plan.toString());
        }
        List<String> plan = plan(DeliveryQueries.firstDue(dialect).replace("?", "1"));
        assertTrue(plan.contains("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"), plan.toString());
    }

    private List<String> plan(String query) throws SQLException {
        List<String> steps = new ArrayList<>();
        try (Connection reader = another();
                Statement statement = reader.createStatement();
                ResultSet plan = statement.executeQuery("EXPLAIN QUERY PLAN " + query)) {
            while (plan.next()) {
                steps.add(plan.getString("detail"));
            }
        }
        return steps;
    }

    @Test
    void vacuum_gives_the_space_of_removed_rows_back_to_the_file_system() throws Exception {
        get(sqlite().write(c -> execute(
                c.connection(),
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
                        + " INSERT INTO setting (name, value) SELECT 'big-' || i, randomblob(8000) FROM n")));
        get(sqlite().write(c -> execute(c.connection(), "DELETE FROM setting WHERE name LIKE 'big-%'")));
        checkpoint();
        long before = Files.size(file());
        assertTrue(before > 2_000_000, "grown to " + before);
        int freed = 0;
        for (int step = get(store.vacuum(100)); step > 0; step = get(store.vacuum(100))) {
            assertTrue(step <= 100, "a step frees at most what it was asked to");
            freed += step;
        }
        checkpoint();
        assertTrue(freed > 400, freed + " pages freed");
        assertTrue(Files.size(file()) < 500_000, "shrunk to " + Files.size(file()));
    }

    private void checkpoint() throws SQLException {
        try (Connection connection = another()) {
            execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    @Test
    void one_bad_part_of_a_group_fails_alone() throws Exception {
        CountDownLatch gathered = new CountDownLatch(1);
        CompletableFuture<Boolean> first = busyUntil(gathered);
        List<CompletionStage<List<Accepted>>> good = new ArrayList<>();
        good.add(submit("e1"));
        CompletableFuture<Integer> sql = sqlite().write(c -> execute(c.connection(), "INSERT INTO nowhere VALUES (1)"));
        good.add(submit("e2"));
        CompletableFuture<Object> bug = sqlite().write(c -> {
            throw new IllegalStateException("a bug");
        });
        CompletableFuture<Object> error = sqlite().write(c -> {
            throw new StackOverflowError();
        });
        good.add(submit("e3"));
        gathered.countDown();
        assertTrue(get(first));
        failure(StoreException.class, sql);
        failure(IllegalStateException.class, bug);
        failure(StackOverflowError.class, error);
        good.forEach(answer -> assertFalse(get(answer).get(0).duplicate()));
        assertEquals(3, store.waitingCount());
    }

    /** Keeps the writer busy, so that all writes until then form one group. */
    private CompletableFuture<Boolean> busyUntil(CountDownLatch gathered) {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Boolean> busy = sqlite().write(c -> {
            begun.countDown();
            return await(gathered);
        });
        assertTrue(await(begun));
        return busy;
    }

    /** A step of a route may wait for the store after a step that stored. */
    @Test
    void a_callback_that_waits_for_the_store_fails() {
        CompletionStage<Boolean> waiting =
                submit("outer").thenApply(stored -> get(submit("inner")).get(0).duplicate());
        failure(IllegalStateException.class, waiting);
        CompletionStage<Boolean> composed = submit("e1")
                .thenCompose(stored -> submit("e2"))
                .thenApply(stored -> stored.get(0).duplicate());
        assertFalse(get(composed));
        assertFalse(get(submit("afterwards")).get(0).duplicate());
    }

    @Test
    void a_failing_callback_does_not_affect_other_callers() {
        CompletionStage<Object> failing = submit("e1").thenApply(stored -> {
            throw new StackOverflowError();
        });
        assertFalse(get(submit("e2")).get(0).duplicate());
        failure(StackOverflowError.class, failing);
    }

    @Test
    void answers_come_in_the_order_of_the_writes() {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<Boolean>> all = IntStream.range(0, 2_000)
                .mapToObj(i -> submit("e" + i).thenApply(stored -> order.add(i)))
                .toList();
        all.forEach(Patience::get);
        assertEquals(IntStream.range(0, 2_000).boxed().toList(), order);
    }

    @Test
    void a_refusal_in_a_rolled_back_group_is_evaluated_again() throws Exception {
        CountDownLatch gathered = new CountDownLatch(1);
        CompletableFuture<Boolean> head = busyUntil(gathered);
        boolean[] first = {true};
        // fails when the group is retried, as if the disk were full by then
        CompletableFuture<Object> unlucky = sqlite().write(c -> {
            store(c, SampleIntake.event("e1").with("{\"cdr_id\":7}"));
            if (first[0]) {
                first[0] = false;
                return null;
            }
            throw new SQLException("full");
        });
        CompletionStage<List<Accepted>> other = store.events()
                .accept(List.of(
                        SampleIntake.event("e1").with("8").to("crm", clock).intake()));
        CompletableFuture<Integer> bad = sqlite().write(c -> execute(c.connection(), "INSERT INTO nowhere VALUES (1)"));
        gathered.countDown();
        get(head);
        failure(StoreException.class, unlucky);
        failure(StoreException.class, bad);
        assertFalse(get(other).get(0).duplicate());
        assertEquals(1, store.waitingCount());
    }

    private void store(Statements statements, SampleIntake sample) throws SQLException {
        Event event = sample.intake().event();
        statements.update("INSERT INTO account (id) VALUES (?) ON CONFLICT DO NOTHING", event.account());
        statements.update(
                "INSERT INTO event (key, account, source, id, type, accepted_at, data_sha256, deliveries, document)"
                        + " SELECT 99, key, ?, ?, ?, 1, ?, 1, ? FROM account WHERE id = ?",
                event.source(),
                event.id(),
                event.type(),
                event.dataSha256(),
                event.document(),
                event.account());
    }

    /** By the query plan, since a scan of few rows is fast, too. */
    @Test
    void failures_of_a_webhook_are_found_by_index() throws Exception {
        accepted("e1");
        for (String before : new String[] {null, "01M8932RZF000000000009H5KZ"}) {
            DeliveryConditions.Where where = sqlite().deliveries()
                    .conditions()
                    .indexed(SampleQuery.of("acme", "crm", null, "gave-up", null, null, before, 50));
            String plan = get(sqlite().write(statements -> plan(statements, where)));
            assertTrue(plan.contains("delivery_problem_of_webhook (webhook=? AND problem=? AND id<?)"), plan);
        }
    }

    @Test
    void tests_of_a_webhook_are_found_by_index() throws Exception {
        accepted("e1");
        for (String outcome : new String[] {null, "gave-up"}) {
            DeliveryConditions.Where where = sqlite().deliveries()
                    .conditions()
                    .indexed(new DeliveryQuery(
                            "acme", "crm", null, null, null, outcome, null, null, null, true, null, null, 50));
            String plan = get(sqlite().write(statements -> plan(statements, where)));
            assertTrue(plan.contains("delivery_test_of_webhook (webhook=?"), plan);
        }
    }

    private static String plan(Statements statements, DeliveryConditions.Where where) throws SQLException {
        return String.join(
                "\n",
                statements.query(
                        "EXPLAIN QUERY PLAN SELECT d.id, e.id FROM delivery d JOIN event e ON e.key = d.event "
                                + where.sql() + " ORDER BY d.id DESC LIMIT 50",
                        row -> row.getString(4),
                        where.values()));
    }

    /** The writer's count equals the rows after random operations. */
    @Test
    void the_pending_count_is_exact_after_random_operations() throws Exception {
        Random random = new Random(20261124);
        List<String> ids = new ArrayList<>();
        for (int round = 0; round < 100; round++) {
            List<CompletionStage<?>> group = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                group.add(anything(random, ids));
            }
            for (CompletionStage<?> each : group) {
                each.handle((done, failure) -> null).toCompletableFuture().get(60, TimeUnit.SECONDS);
            }
            assertEquals(counted(), store.waitingCount(), "round " + round);
            assertEquals(countedByWebhook(), store.backlogs().largestBacklogs("acme", 10), "round " + round);
        }
        assertTrue(counted() > 20 && ids.size() - counted() > 20, "some wait and some have ended");
        store.close();
        store = open(clock);
        assertEquals(counted(), store.waitingCount());
    }

    private long counted() throws SQLException {
        return countedByWebhook().values().stream().mapToLong(Long::longValue).sum();
    }

    private Map<WebhookId, Long> countedByWebhook() throws SQLException {
        Map<WebhookId, Long> counted = new HashMap<>();
        try (Connection reader = another();
                Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("SELECT r.name, count(*) FROM delivery d"
                        + " JOIN resource r ON r.key = d.webhook JOIN due u ON u.delivery = d.key"
                        + " AND u.due_at = d.due_at WHERE d.state = 'waiting' GROUP BY r.key")) {
            while (rows.next()) {
                counted.put(Ids.webhook("acme", rows.getString(1)), rows.getLong(2));
            }
        }
        return counted;
    }

    private CompletionStage<?> anything(Random random, List<String> ids) {
        String id = ids.isEmpty() ? "nothing" : ids.get(random.nextInt(ids.size()));
        return switch (random.nextInt(10)) {
            case 0 -> store.outcomes().record(delivered(id));
            case 1 ->
                store.outcomes()
                        .record(new AttemptResult(
                                id, CRM, DeliveryState.WAITING, "no token", clock.instant(), null, null, null));
            case 2 ->
                store.outcomes()
                        .record(new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "no", null, null, null, null));
            case 3 -> store.replays().replay("acme", id, random.nextBoolean() ? null : made(ids), clock.instant());
            case 4 -> refusedBatch();
            case 5 -> sqlite().write(c -> execute(c.connection(), "INSERT INTO nowhere VALUES (1)"));
            case 6 -> oneStepOfRetention();
            case 7 -> store.due().discard(CRM, List.of(id), "no", clock.instant());
            default -> acceptedBatch(random, ids);
        };
    }

    private String made(List<String> ids) {
        String id = SampleIntake.newId(clock);
        ids.add(id);
        return id;
    }

    /** Its first event is stored and then rolled back, because the second one is refused. */
    private CompletionStage<?> refusedBatch() {
        clock.pass(Duration.ofMillis(1));
        // a new id each time, because retention may remove the event in between
        String same = "same" + clock.millis();
        accept(SampleIntake.event(same));
        return store.events()
                .accept(List.of(
                        SampleIntake.event("new" + clock.millis())
                                .to("crm", clock)
                                .intake(),
                        SampleIntake.event(same)
                                .with("{\"other\":1}")
                                .to("crm", clock)
                                .intake()));
    }

    private CompletionStage<?> acceptedBatch(Random random, List<String> ids) {
        List<Intake> batch = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            clock.pass(Duration.ofMillis(1));
            SampleIntake intake = SampleIntake.event("e" + clock.millis())
                    .about("call/7")
                    .to("crm", clock)
                    .waitingFor("data.rec", Duration.ofMinutes(5), "erp", clock)
                    .skipped("condition failed", "log", clock);
            intake.deliveries().forEach(delivery -> ids.add(delivery.id()));
            batch.add(intake.intake());
        }
        return store.events().accept(batch);
    }

    private CompletionStage<?> oneStepOfRetention() {
        clock.pass(Duration.ofHours(1));
        Instant now = clock.instant();
        Instant old = now.minus(Duration.ofHours(3));
        return store.retain(SampleLimits.of(now, old, old, old, now.minus(Duration.ofHours(12)), 3));
    }

    @Test
    void a_full_store_fails_each_write_with_nothing_half_written_and_recovers() throws Exception {
        accepted("before");
        long pages = Long.parseLong(get(sqlite().write(c -> pragma(c.connection(), "page_count"))));
        get(sqlite().write(c -> pragma(c.connection(), "max_page_count = " + (pages + 2))));
        String big = "\"" + "x".repeat(50_000) + "\"";
        List<CompletionStage<List<Accepted>>> answers = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            SampleIntake intake = SampleIntake.event("big" + i).with(big).to("crm", clock);
            answers.add(store.events()
                    .accept(List.of(
                            SampleIntake.event("small" + i).to("crm", clock).intake(), intake.intake())));
        }
        answers.forEach(answer -> failure(StoreException.class, answer));
        assertEquals(1, store.waitingCount());
        // replacing a few bytes still works; only larger values do not fit
        get(store.settings().setting("small", new byte[] {1}));
        assertThrows(StoreException.class, store::checkWritable);
        assertThrows(StoreException.class, store::checkWritable);
        get(sqlite().write(c -> pragma(c.connection(), "max_page_count = 1073741823")));
        store.checkWritable();
        assertEquals(1, store.settings().setting("writable-at").orElseThrow().length);
        SampleIntake again = SampleIntake.event("big1").with(big).to("crm", clock);
        assertFalse(accept(again).duplicate());
        assertFalse(accept(SampleIntake.event("small1").to("crm", clock)).duplicate());
        assertEquals(3, store.waitingCount());
        assertEquals("ok", get(sqlite().write(c -> pragma(c.connection(), "integrity_check"))));
    }

    @Test
    void a_locked_store_fails_all_queued_writes_at_once_and_recovers() throws Exception {
        get(sqlite().write(c -> pragma(c.connection(), "busy_timeout = 50")));
        List<CompletionStage<List<Accepted>>> answers = new ArrayList<>();
        try (Connection other = another()) {
            execute(other, "BEGIN EXCLUSIVE");
            for (int i = 0; i < 500; i++) {
                answers.add(submit("e" + i));
            }
            for (CompletionStage<List<Accepted>> answer : answers) {
                failure(StoreException.class, answer);
            }
            assertThrows(StoreException.class, store::checkWritable);
            execute(other, "ROLLBACK");
        }
        assertEquals(0, store.waitingCount());
        assertFalse(get(submit("e1")).get(0).duplicate());
        store.checkWritable();
    }

    @Test
    void another_program_can_write_while_the_store_is_idle() throws Exception {
        get(submit("e1"));
        try (Connection other = another()) {
            execute(other, "INSERT INTO setting VALUES ('theirs', x'01')");
        }
        assertTrue(store.settings().setting("theirs").isPresent());
    }

    @Test
    void a_second_store_on_the_same_file_names_the_process_that_has_it() {
        StoreException inUse = assertThrows(StoreException.class, () -> SqliteStore.open(file(), clock));
        String pid = Long.toString(ProcessHandle.current().pid());
        assertTrue(inUse.getMessage().startsWith("store in use by pid " + pid + ":"), inUse.getMessage());
        get(submit("e1"));
    }

    @Test
    void another_process_on_the_same_file_names_the_process_that_has_it() throws Exception {
        List<String> command = JavaCommand.java(Opening.class);
        command.add(file().toString());
        Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(other.getInputStream().readAllBytes());
        assertTrue(other.waitFor(180, TimeUnit.SECONDS));
        String pid = Long.toString(ProcessHandle.current().pid());
        assertTrue(output.contains("store in use by pid " + pid + ":"), output);
    }

    /** Opens a store in a separate process. */
    static final class Opening {
        public static void main(String[] arguments) {
            try {
                SqliteStore.open(Path.of(arguments[0]), Clock.systemUTC()).close();
            } catch (StoreException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void the_lock_ends_with_the_store() {
        store.close();
        store = open(clock);
        store.checkWritable();
    }

    @Test
    void a_file_that_is_not_a_database_is_named_and_left_unlocked() throws IOException {
        Path other = folder.resolve("text.db");
        Files.writeString(other, "this is not a database, and never was one".repeat(100));
        StoreException fault = assertThrows(StoreException.class, () -> SqliteStore.open(other, clock));
        assertTrue(fault.getMessage().contains("text.db"), fault.getMessage());
        assertTrue(new File(other.toString()).delete());
        SqliteStore.open(other, clock).close();
    }

    @Test
    void damage_is_reported_by_the_first_statement_that_finds_it_and_until_a_restart() throws Exception {
        accepted("before");
        meets("audit_of_account", () -> store.definitions().entries("acme", Long.MAX_VALUE, 10));
        meets("due", () -> store.due().waitingWebhooks());
        meets("record_slot", () -> {
            throw failure(
                    StoreException.class, sqlite().write(c -> execute(c.connection(), "DELETE FROM record_slot")));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-wal", "-shm"})
    void a_store_whose_file_is_gone_accepts_nothing_until_it_is_back(String end) throws Exception {
        accepted("before");
        Path one = file().resolveSibling(file().getFileName() + end);
        Path away = folder.resolve("away");
        try (LogLines lines = new LogLines(StoreFile.class)) {
            Files.move(one, away);
            String gone = failure(StoreException.class, submit("lost")).getMessage();
            assertTrue(gone.contains(file() + " or its -wal or -shm file was deleted or replaced"), gone);
            failure(StoreException.class, submit("lost too"));
            assertEquals(
                    gone,
                    assertThrows(StoreException.class, store::checkWritable).getMessage());
            Files.createFile(one);
            assertThrows(StoreException.class, store::checkWritable, "another file is none");
            Files.move(away, one, StandardCopyOption.REPLACE_EXISTING);
            store.checkWritable();
            get(submit("after"));

            assertEquals(1, lines.texts().size(), lines.texts().toString());
        }
        store.close();
        store = open(clock);
        assertEquals(
                1, store.events().events("acme", "after", Long.MAX_VALUE, 10).size());
    }

    /** Damages the root page of a table or index while the store runs. */
    private void meets(String table, Executable use) throws Exception {
        DamagedPage page = DamagedPage.root(file(), table);
        String damaged = assertThrows(StoreException.class, use, table).getMessage();
        assertTrue(damaged.startsWith("the store " + file() + " is damaged: [SQLITE_CORRUPT]"), damaged);
        assertTrue(damaged.endsWith("restore a backup or recover what can be read (docs/operations.md)"), damaged);
        assertEquals(
                damaged,
                assertThrows(StoreException.class, store::checkWritable).getMessage());
        assertEquals(
                damaged,
                failure(StoreException.class, submit("during " + table)).getMessage());
        assertEquals(
                1, store.events().events("acme", "before", Long.MAX_VALUE, 10).size(), "what is sound can be read");
        store.close();
        page.close();
        store = open(clock);
        store.checkWritable();
        assertFalse(get(submit("during " + table)).get(0).duplicate(), "nothing was written");
    }
}
