package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.postgres.PostgresWrites;
import io.engagementwebhooks.store.query.Backlogs;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store in PostgreSQL, used by one process. */
public class PostgresStoreTest extends StoreContract {

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    @Override
    public Store open(Clock clock) {
        return PostgresStore.open(new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty()), clock);
    }

    @Override
    protected AutoCloseable holdWrites() throws SQLException {
        Connection connection = DATABASE.connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE event, delivery IN EXCLUSIVE MODE");
        }
        return connection;
    }

    private long query(String sql) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void a_start_names_the_fault_of_the_database() {
        String nowhere = DATABASE.url() + "_nowhere";
        StoreException failed = assertThrows(
                StoreException.class,
                () -> PostgresStore.open(new PostgresAddress(nowhere, Postgres.USER, Optional.empty()), clock));
        String reported = failed.getMessage();
        assertTrue(reported.contains("the store " + nowhere + " cannot be used"), reported);
        assertTrue(reported.contains("webhooks.store.url"), reported);
    }

    @Test
    void an_empty_database_gets_its_tables_at_the_first_start_and_keeps_what_is_in_them_at_the_next() {
        PostgresAddress empty = new PostgresAddress(Postgres.emptyDatabase(), Postgres.USER, Optional.empty());
        SampleIntake intake = SampleIntake.event("e1").to("crm", clock);
        try {
            try (Store first = PostgresStore.open(empty, clock)) {
                get(first.events().accept(List.of(intake.intake())));
            }
            try (Store next = PostgresStore.open(empty, clock)) {
                assertTrue(
                        next.deliveries().delivery("acme", intake.deliveryId()).isPresent());
            }
        } finally {
            Postgres.drop(empty.url());
        }
    }

    private int days() throws SQLException {
        return (int) query("SELECT count(*) FROM pg_inherits WHERE inhparent = 'attempt'::regclass");
    }

    @Test
    void an_old_day_of_attempts_is_dropped_and_needed_attempts_move() throws SQLException {
        String gone = accepted("e1").deliveryId();
        get(store.outcomes().record(delivered(gone)));
        SampleIntake stays = SampleIntake.event("e2").to("crm", clock).to("erp", clock);
        accept(stays);
        get(store.outcomes().record(delivered(stays.deliveryId())));
        assertEquals(2, days(), "today and tomorrow");
        clock.pass(Duration.ofDays(10));
        Instant old = clock.instant().minus(Duration.ofDays(2));
        RetentionLimits limits =
                SampleLimits.of(clock.instant(), old, old, old, clock.instant().minus(Duration.ofDays(90)), 100);
        int attempts = 0;
        for (RetentionStep step = get(store.retain(limits)); ; step = get(store.retain(limits))) {
            attempts += step.attempts();
            if (!step.more()) {
                break;
            }
        }
        get(store.retain(limits));
        assertEquals(1, attempts);
        assertEquals(List.of(), store.deliveries().attempts("acme", gone));
        assertEquals(
                1,
                store.deliveries().attempts("acme", stays.deliveryId()).size(),
                "a delivery of its event waits still");
        assertEquals(2, days(), "of before, none");
    }

    private RetentionLimits payloadsBefore(Instant time) {
        Instant never = Instant.EPOCH;
        return SampleLimits.of(clock.instant(), time, never, never, never, 100);
    }

    private void retain(RetentionLimits limits) {
        RetentionStep step = get(store.retain(limits));
        while (step.more()) {
            step = get(store.retain(limits));
        }
    }

    /** A replay locks the events that it will send. */
    @Test
    void a_replay_that_commits_while_payloads_are_removed_has_its_payload() throws Exception {
        String id = accepted("e1").deliveryId();
        get(store.outcomes().record(delivered(id)));
        String other = accepted("e2").deliveryId();
        get(store.outcomes().record(delivered(other)));
        clock.pass(Duration.ofDays(1));
        CountDownLatch replayed = new CountDownLatch(1);
        CountDownLatch retained = new CountDownLatch(1);
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        try (PostgresStore another = PostgresStore.open(address, clock)) {
            CompletionStage<?> replay = another.write(statements -> {
                another.replays().replay(statements, "acme", id, null, clock.instant(), true);
                replayed.countDown();
                return await(retained);
            });
            assertTrue(await(replayed));
            retain(payloadsBefore(clock.instant()));
            retained.countDown();
            get(replay);
        }
        assertEquals(
                List.of(id),
                Due.of(store.due(), CRM, clock.instant(), 10, Set.of()).stream()
                        .map(DueDelivery::id)
                        .toList());
        assertEquals(1, query("SELECT count(*) FROM event WHERE document IS NOT NULL"), "the other's is gone");
        assertEquals(
                1,
                query("SELECT count(*) FROM event e JOIN delivery d ON d.event = e.key"
                        + " WHERE d.state = 'waiting' AND e.document IS NOT NULL"));
    }

    /** The other transaction is an event with the awaited field, or a manual retry. */
    @Test
    void a_delivery_moved_by_another_transaction_while_its_outcome_is_recorded_is_not_due() throws Exception {
        String ended = accepted("e1").deliveryId();
        String postponed = accepted("e2").deliveryId();
        CompletionStage<Recorded> end;
        CompletionStage<Recorded> postpone;
        Instant later = clock.instant().plusSeconds(60);
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE due SET due_at = due_at + 1");
            statement.execute("UPDATE delivery SET due_at = due_at + 1");
            end = store.outcomes().record(delivered(ended));
            postpone = store.outcomes().record(tryLater(postponed, 1, Duration.ofMinutes(1)));
            Awaitility.await()
                    .until(() -> query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND datname = current_database()")
                            > 0);
            connection.commit();
        }
        get(end);
        get(postpone);
        assertEquals(1, query("SELECT count(*) FROM due"));
        assertEquals(later.toEpochMilli(), query("SELECT due_at FROM due"));
        assertEquals(
                1, query("SELECT count(*) FROM due u JOIN delivery d ON d.key = u.delivery AND d.due_at = u.due_at"));
    }

    /** Otherwise the failures before the resume would disable the webhook at once. */
    @Test
    void a_concurrent_resume_restarts_the_time_of_failing() throws Exception {
        String id = accepted("e1").deliveryId();
        get(store.outcomes().record(tryLater(id, 1, Duration.ofSeconds(1))));
        assertEquals(START.toEpochMilli(), query("SELECT unwell_since FROM webhook"));
        clock.pass(Duration.ofHours(1));
        CompletionStage<Recorded> failure;
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE webhook SET state = 'active', unwell_since = NULL");
            failure = store.outcomes().record(tryLater(id, 2, Duration.ofSeconds(1)));
            Awaitility.await()
                    .until(() -> query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND datname = current_database()")
                            > 0);
            connection.commit();
        }
        get(failure);
        assertEquals(clock.instant().toEpochMilli(), query("SELECT unwell_since FROM webhook"));
    }

    @Test
    void what_was_changed_after_a_revision_is_reported_with_what_was_removed() {
        ResourceName one = new ResourceName("acme", "webhook", "one");
        ResourceName two = new ResourceName("acme", "webhook", "two");
        DefinitionRow first = definition(one, "1");
        assertTrue(get(store.definitions().change(List.of(DefinitionStore.Change.create(first)), List.of())));
        DefinitionStore.Since since = store.definitions().since(0);
        assertEquals(
                Set.of(one),
                since.changes().stream()
                        .map(DefinitionStore.Changed::name)
                        .collect(java.util.stream.Collectors.toSet()));
        assertEquals(
                "1", since.changes().get(0).row().map(DefinitionRow::version).orElseThrow());
        assertEquals(List.of(), store.definitions().since(since.revision()).changes());
        List<DefinitionStore.Change> both =
                List.of(DefinitionStore.Change.remove(one, "1"), DefinitionStore.Change.create(definition(two, "2")));
        assertTrue(get(store.definitions().change(both, List.of())));
        DefinitionStore.Since next = store.definitions().since(since.revision());
        assertEquals(2, next.changes().size());
        assertFalse(get(store.definitions().change(both, List.of())));
        assertEquals(next.revision(), store.definitions().since(0).revision(), "what was refused is none");
        get(store.definitions().removeBefore(clock.instant().plus(Duration.ofDays(1)), 10));
        assertEquals(two, store.definitions().since(0).changes().get(0).name());
    }

    private DefinitionRow definition(ResourceName id, String version) {
        return new DefinitionRow(id.name(), id, ManagedBy.API, version, new byte[] {1}, clock.instant());
    }

    @Test
    void one_bad_part_of_a_group_fails_alone() {
        List<CompletionStage<?>> good = new ArrayList<>();
        List<CompletionStage<?>> bad = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String id = accepted("e" + i).deliveryId();
            good.add(store.outcomes().record(delivered(id)));
            bad.add(((PostgresStore) store).write(statements -> statements.update("INSERT INTO nowhere VALUES (1)")));
        }
        good.forEach(Patience::get);
        bad.forEach(each -> failure(StoreException.class, each));
        assertEquals(0, store.waitingCount());
    }

    @Test
    void closed_connections_are_replaced_and_the_pending_count_stays_exact() throws Exception {
        accepted("e1");
        for (int i = 2; i < 5; i++) {
            execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    + " AND datname = current_database() AND application_name LIKE 'engagement-webhooks%'");
            String id = "e" + i;
            Awaitility.await()
                    .ignoreException(CompletionException.class)
                    .until(() -> accept(SampleIntake.event(id).to("crm", clock)) != null);
        }
        assertEquals(4, store.waitingCount());
        assertEquals(4, query("SELECT sum(n) FROM pending_count"));
    }

    /** Otherwise the first event after an outage would be refused although readiness is up. */
    @Test
    void a_lost_ingest_connection_is_replaced_before_the_next_event() throws Exception {
        accepted("before");
        String writer = " FROM pg_stat_activity WHERE datname = current_database()"
                + " AND application_name LIKE 'engagement-webhooks%writer'";
        long lost = query("SELECT pid" + writer);
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                + " AND datname = current_database() AND application_name LIKE 'engagement-webhooks%'");
        failure(
                StoreException.class,
                store.events()
                        .accept(List.of(
                                SampleIntake.event("lost").to("crm", clock).intake())));
        Awaitility.await().until(() -> query("SELECT count(*)" + writer + " AND pid <> " + lost) == 1);
        accepted("after");
    }

    /** Within a group too, earlier outcomes are written before a manual change. */
    @Test
    void a_manual_change_after_an_outcome_wins() throws Exception {
        String id = accepted("e1").deliveryId();
        CountDownLatch queued = new CountDownLatch(1);
        CompletionStage<?> first = ((PostgresStore) store).write(statements -> {
            try {
                return queued.await(180, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
        });
        CompletionStage<?> gone = store.outcomes()
                .record(new AttemptResult(id, CRM, DeliveryState.GAVE_UP, "gone", null, null, null, "gone"));
        CompletionStage<?> resumed = store.outcomes().setState(CRM, WebhookState.State.ACTIVE, null, clock.instant());
        queued.countDown();
        List.of(first, gone, resumed).forEach(Patience::get);
        assertEquals(
                WebhookState.State.ACTIVE,
                store.outcomes().webhookState(CRM).orElseThrow().state());
    }

    @Test
    void a_write_that_conflicts_with_another_transaction_is_retried() {
        AtomicInteger attempts = new AtomicInteger();
        get(((PostgresStore) store).write(statements -> {
            if (attempts.incrementAndGet() == 1) {
                throw new SQLException("a webhook was renamed at this moment", "40001");
            }
            return null;
        }));
        assertEquals(2, attempts.get());
    }

    /** Another instance crashed between its commit and the event. */
    @Test
    void an_unreported_state_change_is_found_by_polling() throws Exception {
        accepted("e1");
        store.close();
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        store = PostgresStore.open(address, Duration.ofSeconds(30), Duration.ofMillis(20), clock);
        AtomicInteger reconciled = new AtomicInteger();
        store.cluster().listen(new IdleClusterListener() {
            @Override
            public void eventsMissed() {
                reconciled.incrementAndGet();
            }
        });
        int before = reconciled.get();
        Awaitility.await().until(() -> reconciled.get() > before + 1);
    }

    /** Such deliveries are in memory or in flight. Reading the queue of each webhook again would hold up new events. */
    @Test
    void polling_does_not_report_what_became_due_since_the_last_scan() throws Exception {
        Duration poll = Duration.ofMillis(20);
        accept(SampleIntake.event("e1").to("crm", clock));
        clock.pass(poll.multipliedBy(10));
        accept(SampleIntake.event("e2").to("shop", clock));
        store.close();
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        store = PostgresStore.open(address, Duration.ofSeconds(30), poll, clock);
        Set<WebhookId> due = ConcurrentHashMap.newKeySet();
        store.cluster().listen(new IdleClusterListener() {
            @Override
            public void due(WebhookId webhook, Instant since) {
                due.add(webhook);
            }
        });
        Awaitility.await().until(() -> !due.isEmpty());
        assertEquals(Set.of(CRM), due);
        clock.pass(poll.multipliedBy(10));
        Awaitility.await().until(() -> due.equals(Set.of(CRM, Ids.webhook("acme", "shop"))));
    }

    /** NUL is the only character that PostgreSQL cannot store in a text; it may occur in responses. */
    @Test
    void a_reason_with_any_character_is_kept() {
        String id = accepted("e1").deliveryId();
        String reason = "a\0b \uD83D\uDE00 \uD800 ü";
        get(store.outcomes().record(new AttemptResult(id, CRM, DeliveryState.GAVE_UP, reason, null, null, null, null)));
        String kept = store.deliveries().delivery("acme", id).orElseThrow().reason();
        assertTrue(kept.startsWith("a\uFFFDb \uD83D\uDE00 ") && kept.endsWith(" ü"), kept);
    }

    @Test
    void identities_as_long_as_may_be_fit_and_are_found_by_their_id() {
        Random random = new Random(1);
        String id =
                random.ints(1024, 0x4e00, 0x9fa5).mapToObj(Character::toString).collect(Collectors.joining());
        SampleIntake intake = SampleIntake.event(id).about(id).to("crm", clock);
        accept(intake);
        assertTrue(accept(SampleIntake.event(id).about(id)).duplicate());
        assertEquals(
                List.of(intake.deliveryId()),
                store.deliveries().deliveries(SampleQuery.of("acme", null, id, null, null, null, null, 10)).stream()
                        .map(DeliveryRow::id)
                        .toList());
        accept(SampleIntake.event("waits").about(id).waitingFor("data.x", Duration.ofMinutes(1), "crm", clock));
        assertEquals(
                Set.of(CRM),
                accept(SampleIntake.event("brings").about(id).with("{\"x\":1}")).released());
    }

    @Test
    void a_claim_belongs_to_one_instance_until_it_is_released_or_expires_or_that_one_has_ended() {
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        store.close();
        store = PostgresStore.open(address, Duration.ofSeconds(30), clock);
        try (Store other = PostgresStore.open(address, Duration.ofSeconds(30), clock)) {
            assertTrue(store.cluster().claim("a", Duration.ofSeconds(30)));
            assertFalse(other.cluster().claim("a", Duration.ofSeconds(30)));
            assertTrue(other.cluster().claim("b", Duration.ZERO));
            assertTrue(store.cluster().claim("b", Duration.ofSeconds(30)), "its time is over");
            store.cluster().releaseClaim("a", new byte[] {1});
            assertArrayEquals(new byte[] {1}, other.cluster().claimResult("a").orElseThrow());
            assertTrue(other.cluster().claim("a", Duration.ofSeconds(30)));
            store.cluster().releaseClaim("a", new byte[] {2});
            assertArrayEquals(
                    new byte[] {1},
                    other.cluster().claimResult("a").orElseThrow(),
                    "who has it not gives nothing back");
            other.cluster().releaseClaim("a", null);
            assertArrayEquals(new byte[] {1}, store.cluster().claimResult("a").orElseThrow());
            assertTrue(other.cluster().claim("a", Duration.ofSeconds(30)));
            assertFalse(store.cluster().claim("a", Duration.ofSeconds(30)));
        }
        assertTrue(store.cluster().claim("a", Duration.ofSeconds(30)), "its owner has ended");
    }

    /** Two instances that read a new configuration. Both wait here before one of them assigns the id. */
    @Test
    void a_name_that_two_stores_assign_at_the_same_time_has_one_id() throws Exception {
        ResourceName name = new ResourceName("acme", "webhook", "new");
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        try (Store other = PostgresStore.open(address, clock);
                Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(" + Hashes.lock("identities") + ")");
            CompletionStage<Map<ResourceName, String>> first =
                    store.identities().assign(List.of(name), Map.of());
            CompletionStage<Map<ResourceName, String>> second =
                    other.identities().assign(List.of(name), Map.of());
            Awaitility.await()
                    .until(() -> query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
                                    + " AND datname = current_database()")
                            == 2);
            connection.commit();
            assertEquals(get(first), get(second));
        }
        assertEquals(1, query("SELECT count(*) FROM resource WHERE name = 'new'"));
    }

    /** Two writers without a common lock. */
    @Test
    void two_writers_of_the_same_events_and_places_agree() throws Exception {
        try (Store other = open(clock)) {
            List<CompletionStage<List<Accepted>>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                // in opposite orders, so that the transactions conflict
                answers.add(store.events()
                        .accept(List.of(
                                SampleIntake.event("e" + i).to("crm", clock).intake())));
                answers.add(other.events()
                        .accept(List.of(SampleIntake.event("e" + (199 - i))
                                .to("crm", clock)
                                .intake())));
            }
            long fresh = answers.stream()
                    .filter(answer -> !get(answer).get(0).duplicate())
                    .count();
            assertEquals(200, fresh);
            assertEquals(200, query("SELECT count(*) FROM delivery"));
            RecordKey record = RecordKey.of("acme", "session");
            List<CompletionStage<OptionalInt>> places = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                places.add((i % 2 == 0 ? store : other).records().assignSlot(record, "call " + i, 100));
            }
            assertEquals(20, places.stream().map(Patience::get).distinct().count());
        }
    }

    @Test
    void the_pending_count_survives_restarts() {
        accepted("e1");
        accepted("e2");
        store.close();
        store = open(clock);
        accepted("e3");
        assertEquals(3, store.waitingCount());
    }

    @Test
    void a_large_backlog_is_counted_up_to_a_limit() throws SQLException {
        accepted("e1");
        execute(
                "INSERT INTO due (webhook, due_at, id, delivery, account, started_at)"
                        + " SELECT webhook, due_at, 'many-' || g, delivery, account, started_at FROM due, generate_series(1, 10500) g");
        Map<WebhookId, Long> counts = Map.of(CRM, (long) Backlogs.MAX_PENDING);
        assertEquals(counts, store.backlogs().pendingCounts(List.of(CRM, Ids.webhook("acme", "none"))));
        assertEquals(counts, store.backlogs().largestBacklogs("acme", 10));
    }

    /** The plan is kept, so that one for an empty table, which reads all of it, would be used when it has grown. */
    @ParameterizedTest
    @ValueSource(strings = {PostgresWrites.END, PostgresWrites.POSTPONE})
    void an_outcome_finds_its_due_row_by_index_although_the_table_was_empty(String sql) throws SQLException {
        execute("VACUUM ANALYZE due");
        String numbered = sql;
        for (int i = 1; numbered.contains("?"); i++) {
            numbered = numbered.replaceFirst("\\?", Matcher.quoteReplacement("$" + i));
        }
        PostgresAddress address = new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty());
        try (Connection connection = address.connect("test", PostgresStore.WRITER_OPTIONS.formatted(5_000));
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "PREPARE ends (int[], text[], text[], text[], text[], text[], int[], int[], bigint[], int[], bigint[], bigint)"
                            + " AS " + numbered);
            StringBuilder plan = new StringBuilder();
            try (ResultSet row =
                    statement.executeQuery("EXPLAIN EXECUTE ends (NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
                            + " NULL, NULL, NULL, NULL, NULL)")) {
                while (row.next()) {
                    plan.append(row.getString(1)).append('\n');
                }
            }
            assertTrue(
                    plan.toString()
                            .matches("(?s).*using due_pkey on due u [^\n]*\n *Index Cond: [^\n]*webhook = ANY.*"),
                    plan::toString);
        }
    }

    @Test
    void a_count_may_take_longer_than_a_read() {
        try (HikariDataSource pool = new HikariDataSource();
                HikariDataSource counters = new HikariDataSource()) {
            for (HikariDataSource each : List.of(pool, counters)) {
                each.setJdbcUrl(DATABASE.url());
                each.setUsername(Postgres.USER);
            }
            pool.addDataSourceProperty("socketTimeout", "1");
            Reader reader = new Reader.Pooled(pool, counters, new PostgresDialect(null));
            String slow = "SELECT 7 FROM pg_sleep(1.5)";
            assertEquals(List.of(7), reader.counter().query(slow, row -> row.getInt(1)));
            assertThrows(StoreException.class, () -> reader.query(slow, row -> row.getInt(1)));
        }
    }
}
