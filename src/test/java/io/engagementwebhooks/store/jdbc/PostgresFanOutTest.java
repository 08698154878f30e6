package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.FanOutContract;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.testkit.ClearedDatabase;
import io.engagementwebhooks.testkit.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An event for many webhooks, in PostgreSQL. */
public class PostgresFanOutTest extends FanOutContract {

    @RegisterExtension
    static final ClearedDatabase DATABASE = new ClearedDatabase();

    @Override
    public Store open(Clock clock) {
        return PostgresStore.open(new PostgresAddress(DATABASE.url(), Postgres.USER, Optional.empty()), clock);
    }

    @Override
    public Connection connect() throws SQLException {
        return DATABASE.connect();
    }
}
