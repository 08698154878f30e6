package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.cluster.OwnedPartitions;
import io.engagementwebhooks.store.due.DueRowsContract;
import io.engagementwebhooks.store.sqlite.SqliteDialect;
import io.engagementwebhooks.testkit.MigratedSqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

public class SqliteDueRowsTest extends DueRowsContract {

    /** Instructions of SQLite's virtual machine. A row of {@code due} with its delivery and event takes about 200. */
    private static final int MAX_INSTRUCTIONS = 40_000;

    @TempDir
    Path folder;

    @AutoClose
    private Connection connection;

    private Dialect dialect;

    @BeforeEach
    void connect() throws SQLException {
        Path file = folder.resolve("data").resolve("webhooks.db");
        MigratedSqlite.copyTo(file);
        dialect = new SqliteDialect(file);
        connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public OwnedPartitions owned() {
        return OwnedPartitions.ALL;
    }

    @Override
    public String[] eventColumn() {
        return new String[] {"", ""};
    }

    @Override
    public void assertReadsFew(Statements statements, String sql, Object... values) throws SQLException {
        List<String> plan = statements.query("EXPLAIN QUERY PLAN " + sql, step -> step.getString("detail"), values);
        int[] instructions = {0};
        connection.setAutoCommit(false);
        ProgressHandler.setHandler(connection, 100, new ProgressHandler() {
            @Override
            protected int progress() {
                instructions[0] += 100;
                return 0;
            }
        });
        Statements.bound(dialect, statements.prepare(sql), values).execute();
        ProgressHandler.clearHandler(connection);
        connection.rollback();
        connection.setAutoCommit(true);
        assertTrue(instructions[0] <= MAX_INSTRUCTIONS, () -> instructions[0] + " " + plan + " " + sql);
    }
}
