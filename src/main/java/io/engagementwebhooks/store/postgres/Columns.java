package io.engagementwebhooks.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** Parameters and columns as PostgreSQL wants them. */
final class Columns {

    private Columns() {}

    /** A statement with its parameters, to be closed. */
    static PreparedStatement prepared(Connection connection, String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < values.length; i++) {
                set(connection, statement, i + 1, values[i]);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values)) {
            return statement.executeUpdate();
        }
    }

    private static void set(Connection connection, PreparedStatement statement, int index, Object value)
            throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.NULL);
        } else if (value instanceof String text) {
            statement.setString(index, text(text));
        } else if (value instanceof Instant instant) {
            statement.setLong(index, instant.toEpochMilli());
        } else if (value instanceof Many many) {
            statement.setArray(index, connection.createArrayOf(many.type(), many.values()));
        } else if (value instanceof byte[] bytes) {
            statement.setBytes(index, bytes);
        } else {
            statement.setObject(index, value);
        }
    }

    /** An array parameter. */
    record Many(String type, Object[] values) {}

    static <T> Many ints(List<T> rows, Function<T, Integer> value) {
        return new Many("int4", rows.stream().map(value).toArray(Integer[]::new));
    }

    static <T> Many longs(List<T> rows, Function<T, Long> value) {
        return new Many("int8", rows.stream().map(value).toArray(Long[]::new));
    }

    static <T> Many texts(List<T> rows, Function<T, String> value) {
        return new Many("text", rows.stream().map(row -> text(value.apply(row))).toArray(String[]::new));
    }

    static <T> Many bytes(List<T> rows, Function<T, byte[]> value) {
        return new Many("bytea", rows.stream().map(value).toArray(byte[][]::new));
    }

    /** PostgreSQL keeps no NUL; it can only come from what others answered. */
    private static String text(String text) {
        return text == null || text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }

    static Long millis(Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    static Long millis(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }
}
