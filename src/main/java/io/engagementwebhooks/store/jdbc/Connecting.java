package io.engagementwebhooks.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections. */
public interface Connecting {
    Connection connect() throws SQLException;
}
