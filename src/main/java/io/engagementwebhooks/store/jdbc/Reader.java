package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Runs queries, each in a short transaction, not on a writer's thread. Thread-safe. Fails with {@link StoreException}. */
public interface Reader {

    <T> List<T> query(String sql, Statements.Row<T> row, Object... values);

    /** For counts of large tables, which may take up to five minutes. */
    default Reader counter() {
        return this;
    }

    Dialect dialect();

    default <T> Optional<T> first(String sql, Statements.Row<T> row, Object... values) {
        return Statements.first(query(sql, row, values));
    }

    /**
     * Reads on the connections of a pool.
     *
     * @param counters connections for counts; they may be the same
     */
    record Pooled(DataSource pool, DataSource counters, Dialect dialect) implements Reader {

        @Override
        public <T> List<T> query(String sql, Statements.Row<T> row, Object... values) {
            GroupWriter.checkMayWait();
            try (Connection connection = pool.getConnection();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                return Statements.rows(Statements.bound(dialect, statement, values), row);
            } catch (SQLException e) {
                throw dialect.fault(e);
            }
        }

        @Override
        public Reader counter() {
            return new Pooled(counters, counters, dialect);
        }
    }
}
