package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.FifoContract;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Postgres;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** Deliveries in order, in PostgreSQL. */
class PostgresFifoTest extends FifoContract {

    private final String url = Postgres.newDatabase();

    @Override
    protected Store open(Clock clock) {
        return PostgresStore.open(new PostgresAddress(url, Postgres.USER, Optional.empty()), clock);
    }

    @AfterEach
    void dropDatabase() {
        closeStore();
        Postgres.drop(url);
    }
}
