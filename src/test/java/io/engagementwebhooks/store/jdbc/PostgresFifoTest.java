package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Postgres;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deliveries in order, in PostgreSQL. */
public class PostgresFifoTest extends FifoContract {

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    @Override
    public Store open(Clock clock) {
        return PostgresStore.open(new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty()), clock);
    }
}
