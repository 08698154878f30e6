package io.engagementwebhooks.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A PostgreSQL database of one test class, registered in a static field; emptied before each test. */
public final class ClearedDatabase implements BeforeEachCallback, AfterAllCallback {

    private final String url = Postgres.newDatabase();

    public String url() {
        return url;
    }

    public Connection connect() throws SQLException {
        return Postgres.connect(url);
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        Postgres.clear(url);
    }

    @Override
    public void afterAll(ExtensionContext testClass) {
        Postgres.drop(url);
    }
}
