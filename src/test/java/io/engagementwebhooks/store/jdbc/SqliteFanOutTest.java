package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.MigratedSqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
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

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("webhooks.db") + "?busy_timeout=60000");
    }
}
