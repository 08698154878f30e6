package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.FencedException;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which instance records outcomes (semantics 19, promise 2). */
class OwnershipTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final Duration LEASE = Duration.ofSeconds(60);

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final AtomicInteger moves = new AtomicInteger();

    @AutoClose
    private PostgresStore store;

    @BeforeEach
    void openStore() {
        store = open();
        listen(store, moves);
    }

    private static void listen(PostgresStore store, AtomicInteger moves) {
        store.cluster().listen(new IdleClusterListener() {
            @Override
            public void ownershipChanged(BitSet partitions) {
                moves.incrementAndGet();
            }
        });
    }

    private PostgresStore open() {
        return PostgresStore.open(new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty()), LEASE, clock);
    }

    private String accepted(String event) {
        SampleIntake intake = SampleIntake.event(event).to("crm", clock);
        get(store.events().accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private AttemptResult delivered(String id) {
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
        return new AttemptResult(id, CRM, DeliveryState.DELIVERED, "", null, attempt, null, null);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Moves all partitions to another instance. */
    private void takeAllAway() throws SQLException {
        execute("INSERT INTO instance (id, expires_at) VALUES ('another', clock_timestamp() + interval '1 hour')");
        execute("UPDATE partition SET owner = 'another'");
    }

    private void assertRefused(AttemptResult result) {
        Throwable refused = assertThrows(
                        CompletionException.class, () -> get(store.outcomes().record(result)))
                .getCause();
        assertInstanceOf(FencedException.class, refused);
        assertEquals(
                DeliveryState.WAITING,
                store.deliveries()
                        .delivery("acme", result.delivery())
                        .orElseThrow()
                        .state());
        assertEquals(List.of(), store.deliveries().attempts("acme", result.delivery()));
    }

    @Test
    void the_only_instance_owns_everything_and_records() {
        assertEquals(Ownership.PARTITIONS, store.cluster().ownership().partitions());
        assertTrue(store.cluster().ownership().owns(CRM));
        get(store.outcomes().record(delivered(accepted("e1"))));
        assertEquals(0, store.waitingCount());
    }

    private AttemptResult failed(String id, int status, Instant dueAt, String disables) {
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "try-later", "", null, status, null, null);
        DeliveryState state = dueAt == null ? DeliveryState.GAVE_UP : DeliveryState.WAITING;
        return new AttemptResult(id, CRM, state, "", dueAt, attempt, dueAt, disables).withTaken(0, null);
    }

    @Test
    void a_410_and_a_503_that_arrive_after_the_partition_moved_neither_disable_nor_hold_nor_reorder()
            throws SQLException {
        String gone = accepted("e1");
        String later = accepted("e2");
        Instant before =
                store.deliveries().delivery("acme", later).orElseThrow().dueAt();
        takeAllAway();
        assertRefused(failed(gone, 410, null, "410"));
        assertRefused(failed(later, 503, clock.instant().plus(LEASE), null));
        assertEquals(
                before, store.deliveries().delivery("acme", later).orElseThrow().dueAt());
        WebhookState state = store.outcomes().webhookState(CRM).orElseThrow();
        assertEquals(WebhookState.State.ACTIVE, state.state());
        assertNull(state.holdUntil());
        assertEquals(2, store.waitingCount());
        assertEquals(0, count("SELECT coalesce(sum(try_later + gave_up), 0) FROM minute_stats"));
    }

    @Test
    void a_success_that_arrives_after_the_partition_moved_ends_its_delivery() throws SQLException {
        String id = accepted("e1");
        takeAllAway();
        get(store.outcomes().record(delivered(id).withTaken(0, null)));
        assertEquals(
                DeliveryState.DELIVERED,
                store.deliveries().delivery("acme", id).orElseThrow().state());
        assertEquals(0, store.waitingCount());
    }

    @Test
    void a_refused_outcome_does_not_affect_the_others_of_its_group() throws SQLException {
        String lost = accepted("e1");
        WebhookId other = IntStream.range(0, 100)
                .mapToObj(i -> Ids.webhook("acme", "w" + i))
                .filter(webhook -> Ownership.partition(webhook) != Ownership.partition(CRM))
                .findFirst()
                .orElseThrow();
        SampleIntake intake = SampleIntake.event("e2").to(other.name(), clock);
        get(store.events().accept(List.of(intake.intake())));
        execute("INSERT INTO instance (id, expires_at) VALUES ('another', clock_timestamp() + interval '1 hour')");
        execute("UPDATE partition SET owner = 'another' WHERE number = " + Ownership.partition(CRM));
        CompletionStage<Recorded> refused =
                store.outcomes().record(failed(lost, 503, clock.instant().plus(LEASE), null));
        CompletionStage<Recorded> written = store.outcomes()
                .record(new AttemptResult(
                        intake.deliveryId(), other, DeliveryState.GAVE_UP, "no", null, null, null, null));
        get(written);
        assertThrows(CompletionException.class, () -> get(refused));
        assertEquals(1, store.waitingCount());
    }

    @Test
    void of_several_instances_one_expires_deliveries() throws SQLException {
        try (PostgresStore second = open()) {
            listen(second, new AtomicInteger());
            await().until(() -> store.cluster().ownership().partitions() == 128
                    && second.cluster().ownership().partitions() == 128);
            accepted("e1");
            Instant now = clock.instant();
            Instant old = now.minus(Duration.ofDays(90));
            RetentionLimits limits = SampleLimits.of(now, old, old, old, now.plusMillis(1), 10);
            assertEquals(
                    1,
                    get(store.retain(limits)).gaveUp()
                            + get(second.retain(limits)).gaveUp());
        }
    }

    @Test
    void the_documented_query_shows_partitions_per_instance() throws Exception {
        String page = Files.readString(Path.of("docs", "scaling.md"));
        Matcher query = Pattern.compile("`(SELECT owner, [^`]*)`").matcher(page);
        assertTrue(query.find());
        execute("INSERT INTO instance (id, expires_at) VALUES ('another', clock_timestamp() + interval '1 hour')");
        execute("UPDATE partition SET owner = 'another' WHERE number < 100");
        Set<Integer> shares = new TreeSet<>();
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query.group(1))) {
            while (rows.next()) {
                assertEquals(rows.getInt(2) == 100, rows.getString(1).equals("another"));
                shares.add(rows.getInt(2));
            }
        }
        assertEquals(Set.of(100, Ownership.PARTITIONS - 100), shares);
    }

    private long count(String sql) throws SQLException {
        try (Connection connection = DATABASE.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
