package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.FanOut;
import io.engagementwebhooks.store.accept.FanOutContract;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleIntake;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event for many webhooks, in the embedded store. */
public class SqliteFanOutTest extends FanOutContract {

    @TempDir
    Path folder;

    @Override
    public Store open(Clock clock) {
        Path file = folder.resolve("webhooks.db");
        MigratedSqlite.copyTo(file);
        return SqliteStore.open(file, clock);
    }

    @Override
    public Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("webhooks.db") + "?busy_timeout=60000");
    }

    @Test
    void an_event_that_cannot_be_removed_does_not_keep_others() throws SQLException {
        long first = parts(toMany(SampleIntake.event("e1")), 1).event();
        long second = parts(toMany(SampleIntake.event("e2")), 1).event();
        age(ABANDONED.plusMillis(1));
        execute("CREATE TRIGGER keep BEFORE DELETE ON delivery WHEN old.event = " + first
                + " BEGIN SELECT RAISE(ABORT, 'kept'); END");
        removeIncomplete();
        assertEquals(FanOut.PART, count("delivery WHERE event = " + first));
        assertEquals(0, count("delivery WHERE event = " + second));
    }
}
