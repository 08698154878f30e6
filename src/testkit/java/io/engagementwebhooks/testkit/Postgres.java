package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A PostgreSQL server that all tests of this process share, each in a separate database. It starts when a test first
 * needs it and ends with the process. It runs without durability; a test that kills, freezes or fills its server starts
 * a separate one. Thread-safe.
 */
public final class Postgres {

    /** The superuser, without a password. */
    public static final String USER = "postgres";

    private static final String TEMPLATE = "migrated";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static EmbeddedPostgres durableServer;

    private Postgres() {}

    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            server = start("off");
            create(server, TEMPLATE, "");
            String url = url(server, TEMPLATE);
            PostgresStore.open(new PostgresAddress(url, USER, Optional.empty()), Clock.systemUTC())
                    .close();
            execute(url, CLEAR);
        }
        return server;
    }

    private static synchronized EmbeddedPostgres durableServer() {
        if (durableServer == null) {
            durableServer = start("on");
        }
        return durableServer;
    }

    private static EmbeddedPostgres start(String durable) {
        Budget.SERVERS.use();
        try {
            return EmbeddedPostgres.builder()
                    .setPGStartupWait(Patience.LONG)
                    .setServerConfig("fsync", durable)
                    .setServerConfig("synchronous_commit", durable)
                    .setServerConfig("full_page_writes", durable)
                    .setServerConfig("max_connections", "200")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the URL of a new database with the tables of the product */
    public static String newDatabase() {
        return newDatabase(server(), " TEMPLATE " + TEMPLATE);
    }

    /** @return the URL of a new database without tables, for tests of migrations */
    public static String emptyDatabase() {
        return newDatabase(server(), "");
    }

    /** @return the URL of a new database without tables on a server as durable as in production, for measurements */
    public static String durableDatabase() {
        return newDatabase(durableServer(), "");
    }

    private static String newDatabase(EmbeddedPostgres on, String options) {
        Budget.DATABASES.use();
        String name = "test_" + DATABASES.incrementAndGet();
        create(on, name, options);
        return url(on, name);
    }

    private static void create(EmbeddedPostgres on, String name, String options) {
        execute(on.getJdbcUrl(USER, USER), "CREATE DATABASE " + name + options);
    }

    private static String url(EmbeddedPostgres of, String database) {
        return "jdbc:postgresql://localhost:" + of.getPort() + "/" + database;
    }

    public static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url, USER, "");
    }

    private static void execute(String url, String sql) {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Removes all rows that were added to a database of {@link #newDatabase}, ten times as fast as a new one. */
    public static void clear(String url) {
        execute(url, "CALL testkit.clear()");
    }

    /** Removes a database, also while there are connections to it. */
    public static void drop(String url) {
        int name = url.lastIndexOf('/') + 1;
        execute(url.substring(0, name) + USER, "DROP DATABASE IF EXISTS " + url.substring(name) + " WITH (FORCE)");
    }

    /**
     * Copies the rows of migrations, and creates the procedure that clears a database. It deletes rows, since TRUNCATE
     * makes new files for all tables and indexes.
     */
    private static final String CLEAR =
            """
            CREATE SCHEMA testkit;
            DO $$
            DECLARE
              name text;
            BEGIN
              FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                  AND relname <> 'flyway_schema_history' LOOP
                EXECUTE format('CREATE TABLE testkit.%1$I AS TABLE public.%1$I', name);
              END LOOP;
            END $$;
            CREATE PROCEDURE testkit.clear() LANGUAGE plpgsql AS $$
            DECLARE
              name text;
            BEGIN
              FOR name IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'attempt'::regclass LOOP
                EXECUTE 'DROP TABLE ' || name;
              END LOOP;
              -- tables refer to each other, and come in any order
              SET LOCAL session_replication_role = replica;
              FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'testkit'::regnamespace LOOP
                EXECUTE format('DELETE FROM public.%I', name);
                EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE TABLE testkit.%1$I', name);
              END LOOP;
            END $$
            """;
}
