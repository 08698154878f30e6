package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.store.cluster.OwnedPartitions;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.DueRowsContract;
import io.engagementwebhooks.store.postgres.PostgresDialect;
import io.engagementwebhooks.testkit.Postgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

public class PostgresDueRowsTest extends DueRowsContract {

    /** Of all tables, in several parts of a statement. */
    private static final int MAX_ROWS = 1_000;

    private static final Set<String> LARGE = Set.of("due", "delivery", "event");

    private final String url = Postgres.newDatabase();
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = Postgres.connect(url);
    }

    @AfterEach
    void dropDatabase() throws SQLException {
        connection.close();
        Postgres.drop(url);
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public Dialect dialect() {
        return new PostgresDialect(null);
    }

    @Override
    public OwnedPartitions owned() {
        return new OwnedPartitions(
                () -> IntStream.range(0, Ownership.PARTITIONS).boxed().toList());
    }

    @Override
    public String[] eventColumn() {
        return new String[] {"identity, ", "sha256(convert_to('e' || g, 'UTF8')), "};
    }

    @Override
    public void assertReadsFew(Statements statements, String sql, Object... values) throws SQLException {
        connection.setAutoCommit(false);
        String plan = statements
                .first(
                        "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) " + sql,
                        row -> row.getString(1),
                        values)
                .orElseThrow();
        connection.rollback();
        connection.setAutoCommit(true);
        long rows = 0;
        for (JsonNode step : scans(plan)) {
            String table = step.path("Relation Name").asText();
            boolean isWhole =
                    LARGE.contains(table) && step.path("Node Type").asText().equals("Seq Scan");
            assertFalse(isWhole, () -> "reads all of " + table + ": " + plan);
            rows += step.path("Actual Loops").asLong()
                    * (step.path("Actual Rows").asLong()
                            + step.path("Rows Removed by Filter").asLong());
        }
        long read = rows;
        assertTrue(read <= MAX_ROWS, () -> read + " rows: " + plan);
    }

    /** The steps of a plan that read a table. */
    private static Iterable<JsonNode> scans(String plan) {
        try {
            return new ObjectMapper().readTree(plan).findParents("Relation Name");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
