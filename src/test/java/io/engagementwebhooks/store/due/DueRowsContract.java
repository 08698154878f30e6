package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.cluster.OwnedPartitions;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.DeliveryQueries;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The frequent statements on a large table of due rows read the rows that they need, and no others. */
public abstract class DueRowsContract {

    private static final int LIMIT = 64;
    /** A connection to an empty, migrated store. */
    public abstract Connection connection();

    public abstract Dialect dialect();

    public abstract OwnedPartitions owned();

    /** A column of events that only this database has, and its value. */
    public abstract String[] eventColumn();

    /** Runs a statement and asserts that it reads rows by index and not many more than its limit. */
    public abstract void assertReadsFew(Statements statements, String sql, Object... values) throws SQLException;

    @Test
    void statements_read_only_the_rows_that_they_need() throws SQLException {
        assertReadsFew(40_000);
    }

    @Test
    @Tag("slow")
    void statements_read_only_the_rows_that_they_need_among_a_million() throws SQLException {
        assertReadsFew(1_000_000);
    }

    private void assertReadsFew(int rows) throws SQLException {
        Statements statements = new Statements(connection(), dialect());
        fill(statements, rows);
        assertReadsFew(statements, rows / 2);
        statements.prepare("ANALYZE").execute();
        assertReadsFew(statements, rows / 2);
    }

    private static String numbers(int count) {
        return " WITH RECURSIVE n (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < " + count + ") ";
    }

    /** Five webhooks with first attempts and retries. Each row is due at the millisecond of its number. */
    private void fill(Statements statements, int rows) throws SQLException {
        String id = "CAST(1000000000000 + g AS text)";
        statements.update("INSERT INTO account (id) VALUES ('acme')");
        statements.update("INSERT INTO resource (account, kind, id, name)" + numbers(5)
                + "SELECT 1, 'webhook', 'wh_' || g, 'w-' || g FROM n");
        statements.update("INSERT INTO webhook (key, account, partition)" + numbers(5) + "SELECT g, 1, g FROM n");
        statements.update(
                "INSERT INTO event (" + eventColumn()[0] + "account, source, id, type, accepted_at, data_sha256,"
                        + " deliveries, document)" + numbers(rows) + "SELECT " + eventColumn()[1]
                        + "1, '/s', 'e' || g, 'call.ended', 1, '', 1, '{}' FROM n");
        String row = "1 + g % 5, ";
        statements.update(
                "INSERT INTO delivery (key, account, id, webhook, event, state, attempts, accepted_at, due_at)"
                        + numbers(rows) + "SELECT g, 1, " + id + ", " + row
                        + "g, 'waiting', g / 5 % 2, 1, g FROM n");
        statements.update("INSERT INTO due (webhook, retry, due_at, id, delivery, account, started_at)" + numbers(rows)
                + "SELECT " + row + "g / 5 % 2 = 1, g, " + id + ", g, 1, 1 FROM n");
    }

    private void assertReadsFew(Statements statements, int now) throws SQLException {
        int webhook = 2;
        for (boolean retry : new boolean[] {false, true}) {
            for (int after : new int[] {0, now / 2}) {
                assertReadsFew(
                        statements,
                        DueStore.due(dialect()),
                        webhook,
                        retry,
                        after,
                        "",
                        webhook,
                        retry,
                        now,
                        Values.texts(List.of("1000000000016")),
                        now,
                        LIMIT);
            }
            assertReadsFew(statements, DueStore.NEXT, webhook, retry, now);
        }
        assertReadsFew(statements, DueStore.COUNT, webhook, webhook, now, LIMIT, webhook, webhook, now, LIMIT, LIMIT);
        assertReadsFew(statements, DueStore.firstDue(owned()), owned().with());
        Object[] after = DueRows.inDueOrderValues(webhook, new Waiting("", Instant.ofEpochMilli(now / 2)), LIMIT);
        assertReadsFew(statements, DueStore.ALL, after);
        assertReadsFew(statements, DueStore.TO_RELEASE, after);
        assertReadsFew(
                statements,
                DeliveryQueries.backlogPositions(dialect()),
                Stream.concat(
                                Stream.of(DueRows.inDueOrderValues(webhook, Waiting.FIRST, LIMIT)),
                                Stream.of(Values.texts(List.of("1000000000011"))))
                        .toArray());
        Values.Table inFlight = Values.table(List.of("text"), List.of("1000000000016"), each -> new Object[] {each});
        assertReadsFew(
                statements, DeliveryQueries.firstDue(dialect()), inFlight, inFlight, Values.ints(List.of(1, 2, 3)));
        DueRows rows = new DueRows(dialect());
        assertReadsFew(statements, rows.find, 1, Values.texts(List.of("1000000000016", "1000000000017")));
        Values.Table own = DueRows.table(List.of(new DueRows.Row(16, 2, true, 16, "1000000000016")));
        assertReadsFew(statements, rows.moveDue, 7, own);
        assertReadsFew(statements, rows.remove, own);
    }
}
