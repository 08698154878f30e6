package io.engagementwebhooks.console;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Until closed, an embedded store refuses changes of these tables, as on a full disk, and can be read. */
public final class RefusedWrites implements AutoCloseable {

    private static final List<String> CHANGES = List.of("INSERT", "UPDATE", "DELETE");

    private final Path store;
    private final List<String> tables;

    public RefusedWrites(Path store, String... tables) throws SQLException {
        this.store = store;
        this.tables = List.of(tables);
        forEach("CREATE TRIGGER full_%1$s_%2$s BEFORE %1$s ON %2$s"
                + " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
    }

    private void forEach(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
                Statement statement = connection.createStatement()) {
            for (String table : tables) {
                for (String change : CHANGES) {
                    statement.execute(sql.formatted(change, table));
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        forEach("DROP TRIGGER full_%1$s_%2$s");
    }
}
