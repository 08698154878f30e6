package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An event for many webhooks is stored in parts, between which others write (semantics 40). */
@ExtendWith(Patience.class)
class FanOutTest {

    private static final int MANY = 1_200;
    private static final WebhookId OTHER = Ids.webhook("globex", "crm");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;

    @BeforeEach
    void start() {
        store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
        open();
    }

    private void open() {
        due = new OutboxFixture(store, clock, 10_000, 16);
        outbox = due.outbox();
        due.define(Stream.concat(names().stream().map(name -> Ids.webhook("acme", name)), Stream.of(OTHER))
                .collect(Collectors.toSet()));
        due.open();
    }

    @AfterEach
    void close() {
        due.close();
        outbox.close();
        store.close();
    }

    private static Set<String> names() {
        return IntStream.range(0, MANY).mapToObj(i -> "w" + i).collect(Collectors.toCollection(TreeSet::new));
    }

    private SampleIntake toMany(String id) {
        return SampleIntake.event(id).toEach(names(), clock);
    }

    private CompletableFuture<Accepted> accept(SampleIntake intake) {
        return outbox.acceptance()
                .accept(List.of(intake.intake()))
                .thenApply(accepted -> accepted.get(0))
                .toCompletableFuture();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
    }

    /** Closes the store while it writes an event, until a part of one is missing. @return the event's id */
    private String incomplete() throws SQLException {
        for (int i = 0; i < 20; i++) {
            accept(toMany("e" + i));
            close();
            boolean isIncomplete = hasIncomplete();
            store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
            open();
            if (isIncomplete) {
                return "e" + i;
            }
        }
        return fail("all events are complete");
    }

    private boolean hasIncomplete() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("webhooks.db"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM incomplete_event")) {
            return row.next();
        }
    }

    /** Takes all deliveries of an event that begin. @return their webhooks */
    private List<String> taken(String event, int many) {
        List<String> webhooks = new ArrayList<>();
        while (webhooks.size() < many) {
            DueDelivery next = due.take();
            if (next.event().id().equals(event)) {
                webhooks.add(next.webhook().name());
            }
        }
        due.awaitCaughtUp();
        assertNull(due.takeIfAny());
        webhooks.sort(null);
        return webhooks;
    }

    @Test
    void each_of_many_webhooks_is_sent_the_event_once() throws Exception {
        assertEquals(MANY, get(accept(toMany("e1"))).deliveries());
        assertEquals(List.copyOf(names()), taken("e1", MANY));
    }

    @Test
    void an_event_of_another_account_is_stored_between_the_parts() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<?> both;
        try (Connection held = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("webhooks.db"));
                Statement lock = held.createStatement()) {
            lock.execute("BEGIN IMMEDIATE");
            both = CompletableFuture.allOf(
                    accept(toMany("e1")).thenRun(() -> order.add("acme")),
                    accept(SampleIntake.event("e2").of("globex").to("crm", clock))
                            .thenRun(() -> order.add("globex")));
            lock.execute("ROLLBACK");
        }
        get(both);
        assertEquals(List.of("globex", "acme"), order);
    }

    @Test
    void an_incomplete_event_that_is_sent_again_is_sent_to_each_webhook_once() throws Exception {
        String id = incomplete();
        due.awaitCaughtUp();
        assertEquals(0, takenOf(id));
        Accepted accepted = get(accept(toMany(id)));
        assertFalse(accepted.duplicate());
        assertEquals(List.copyOf(names()), taken(id, MANY));
    }

    @Test
    void an_incomplete_event_that_is_sent_again_with_other_data_is_sent_to_each_webhook_once() throws Exception {
        String id = incomplete();
        Accepted accepted = get(accept(toMany(id).with("8")));
        assertFalse(accepted.duplicate());
        assertEquals(List.copyOf(names()), taken(id, MANY));
    }

    /** The number of deliveries of an event that begin now. */
    private int takenOf(String event) {
        int taken = 0;
        for (DueDelivery next = due.takeIfAny(); next != null; next = due.takeIfAny()) {
            taken += next.event().id().equals(event) ? 1 : 0;
        }
        return taken;
    }
}
