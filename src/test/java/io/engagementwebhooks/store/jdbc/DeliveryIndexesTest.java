package io.engagementwebhooks.store.jdbc;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The index entries of a delivery in PostgreSQL. In a new database, since statistics are stored with it. */
class DeliveryIndexesTest {

    private static final int DELIVERIES = 300;

    private final String url = Postgres.newDatabase();
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    @AfterEach
    void dropDatabase() {
        Postgres.drop(url);
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = Postgres.connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** A delivery without problems is in no partial index. */
    @Test
    void a_delivery_that_arrives_at_once_has_six_index_entries() throws SQLException {
        assertEquals(
                "attempt 1, delivery 4, due 1",
                query(
                        "SELECT string_agg(name || ' ' || indexes, ', ' ORDER BY name) FROM (SELECT relname AS name,"
                                + " count(*) AS indexes FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
                                + " WHERE relname IN ('delivery', 'due', 'attempt') AND indpred IS NULL GROUP BY relname) counted"));
    }

    /** A HOT update adds no index entry. It needs room in the page of the row, so that not every update is one. */
    @Test
    void most_updates_of_the_end_of_a_delivery_are_hot() throws SQLException {
        try (PostgresStore store =
                PostgresStore.open(new PostgresAddress(url, Postgres.USER, Optional.empty()), clock)) {
            for (int i = 0; i < DELIVERIES; i++) {
                deliver(store, "e" + i);
            }
        }
        // a session reports its updates at its end
        await().until(() -> updates("n_tup_upd") == DELIVERIES);
        int hot = updates("n_tup_hot_upd");
        assertTrue(hot > DELIVERIES / 2, "HOT updates: " + hot + " of " + DELIVERIES);
    }

    private void deliver(PostgresStore store, String event) {
        SampleIntake intake = SampleIntake.event(event).to("crm", clock);
        get(store.events().accept(List.of(intake.intake())));
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "delivered", "", null, 200, null, null);
        get(store.outcomes()
                .record(new AttemptResult(
                        intake.deliveryId(),
                        Ids.webhook("acme", "crm"),
                        DeliveryState.DELIVERED,
                        "",
                        null,
                        attempt,
                        null,
                        null)));
    }

    private int updates(String kind) throws SQLException {
        return Integer.parseInt(query("SELECT " + kind + " FROM pg_stat_user_tables WHERE relname = 'delivery'"));
    }
}
