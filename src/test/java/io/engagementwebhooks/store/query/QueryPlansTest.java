package io.engagementwebhooks.store.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Query plans on large tables. Each test has a new database, since statistics are stored with it. */
class QueryPlansTest {

    private final String url = Postgres.newDatabase();
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private final PostgresStore store =
            PostgresStore.open(new PostgresAddress(url, Postgres.USER, Optional.empty()), clock);

    @AfterEach
    void dropDatabase() {
        store.close();
        Postgres.drop(url);
    }

    private void accept(String event, String webhook) {
        store.events()
                .accept(List.of(SampleIntake.event(event).to(webhook, clock).intake()))
                .toCompletableFuture()
                .join();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = Postgres.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The planner must not choose an index on state or type, which all accounts share. */
    @Test
    void a_search_in_a_small_account_does_not_scan_other_accounts() throws SQLException {
        execute("INSERT INTO account (id) VALUES ('large'), ('small')");
        execute("INSERT INTO resource (account, kind, id, name) SELECT a.key, 'webhook', 'w-' || g, 'w-' || g"
                + " FROM account a, generate_series(1, 100) g");
        execute("INSERT INTO webhook (key, account, partition, state) SELECT r.key, r.account, 0,"
                + " CASE WHEN a.id = 'large' AND r.name = 'w-1' THEN 'paused' ELSE 'active' END"
                + " FROM resource r JOIN account a ON a.key = r.account");
        execute(
                "INSERT INTO event (account, identity, source, id, type, accepted_at, data_sha256, deliveries, document)"
                        + " SELECT a.key, sha256(convert_to(a.id || g, 'UTF8')), '/s', 'e' || g,"
                        + " CASE WHEN g % 1000 = 0 THEN 'call.missed' ELSE 'call.ended' END, 1, '', 1,"
                        + " convert_to(repeat('x', 500), 'UTF8')"
                        + " FROM account a, generate_series(1, CASE a.id WHEN 'large' THEN 20000 ELSE 100 END) g");
        execute("INSERT INTO delivery (key, id, account, webhook, event, state, accepted_at, due_at)"
                + " SELECT e.key, 'id-' || lpad(e.key::text, 6, '0'), e.account, r.key, e.key, 'waiting', 1, 1"
                + " FROM event e JOIN resource r ON r.account = e.account AND r.name = 'w-' || (1 + e.key % 100)");
        execute("INSERT INTO due (webhook, due_at, id, delivery, account, started_at)"
                + " SELECT webhook, due_at, id, key, account, 1 FROM delivery");
        execute("ANALYZE");
        String bound = "(id) FROM delivery WHERE account = (SELECT key FROM account WHERE id = 'small')";
        DeliveryConditions.Walk walk =
                new DeliveryConditions.Walk(rows("SELECT max" + bound), rows("SELECT min" + bound), 100);
        for (DeliveryQuery query : List.of(small("call.missed", null), small(null, DeliveryQuery.Standing.PAUSED))) {
            DeliveryConditions.Where within = store.deliveries().searchSql(query, walk);
            String plan = rows("EXPLAIN " + within.sql() + " ORDER BY d.id DESC LIMIT ?", within.values(51));
            assertTrue(plan.contains("Scan Backward using delivery_account_id_key"), plan);
            assertFalse(plan.contains("delivery_of_webhook") || plan.contains("Seq Scan on event"), plan);
            assertEquals(List.of(), store.deliveries().search(query, 1_000).deliveries());
        }
        DeliveryConditions.Where counted = store.deliveries().countSql(small(null, null), walk);
        String plan = rows("EXPLAIN " + counted.sql() + " GROUP BY 1, 2", counted.values());
        assertFalse(plan.contains("on event"), plan);
    }

    /** All webhooks of the account are in trouble; the few failing ones are found without reading the others. */
    @Test
    void troubled_webhooks_and_the_activity_of_a_webhook_are_found_by_index() throws SQLException {
        execute("INSERT INTO account (id) VALUES ('acme'), ('other')");
        execute("INSERT INTO resource (account, kind, id, name) SELECT a.key, 'webhook', 'w-' || g, 'w-' || g"
                + " FROM account a, generate_series(1, 20000) g");
        execute("INSERT INTO webhook (key, account, partition, state, failing_since) SELECT r.key, r.account, 0,"
                + " CASE WHEN r.key % 4000 = 0 THEN 'active' ELSE 'paused' END,"
                + " CASE WHEN r.key % 4000 = 0 THEN 1 END FROM resource r");
        execute("INSERT INTO delivery (key, id, account, webhook, event, state, problem, outcome, accepted_at)"
                + " SELECT g, 'id-' || lpad(g::text, 23, '0'), 1, 1 + g % 10, g, 'gave-up', 'gave-up', 'gave-up', 1"
                + " FROM generate_series(1, 20000) g");
        execute("INSERT INTO event (account, identity, source, id, type, accepted_at, data_sha256, deliveries)"
                + " SELECT 1, sha256(convert_to('e' || g, 'UTF8')), '/s', 'e' || g, 'call.ended', 1, '', 1"
                + " FROM generate_series(1, 20000) g");
        execute("ANALYZE");
        String explained = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ";
        for (StatsStore.Trouble trouble : StatsStore.Trouble.values()) {
            for (int after : new int[] {0, 10_000}) {
                String troubled = rows(explained + StatsStore.TROUBLED, 1, trouble.ordinal(), after, 10);
                assertTrue(troubled.contains("webhook_trouble") && !troubled.contains("Seq Scan on webhook"), troubled);
                assertFalse(troubled.contains("Rows Removed by Filter"), troubled);
            }
        }
        Dialect dialect = new PostgresDialect(null);
        String newest = rows(explained + WebhookActivity.deliveries(dialect), 1, 100);
        assertTrue(newest.contains("Scan Backward using delivery_of_webhook"), newest);
        assertFalse(newest.contains("Seq Scan on event"), newest);
        String since = rows(
                explained + WebhookActivity.since(dialect),
                "id-",
                100,
                "id-",
                100,
                "id-",
                100,
                Values.ints(List.of(1, 2)));
        assertTrue(since.contains("Only Scan Backward using delivery_of_webhook"), since);
        assertTrue(since.contains("Scan Backward using delivery_problem_of_webhook"), since);
    }

    /** An event has as many deliveries as its account has webhooks. */
    @Test
    void the_newest_deliveries_of_an_event_are_selected_before_any_join() throws SQLException {
        accept("e1", "crm");
        accept("e2", "erp");
        execute("INSERT INTO delivery (key, id, account, webhook, event, state, accepted_at, due_at)"
                + " SELECT 1000 + g, 'z' || lpad(g::text, 25, '0'), account, webhook, event, state, accepted_at, due_at"
                + " FROM delivery, generate_series(1, 19999) g WHERE event = (SELECT min(key) FROM event)");
        DeliveryQuery query =
                new DeliveryQuery("acme", null, "e1", null, null, null, null, null, null, null, null, null, 51);
        DeliveryQueries deliveries = store.deliveries();
        DeliveryConditions.Selected newest = deliveries
                .conditions()
                .inOrder(query, "d.*", deliveries.conditions().indexed(query), "DESC", 51);
        String sql = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) " + deliveries.listSql(newest);
        for (String statistics : List.of("SELECT 1", "ANALYZE")) {
            execute(statistics);
            String plan = rows(sql, newest.values());
            assertTrue(plan.matches("(?s).* on delivery [^\n]*actual rows=20000.*"), plan);
            assertTrue(plan.matches("(?s).*(Loop|Join) [^\n]*actual rows=51.*"), plan);
            assertFalse(plan.matches("(?s).*(Loop|Join) [^\n]*actual rows=20000.*"), plan);
        }
        assertEquals(51, store.deliveries().deliveries(query).size());
    }

    private static DeliveryQuery small(String eventType, DeliveryQuery.Standing standing) {
        return new DeliveryQuery(
                "small", null, null, eventType, standing, null, null, null, null, null, null, null, 51);
    }

    private String rows(String sql, Object... values) throws SQLException {
        try (Connection connection = Postgres.connect(url)) {
            return String.join(
                    "\n",
                    new Statements(connection, new PostgresDialect(null)).query(sql, row -> row.getString(1), values));
        }
    }
}
