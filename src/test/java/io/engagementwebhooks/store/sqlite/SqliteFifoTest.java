package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.FifoContract;
import io.engagementwebhooks.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

/** Deliveries in order, in the embedded store. */
class SqliteFifoTest extends FifoContract {

    @TempDir
    Path folder;

    @Override
    protected Store open(Clock clock) {
        return SqliteStore.open(folder.resolve("webhooks.db"), clock);
    }
}
