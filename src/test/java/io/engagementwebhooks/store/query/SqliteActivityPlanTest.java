package io.engagementwebhooks.store.query;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.sqlite.SqliteDialect;
import io.engagementwebhooks.testkit.MigratedSqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite keeps no statistics here, so that the plan is that of a large table too. */
class SqliteActivityPlanTest {

    @Test
    void the_activity_of_webhooks_reads_no_table_of_deliveries_whole(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("store.db");
        MigratedSqlite.open(file, Clock.systemUTC()).close();
        String query = WebhookActivity.since(new SqliteDialect(file)).replace("?", "1");
        List<String> steps = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet plan = statement.executeQuery("EXPLAIN QUERY PLAN " + query)) {
            while (plan.next()) {
                steps.add(plan.getString("detail"));
            }
        }
        assertTrue(steps.contains("SEARCH k USING INDEX delivery_of_event (event=?)"), steps.toString());
        assertFalse(steps.contains("SCAN k") || steps.contains("SCAN d"), steps.toString());
    }
}
