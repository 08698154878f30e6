package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

/** Deliveries in order, in the embedded store. */
public class SqliteFifoTest extends FifoContract {

    @TempDir
    Path folder;

    @Override
    public Store open(Clock clock) {
        Path file = folder.resolve("webhooks.db");
        MigratedSqlite.copyTo(file);
        return SqliteStore.open(file, clock);
    }
}
