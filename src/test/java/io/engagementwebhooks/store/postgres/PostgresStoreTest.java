package io.engagementwebhooks.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreContract;
import io.engagementwebhooks.testkit.Postgres;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The store in PostgreSQL, as one process uses it. */
class PostgresStoreTest extends StoreContract {

    private final String url = Postgres.newDatabase();

    @Override
    protected Store open(Clock clock) {
        return PostgresStore.open(new PostgresAddress(url, Postgres.USER, Optional.empty()), clock);
    }

    @AfterEach
    void dropDatabase() {
        store.close();
        Postgres.drop(url);
    }

    @Test
    void what_waits_is_summed_up_over_restarts() {
        accepted("e1");
        accepted("e2");
        store.close();
        store = open(clock);
        accepted("e3");
        assertEquals(3, store.waitingCount());
    }
}
