package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.postgres.AttemptDays;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A table of an embedded store and its counterpart in PostgreSQL.
 *
 * @param columns the columns in PostgreSQL, in its order
 * @param key the columns by which SQLite orders rows: the primary key, or {@code rowid}
 */
record TransferTable(String name, List<Column> columns, String key) {

    /** Tables that only instances of a shared store use. They stay as the migration creates them. */
    static final Set<String> POSTGRES_ONLY = Set.of("claim", "instance", "partition");

    static final String ATTEMPT = "attempt";

    static final String HISTORY = "flyway_schema_history";

    /** The index of deliveries by webhook in an embedded store: a table, and a column of deliveries. */
    private static final String SEGMENT = "segment";

    /** The key of SQLite's attempts, which the columns {@code delivery} and {@code number} are computed from. */
    private static final String ATTEMPT_KEY = ATTEMPT + ".key";

    /** Columns of PostgreSQL alone, computed from a row of SQLite. */
    private static final Map<String, Derived> DERIVED = Map.of(
            "event.identity",
            row -> Hashes.identity(row.getString("source"), row.getString("id")),
            ATTEMPT + ".day",
            row -> (long) AttemptDays.day(row.getLong("started_at")));

    /** The types of the stores' columns. */
    private static final Set<Integer> TYPES =
            Set.of(Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.BIT, Types.VARCHAR, Types.BINARY);

    private interface Derived {
        Object of(ResultSet row) throws SQLException;
    }

    /** @param type of {@link Types} */
    record Column(String name, int type) {}

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * The tables to copy, each after those that it references.
     *
     * @throws StoreException if a table or column exists on one side only and is not derived: the two schemas do not
     *     match
     */
    static List<TransferTable> pair(Connection sqlite, CopyTarget target) throws SQLException {
        List<TransferTable> tables = new ArrayList<>();
        Set<String> there = new HashSet<>(target.tables());
        for (String name : tablesOfSqlite(sqlite)) {
            if (!there.remove(name)) {
                throw mismatch("table " + name + " is missing in PostgreSQL");
            }
            tables.add(pair(sqlite, name, target.connection()));
        }
        there.removeAll(POSTGRES_ONLY);
        if (!there.isEmpty()) {
            throw mismatch("PostgreSQL has other tables: " + String.join(", ", there));
        }
        return tables;
    }

    private static StoreException mismatch(String what) {
        return new StoreException("the tables of the two stores do not match: " + what, null);
    }

    /** In creation order: no table references a later one. */
    private static List<String> tablesOfSqlite(Connection sqlite) throws SQLException {
        return new Sql(sqlite)
                .query(
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                                + " AND name NOT IN (?, ?) ORDER BY rowid",
                        row -> row.getString(1), HISTORY, SEGMENT);
    }

    private static TransferTable pair(Connection sqlite, String table, Connection postgres) throws SQLException {
        Set<String> here = new HashSet<>(new Sql(sqlite)
                .query(
                        "SELECT name FROM pragma_table_xinfo(?) WHERE name <> ? AND ? || '.' || name <> ?",
                        row -> row.getString(1),
                        table,
                        SEGMENT,
                        table,
                        ATTEMPT_KEY));
        List<Column> columns = new ArrayList<>();
        for (Column column : columnsOf(postgres, table)) {
            columns.add(column);
            if (!DERIVED.containsKey(table + "." + column.name()) && !here.remove(column.name())) {
                throw mismatch("table " + table + " has no column " + column.name() + " in SQLite");
            }
        }
        if (!here.isEmpty()) {
            throw mismatch("table " + table + " has no column " + String.join(", ", here) + " in PostgreSQL");
        }
        String key = new Sql(sqlite)
                        .query(
                                "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk",
                                row -> row.getString(1),
                                table)
                        .stream()
                        .map(TransferTable::quoted)
                        .collect(Collectors.joining(", "));
        return new TransferTable(table, columns, key.isEmpty() ? "rowid" : key);
    }

    private static List<Column> columnsOf(Connection postgres, String table) throws SQLException {
        try (PreparedStatement none = postgres.prepareStatement("SELECT * FROM " + quoted(table) + " WHERE false")) {
            ResultSetMetaData columns = none.getMetaData();
            List<Column> all = new ArrayList<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                if (!TYPES.contains(columns.getColumnType(i))) {
                    throw mismatch("column " + columns.getColumnName(i) + " of table " + table + " has type "
                            + columns.getColumnTypeName(i) + " in PostgreSQL, which --copy-to cannot write");
                }
                all.add(new Column(columns.getColumnName(i), columns.getColumnType(i)));
            }
            return all;
        }
    }

    boolean isDerived(Column column) {
        return DERIVED.containsKey(name + "." + column.name());
    }

    String insert() {
        return "INSERT INTO " + quoted(name) + " ("
                + columns.stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "))
                + ") OVERRIDING SYSTEM VALUE VALUES (" + "?, ".repeat(columns.size() - 1) + "?)";
    }

    /**
     * The current row of SQLite as PostgreSQL has it.
     *
     * @throws StoreException if a column of PostgreSQL cannot hold the value
     */
    Object[] rowOfSqlite(ResultSet row) throws SQLException {
        Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            Column column = columns.get(i);
            values[i] =
                    isDerived(column) ? DERIVED.get(name + "." + column.name()).of(row) : value(row, column);
            if (values[i] instanceof String text) {
                values[i] = PostgresDialect.text(text);
            } else if (values[i] instanceof Long number) {
                requireWithin(column, number);
            }
        }
        return values;
    }

    /** The current row of PostgreSQL. */
    Object[] rowOfPostgres(ResultSet row) throws SQLException {
        Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(row, columns.get(i));
        }
        return values;
    }

    private static Object value(ResultSet row, Column column) throws SQLException {
        Object value =
                switch (column.type()) {
                    case Types.VARCHAR -> row.getString(column.name());
                    case Types.BINARY -> row.getBytes(column.name());
                    case Types.BIT -> row.getBoolean(column.name());
                    default -> row.getLong(column.name());
                };
        return row.wasNull() ? null : value;
    }

    private void requireWithin(Column column, long number) {
        boolean isHeld =
                switch (column.type()) {
                    case Types.SMALLINT -> number == (short) number;
                    case Types.INTEGER -> number == (int) number;
                    default -> true;
                };
        if (!isHeld) {
            throw new StoreException(
                    "table " + name + " has " + column.name() + " = " + number
                            + ", which PostgreSQL's column cannot hold: it takes "
                            + (column.type() == Types.SMALLINT ? "two" : "four") + " bytes",
                    null);
        }
    }
}
