package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.NotOwnedException;
import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Store;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import org.junit.jupiter.api.function.Executable;

/** Which instance sends and records, by leases and epochs (semantics 19, promise 2). */
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
            public void ownershipChanged() {
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
        execute("UPDATE partition SET owner = 'another', epoch = epoch + 1");
    }

    private void assertRefused(String id) {
        Throwable refused = assertThrows(
                        CompletionException.class, () -> get(store.outcomes().record(delivered(id))))
                .getCause();
        assertInstanceOf(NotOwnedException.class, refused);
        assertEquals(
                DeliveryState.WAITING,
                store.deliveries().delivery("acme", id).orElseThrow().state());
        assertEquals(List.of(), store.deliveries().attempts("acme", id));
        assertEquals(1, store.waitingCount());
    }

    @Test
    void the_only_instance_owns_everything_and_records_what_it_began() {
        Ownership ownership = store.cluster().ownership();
        assertEquals(Ownership.PARTITIONS, ownership.partitions());
        String id = accepted("e1");
        assertTrue(ownership.begin(CRM, id));
        assertTrue(ownership.maySend(id));
        get(store.outcomes().record(delivered(id)));
        ownership.ended(id);
        assertEquals(0, store.waitingCount());
    }

    @Test
    void an_outcome_of_an_epoch_that_has_ended_is_refused_and_changes_nothing() throws SQLException {
        String id = accepted("e1");
        assertTrue(store.cluster().ownership().begin(CRM, id));
        takeAllAway();
        assertRefused(id);
    }

    /** If partitions are lost and regained, earlier attempts belong to the earlier epoch. */
    @Test
    void an_outcome_of_an_earlier_own_epoch_is_refused_too() throws SQLException {
        String id = accepted("e1");
        assertTrue(store.cluster().ownership().begin(CRM, id));
        execute("UPDATE partition SET epoch = epoch + 2");
        assertRefused(id);
    }

    @Test
    void a_refused_outcome_does_not_affect_the_others_of_its_group() throws SQLException {
        String lost = accepted("e1");
        assertTrue(store.cluster().ownership().begin(CRM, lost));
        execute("UPDATE partition SET epoch = epoch + 1 WHERE number = " + Ownership.partition(CRM));
        WebhookId other = IntStream.range(0, 100)
                .mapToObj(i -> Ids.webhook("acme", "w" + i))
                .filter(webhook -> Ownership.partition(webhook) != Ownership.partition(CRM))
                .findFirst()
                .orElseThrow();
        SampleIntake intake = SampleIntake.event("e2").to(other.name(), clock);
        get(store.events().accept(List.of(intake.intake())));
        assertTrue(store.cluster().ownership().begin(other, intake.deliveryId()));
        CompletionStage<Recorded> refused = store.outcomes().record(delivered(lost));
        CompletionStage<Recorded> written = store.outcomes()
                .record(new AttemptResult(
                        intake.deliveryId(), other, DeliveryState.GAVE_UP, "no", null, null, null, null));
        get(written);
        assertThrows(CompletionException.class, () -> get(refused));
        assertEquals(1, store.waitingCount());
    }

    private void assertNotGivenUp(String id, Executable between) {
        List<String> givenBack = new ArrayList<>();
        Instant now = clock.instant();
        Instant old = now.minus(Duration.ofDays(90));
        RetentionLimits limits = SampleLimits.of(now, old, old, old, now.plusMillis(1), 10);
        RetentionStep step = get(store.retain(limits, new Store.Reserver() {
            @Override
            public boolean reserve(WebhookId webhook, String delivery) {
                assertDoesNotThrow(between);
                return true;
            }

            @Override
            public void release(WebhookId webhook, String delivery) {
                givenBack.add(delivery);
            }
        }));
        assertEquals(0, step.gaveUp());
        assertEquals(
                DeliveryState.WAITING,
                store.deliveries().delivery("acme", id).orElseThrow().state());
        assertEquals(1, store.waitingCount());
        assertEquals(List.of(id), givenBack);
    }

    /** The new owner may be sending it. */
    @Test
    void an_instance_that_lost_the_webhook_before_the_commit_does_not_expire_its_deliveries() {
        assertNotGivenUp(accepted("e1"), this::takeAllAway);
    }

    @Test
    void an_instance_that_lost_and_regained_the_webhook_does_not_expire_its_deliveries() {
        assertNotGivenUp(accepted("e1"), () -> execute("UPDATE partition SET epoch = epoch + 2"));
    }

    @Test
    void an_instance_that_froze_past_its_lease_does_not_expire_deliveries() {
        assertNotGivenUp(accepted("e1"), () -> clock.pass(LEASE));
    }

    @Test
    void the_owner_expires_deliveries() {
        String id = accepted("e1");
        Instant now = clock.instant();
        Instant old = now.minus(Duration.ofDays(90));
        assertEquals(
                1,
                get(store.retain(SampleLimits.of(now, old, old, old, now.plusMillis(1), 10)))
                        .gaveUp());
        assertFalse(store.cluster().ownership().maySend(id), "it is in flight no more");
        assertEquals(0, store.waitingCount());
    }

    @Test
    void the_documented_query_shows_partitions_per_instance() throws Exception {
        String page = Files.readString(Path.of("docs", "scaling.md"));
        Matcher query = Pattern.compile("`(SELECT owner, [^`]*)`").matcher(page);
        assertTrue(query.find());
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

    /** A machine that slept, or whose clock was set. */
    @Test
    void an_instance_whose_lease_expired_by_its_own_clock_begins_and_sends_nothing() {
        Ownership ownership = store.cluster().ownership();
        String id = accepted("e1");
        assertTrue(ownership.begin(CRM, id));
        int before = moves.get();
        clock.pass(LEASE);
        assertFalse(ownership.maySend(id));
        assertFalse(ownership.owns(CRM));
        assertFalse(ownership.begin(CRM, "another"));
        assertEquals(0, ownership.partitions());
        await().until(() -> moves.get() > before);
    }

    /** Semantics 19. */
    @Test
    void a_lease_is_renewed_at_a_third_of_its_time() {
        Leases leases = new Leases("a", LEASE, DATABASE::connect, new PostgresDialect(null), clock);
        assertEquals(20_000, leases.renewIntervalMs());
        leases.close();
    }

    @Test
    void an_attempt_that_has_ended_or_never_began_may_not_send() {
        Ownership ownership = store.cluster().ownership();
        assertFalse(ownership.maySend("never"));
        assertTrue(ownership.begin(CRM, "a"));
        ownership.ended("a");
        assertFalse(ownership.maySend("a"));
    }

    /** Otherwise the in-flight count would never reach 0, and the partition would never be released. */
    @Test
    void an_attempt_that_replaces_another_is_counted_once() throws Exception {
        Ownership ownership = store.cluster().ownership();
        Map<Integer, WebhookId> ofEach = new HashMap<>();
        for (int i = 0; ofEach.size() < Ownership.PARTITIONS; i++) {
            WebhookId webhook = Ids.webhook("acme", "webhook-" + i);
            ofEach.put(Ownership.partition(webhook), webhook);
        }
        ofEach.forEach((partition, webhook) -> {
            String delivery = "of " + partition;
            assertTrue(ownership.begin(webhook, delivery));
            assertTrue(ownership.begin(webhook, delivery));
            ownership.ended(delivery);
        });
        try (PostgresStore other = open()) {
            listen(other, new AtomicInteger());
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> other.cluster().ownership().partitions() == 128 && ownership.partitions() == 128);
        }
    }

    @Test
    void webhooks_are_spread_over_all_partitions() {
        long used = IntStream.range(0, 5_000)
                .map(i -> Ownership.partition(Ids.webhook("account-" + i % 10, "webhook-" + i)))
                .distinct()
                .count();
        assertEquals(Ownership.PARTITIONS, used);
    }
}
