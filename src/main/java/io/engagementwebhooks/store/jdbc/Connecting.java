package io.engagementwebhooks.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Makes connections. */
interface Connecting {
    Connection connect() throws SQLException;
}
