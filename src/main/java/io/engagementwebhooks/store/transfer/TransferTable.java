package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Migrations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table of an embedded store and its counterpart in PostgreSQL.
 *
 * @param columns the columns in PostgreSQL, in its order
 * @param key the columns by which SQLite orders rows: the primary key, or {@code rowid}
 */
record TransferTable(String name, List<Column> columns, List<Column> key) {

    /** The PostgreSQL types of a store's columns. */
    enum Type {
        SMALLINT,
        INT,
        BIGINT,
        BOOLEAN,
        TEXT,
        BYTEA;

        private static Type of(String table, String column, String name) {
            return switch (name) {
                case "int2" -> SMALLINT;
                case "int4" -> INT;
                case "int8" -> BIGINT;
                case "bool" -> BOOLEAN;
                case "text" -> TEXT;
                case "bytea" -> BYTEA;
                default ->
                    throw new StoreException(
                            "column " + column + " of table " + table + " has type " + name
                                    + " in PostgreSQL, which --copy-to cannot write",
                            null);
            };
        }
    }

    /** The source of a column's value. */
    enum Origin {
        /** A column of the same name. */
        STORED,
        /** {@code event.identity}: hashes of {@code id} and {@code source}. */
        EVENT_IDENTITY,
        /** {@code attempt.day}: {@code started_at} in days. */
        ATTEMPT_DAY
    }

    record Column(String name, Type type, Origin origin) {
        String quoted() {
            return TransferTable.quoted(name);
        }
    }

    /** The index of deliveries by webhook in an embedded store: a table, and a column of deliveries. */
    static final String SEGMENT = "segment";

    /** Tables that only instances of a shared store use. They stay as the migration creates them. */
    static final Set<String> POSTGRES_ONLY = Set.of("claim", "instance", "partition");

    static final String ATTEMPT = "attempt";

    /** The key of SQLite's attempts, which the columns {@code delivery} and {@code number} are computed from. */
    private static final String ATTEMPT_KEY = ATTEMPT + ".key";

    static final String HISTORY = "flyway_schema_history";

    private static final Map<String, Origin> DERIVED =
            Map.of("event.identity", Origin.EVENT_IDENTITY, ATTEMPT + ".day", Origin.ATTEMPT_DAY);

    private static final Column ROWID = new Column("rowid", Type.BIGINT, Origin.STORED);

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    String quoted() {
        return quoted(name);
    }

    List<Column> storedColumns() {
        return columns.stream()
                .filter(column -> column.origin() == Origin.STORED)
                .toList();
    }

    static String names(List<Column> columns) {
        return columns.stream().map(Column::quoted).collect(Collectors.joining(", "));
    }

    /**
     * The tables to copy, each after those that it references.
     *
     * @throws StoreException if a table or column exists on one side only and is not derived: the two schemas do not
     *     match
     */
    static List<TransferTable> pair(Connection sqlite, Connection postgres) throws SQLException {
        List<TransferTable> tables = new ArrayList<>();
        Map<String, Map<String, Type>> there = columnsOfPostgres(postgres);
        for (String name : tablesOfSqlite(sqlite)) {
            Map<String, Type> columns = there.remove(name);
            if (columns == null) {
                throw mismatch("table " + name + " is missing in PostgreSQL");
            }
            tables.add(pair(sqlite, name, columns));
        }
        there.keySet().removeAll(POSTGRES_ONLY);
        if (!there.isEmpty()) {
            throw mismatch("PostgreSQL has other tables: " + String.join(", ", there.keySet()));
        }
        return tables;
    }

    private static StoreException mismatch(String what) {
        return new StoreException("the tables of the two stores do not match: " + what, null);
    }

    private static TransferTable pair(Connection sqlite, String table, Map<String, Type> there) throws SQLException {
        Set<String> here = new HashSet<>();
        List<Column> key = keyOfSqlite(sqlite, table, here, there);
        List<Column> columns = new ArrayList<>();
        there.forEach((name, type) -> {
            Origin origin = DERIVED.getOrDefault(table + "." + name, Origin.STORED);
            if (origin == Origin.STORED && !here.remove(name)) {
                throw mismatch("table " + table + " has no column " + name + " in SQLite");
            }
            columns.add(new Column(name, type, origin));
        });
        if (!here.isEmpty()) {
            throw mismatch("table " + table + " has no column " + String.join(", ", here) + " in PostgreSQL");
        }
        return new TransferTable(table, columns, key);
    }

    /** In creation order: no table references a later one. */
    private static List<String> tablesOfSqlite(Connection sqlite) throws SQLException {
        return new Sql(sqlite)
                .query(
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                                + " AND name NOT IN (?, ?) ORDER BY rowid",
                        row -> row.getString(1), HISTORY, SEGMENT);
    }

    private static List<Column> keyOfSqlite(
            Connection sqlite, String table, Set<String> columns, Map<String, Type> there) throws SQLException {
        Map<Integer, Column> key = new TreeMap<>();
        try (PreparedStatement statement = sqlite.prepareStatement("SELECT name, pk FROM pragma_table_xinfo(?)")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    if (ATTEMPT_KEY.equals(table + "." + name) || SEGMENT.equals(name)) {
                        continue;
                    }
                    columns.add(name);
                    if (rows.getInt(2) > 0) {
                        key.put(rows.getInt(2), new Column(name, there.get(name), Origin.STORED));
                    }
                }
            }
        }
        return key.isEmpty() ? List.of(ROWID) : List.copyOf(key.values());
    }

    /** The columns by table, in column order, without partitions and other programs' tables. */
    private static Map<String, Map<String, Type>> columnsOfPostgres(Connection postgres) throws SQLException {
        Map<String, Map<String, Type>> tables = new TreeMap<>();
        try (PreparedStatement statement =
                postgres.prepareStatement("SELECT c.relname, a.attname, t.typname FROM pg_class c"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                        + " JOIN pg_type t ON t.oid = a.atttypid"
                        + " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
                        + " AND NOT c.relispartition AND c.relname <> ALL (?) ORDER BY c.relname, a.attnum")) {
            statement.setArray(
                    1,
                    postgres.createArrayOf(
                            "text",
                            Stream.concat(POSTGRES_ONLY.stream(), Stream.of(HISTORY, Migrations.INCOMPLETE))
                                    .toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String table = rows.getString(1);
                    String column = rows.getString(2);
                    tables.computeIfAbsent(table, name -> new LinkedHashMap<>())
                            .put(column, Type.of(table, column, rows.getString(3)));
                }
            }
        }
        return tables;
    }
}
