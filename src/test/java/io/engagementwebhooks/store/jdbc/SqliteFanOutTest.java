package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.MigratedSqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event for many webhooks, in the embedded store. */
class SqliteFanOutTest extends FanOutContract {

    @TempDir
    Path folder;

    @Override
    Store open(Clock clock) {
        Path file = folder.resolve("webhooks.db");
        MigratedSqlite.copyTo(file);
        return SqliteStore.open(file, clock);
    }

    private <T> T inFile(String sql, ResultOf<T> result) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("webhooks.db"));
                PreparedStatement statement = connection.prepareStatement(sql)) {
            return result.of(statement);
        }
    }

    private interface ResultOf<T> {
        T of(PreparedStatement statement) throws SQLException;
    }

    /** By the query plan: each FIFO event checks the parts of its account. */
    @Test
    void fifo_parts_of_an_account_are_found_by_index() throws SQLException {
        assertTrue(plan(FanOutPart.IN_ORDER).contains("INDEX fan_out_in_order (account=?)"), plan(FanOutPart.IN_ORDER));
    }

    @Test
    void accounts_with_parts_are_found_by_index() throws SQLException {
        String plan = plan(JdbcFanOuts.accounts(OwnedPartitions.ALL));
        assertFalse(plan.contains("SCAN a") || plan.contains("SCAN f"), plan);
    }

    @Test
    void the_first_parts_of_an_account_are_found_without_sorting_all() throws SQLException {
        String plan = plan(JdbcFanOuts.next(OwnedPartitions.ALL));
        assertFalse(plan.contains("TEMP B-TREE"), plan);
    }

    private String plan(String sql) throws SQLException {
        return inFile("EXPLAIN QUERY PLAN " + sql, statement -> {
            StringBuilder steps = new StringBuilder();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    steps.append(rows.getString("detail")).append('\n');
                }
            }
            return steps.toString();
        });
    }
}
