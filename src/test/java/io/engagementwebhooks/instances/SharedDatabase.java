package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;

import io.engagementwebhooks.testkit.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL that the instances of a test share, and what the test asks it. */
final class SharedDatabase implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final String url = Postgres.newDatabase();

    String url() {
        return url;
    }

    /** The settings of an instance on it. @param more {@code key=value} */
    String[] settings(String... more) {
        return Stream.concat(
                        Stream.of(
                                "webhooks.store.url=" + url,
                                "webhooks.store.user=" + Postgres.USER,
                                "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    /** The numbers in the first column. */
    List<Integer> query(String sql) {
        try (Connection connection = Postgres.connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<Integer> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getInt(1));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void execute(String sql) {
        try (Connection connection = Postgres.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the instances that hold their leases own so many partitions, in ascending order. */
    void awaitShares(Integer... shares) {
        await().atMost(PATIENCE).until(() -> query("SELECT count(*) FROM partition p JOIN instance i ON i.id = p.owner"
                        + " WHERE i.expires_at > now() GROUP BY owner ORDER BY 1")
                .equals(List.of(shares)));
    }

    @Override
    public void close() {
        Postgres.drop(url);
    }
}
