package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Runs queries, each in a short transaction. Thread-safe. Fails with {@link StoreException}. */
interface Reader {

    <T> List<T> query(String sql, Statements.Row<T> row, Object... values);

    /** As {@link #query}, for counting large tables in the background: the answer may take up to ten minutes. */
    default <T> List<T> count(String sql, Statements.Row<T> row, Object... values) {
        return query(sql, row, values);
    }

    Dialect dialect();

    default <T> Optional<T> first(String sql, Statements.Row<T> row, Object... values) {
        return Statements.first(query(sql, row, values));
    }

    /** Reads on the connections of a pool. */
    record Pooled(DataSource pool, Dialect dialect) implements Reader {

        private static final int COUNT_MS = 600_000;

        @Override
        public <T> List<T> query(String sql, Statements.Row<T> row, Object... values) {
            try (Connection connection = pool.getConnection()) {
                return query(connection, sql, row, values);
            } catch (SQLException e) {
                throw dialect.fault(e);
            }
        }

        @Override
        public <T> List<T> count(String sql, Statements.Row<T> row, Object... values) {
            try (Connection connection = pool.getConnection()) {
                // the pool sets it back
                connection.setNetworkTimeout(Runnable::run, COUNT_MS);
                return query(connection, sql, row, values);
            } catch (SQLException e) {
                throw dialect.fault(e);
            }
        }

        private <T> List<T> query(Connection connection, String sql, Statements.Row<T> row, Object... values)
                throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                return Statements.rows(Statements.bound(dialect, statement, values), row);
            }
        }
    }
}
