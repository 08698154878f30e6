package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The dialect of PostgreSQL: native arrays, and locks for writes by several instances. Thread-safe. */
public final class PostgresDialect implements Dialect {

    private static final Map<String, String> ARRAYS =
            Map.of("int", "int4", "bigint", "int8", "text", "text", "bytea", "bytea", "boolean", "bool");

    private final PostgresWrites hot;

    public PostgresDialect(AttemptDays days) {
        this.hot = new PostgresWrites(days);
    }

    @Override
    public int bind(PreparedStatement statement, int index, Object value) throws SQLException {
        if (value instanceof Values.Table table) {
            int next = index;
            for (int i = 0; i < table.columns().size(); i++) {
                int column = i;
                array(
                        statement,
                        next++,
                        table.columns().get(i),
                        table.rows().stream().map(row -> row[column]).toArray());
            }
            return next;
        }
        if (value == null) {
            statement.setNull(index, Types.NULL);
        } else if (value instanceof String text) {
            statement.setString(index, text(text));
        } else if (value instanceof Instant instant) {
            statement.setLong(index, instant.toEpochMilli());
        } else if (value instanceof Values.Many many) {
            array(statement, index, many.type(), many.values().toArray());
        } else if (value instanceof byte[] bytes) {
            statement.setBytes(index, bytes);
        } else {
            statement.setObject(index, value);
        }
        return index + 1;
    }

    private static void array(PreparedStatement statement, int index, String type, Object[] values)
            throws SQLException {
        Object[] typed =
                switch (type) {
                    case "int" -> new Integer[values.length];
                    case "bigint" -> new Long[values.length];
                    case "bytea" -> new byte[values.length][];
                    case "boolean" -> new Boolean[values.length];
                    default -> new String[values.length];
                };
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            typed[i] = value instanceof Instant instant
                    ? (Object) instant.toEpochMilli()
                    : value instanceof String text ? text(text) : value;
        }
        statement.setArray(index, statement.getConnection().createArrayOf(ARRAYS.get(type), typed));
    }

    /**
     * Replaces NUL, which PostgreSQL cannot store; it occurs only in responses.
     *
     * @return the text with U+FFFD for each
     */
    public static String text(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }

    @Override
    public String in(String column) {
        return column + " = ANY (?)";
    }

    @Override
    public String rows(String alias, String... columns) {
        StringBuilder sql = new StringBuilder("unnest(");
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < columns.length; i++) {
            String[] column = columns[i].split(" ");
            sql.append(i == 0 ? "" : ", ")
                    .append("CAST(? AS ")
                    .append(column[1])
                    .append("[])");
            names.append(i == 0 ? "" : ", ").append(column[0]);
        }
        return sql + ") " + alias + "(" + names + ")";
    }

    @Override
    public String greatest() {
        return "greatest";
    }

    @Override
    public String now() {
        return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";
    }

    @Override
    public String noIndex(String column) {
        return column;
    }

    @Override
    public String ofWebhook(String columns, String where, String order, String limit) {
        return Dialect.inOrder(columns, where, order, limit);
    }

    @Override
    public Object[] ofWebhookValues(Object... values) {
        return values;
    }

    @Override
    public String ofWebhookSince(String columns, String where, String limit) {
        return ofWebhook(columns, where, "DESC", limit);
    }

    @Override
    public Object[] ofWebhookSinceValues(String firstId, int limit) {
        return new Object[] {firstId, limit};
    }

    @Override
    public String like() {
        return "ILIKE";
    }

    @Override
    public String attemptOf(String alias, String delivery) {
        return alias + ".delivery = " + delivery;
    }

    @Override
    public String attempt(String alias, String delivery, String number) {
        return attemptOf(alias, delivery) + " AND " + alias + ".number = " + number;
    }

    @Override
    public String attemptsSince(String alias) {
        return " AND " + alias + ".day >= ?";
    }

    @Override
    public List<Object> attemptsSinceValues(Instant from) {
        return List.of(AttemptDays.day(from.toEpochMilli()));
    }

    @Override
    public String locking(String clause) {
        return " " + clause;
    }

    @Override
    public String ofEventId() {
        return "id = ? AND identity BETWEEN ? AND ?";
    }

    @Override
    public Object[] eventIdValues(String id) {
        byte[] first = Hashes.idPrefix(id);
        return new Object[] {id, first, Hashes.upperBound(first)};
    }

    @Override
    public void lock(Statements statements, Collection<Long> names) throws SQLException {
        if (!names.isEmpty()) {
            statements.query(
                    "SELECT count(*) FROM (SELECT pg_advisory_xact_lock(k) FROM unnest(?) k) locked",
                    row -> true,
                    Values.longs(List.copyOf(new TreeSet<>(names))));
        }
    }

    @Override
    public HotWrites hot() {
        return hot;
    }

    @Override
    public boolean isOfStore(SQLException fault) {
        return PostgresFaults.isOfServer(fault);
    }
}
