package io.engagementwebhooks.store.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The prepared statements of one connection. Used by one thread at a time. */
public final class Statements {

    private final Connection connection;
    private final Dialect dialect;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    public Statements(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.dialect = dialect;
    }

    /** Maps a row. */
    public interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    public Connection connection() {
        return connection;
    }

    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement known = prepared.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            prepared.put(sql, known);
        }
        return known;
    }

    public int update(String sql, Object... values) throws SQLException {
        return bound(prepare(sql), values).executeUpdate();
    }

    public <T> List<T> query(String sql, Row<T> row, Object... values) throws SQLException {
        return rows(bound(prepare(sql), values), row);
    }

    public <T> Optional<T> first(String sql, Row<T> row, Object... values) throws SQLException {
        return first(query(sql, row, values));
    }

    /** Empty also where the first value is null. */
    static <T> Optional<T> first(List<T> rows) {
        return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.get(0));
    }

    public boolean exists(String sql, Object... values) throws SQLException {
        return first(sql, row -> true, values).isPresent();
    }

    private PreparedStatement bound(PreparedStatement statement, Object... values) throws SQLException {
        return bound(dialect, statement, values);
    }

    static PreparedStatement bound(Dialect dialect, PreparedStatement statement, Object... values) throws SQLException {
        int index = 1;
        for (Object value : values) {
            index = dialect.bind(statement, index, value);
        }
        return statement;
    }

    static <T> List<T> rows(PreparedStatement statement, Row<T> row) throws SQLException {
        List<T> all = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.add(row.of(rows));
            }
        }
        return all;
    }

    /** Closes all statements after a failure: SQLite's driver makes them unusable after a full disk or a read error. */
    public void closeAll() {
        for (PreparedStatement statement : prepared.values()) {
            try {
                statement.close();
            } catch (SQLException e) {
                // closing reports the last run's failure again
                continue;
            }
        }
        prepared.clear();
    }
}
