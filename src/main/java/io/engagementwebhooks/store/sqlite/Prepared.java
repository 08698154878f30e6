package io.engagementwebhooks.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The statements of a connection, each prepared once. After a failure they are prepared anew: the driver closes a statement
 * that a full disk or a read error stopped, and it would never work again. Used by one thread at a time.
 */
final class Prepared {

    private final Connection connection;
    private final Map<String, PreparedStatement> bySql = new HashMap<>();

    Prepared(Connection connection) {
        this.connection = connection;
    }

    PreparedStatement of(String sql) throws SQLException {
        PreparedStatement known = bySql.get(sql);
        if (known != null) {
            return known;
        }
        PreparedStatement made = connection.prepareStatement(sql);
        bySql.put(sql, made);
        return made;
    }

    void forget() {
        for (PreparedStatement statement : bySql.values()) {
            try {
                statement.close();
            } catch (SQLException e) {
                // closing tells once more how its last run failed
                continue;
            }
        }
        bySql.clear();
    }
}
