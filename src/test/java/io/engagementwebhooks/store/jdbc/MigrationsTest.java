package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts on a store of another version of the product. */
class MigrationsTest {

    private static final String NEWER =
            "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
                    + " execution_time, success) VALUES (99, '99.2', 'later', 'SQL', 'V99_2__later.sql', 1, 'me', 1, ";

    private static final String REFUSED =
            " has version 99.2, and this version of the product knows up to 4: a newer one has"
                    + " migrated it. Start that one, or restore the backup that was made before the upgrade (docs/operations.md)";

    @TempDir
    Path folder;

    private static String refused(Migrations migrations) {
        String refused =
                assertThrows(StoreException.class, migrations::requireCurrent).getMessage();
        assertEquals(
                refused, assertThrows(StoreException.class, migrations::run).getMessage());
        return refused;
    }

    private static Connection connect(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void a_sqlite_store_of_a_newer_version_is_refused() throws SQLException {
        Path file = folder.resolve("webhooks.db");
        SqliteStore.open(file, Clock.systemUTC()).close();
        run(connect(file), NEWER + "1)");
        run(connect(file), "PRAGMA user_version = 992");
        assertEquals("the store " + file + REFUSED, refused(Migrations.sqlite(file)));
        StoreException opened = assertThrows(StoreException.class, () -> SqliteStore.open(file, Clock.systemUTC()));
        assertEquals("the store " + file + REFUSED, opened.getMessage());
        assertEquals(0, userVersion(file));
        run(connect(file), "DELETE FROM flyway_schema_history WHERE version = '99.2'");
        SqliteStore.open(file, Clock.systemUTC()).close();
        assertNotEquals(0, userVersion(file));
    }

    /** Its tables have more versions than there are, so that it looks newer. */
    @Test
    void a_store_from_before_the_first_release_is_refused_as_an_older_one() throws SQLException {
        Path file = folder.resolve("webhooks.db");
        SqliteStore.open(file, Clock.systemUTC()).close();
        run(
                connect(file),
                "UPDATE flyway_schema_history SET checksum = 1, script = 'V1__outbox.sql' WHERE version = '1'");
        run(connect(file), NEWER + "1)");
        run(connect(file), "PRAGMA user_version = 992");

        assertEquals(
                "the store " + file
                        + " is of an older version of the product, from before the first release, and cannot"
                        + " be migrated: start that version, or name a new store in webhooks.store.url",
                refused(Migrations.sqlite(file)));
    }

    @Test
    void a_read_only_check_refuses_the_same_stores_as_a_start_without_a_change() throws Exception {
        Path file = folder.resolve("webhooks.db");
        assertTrue(ReadOnlyStore.sqlite(file).isEmpty());
        assertFalse(Files.exists(file));
        SqliteStore.open(file, Clock.systemUTC()).close();
        byte[] current = Files.readAllBytes(file);
        try (ReadOnlyStore store = ReadOnlyStore.sqlite(file).orElseThrow()) {
            assertTrue(store.setting("key-id").isEmpty());
        }
        assertArrayEquals(current, Files.readAllBytes(file));

        run(connect(file), NEWER + "1)");
        run(connect(file), "PRAGMA user_version = 992");
        byte[] newer = Files.readAllBytes(file);
        assertEquals("the store " + file + REFUSED, refusedReadOnly(file));
        assertArrayEquals(newer, Files.readAllBytes(file));
        assertEquals(List.of("webhooks.db", "webhooks.db.lock"), files());

        run(connect(file), "DELETE FROM flyway_schema_history WHERE version = '99.2'");
        ReadOnlyStore.sqlite(file).orElseThrow().close();
        run(connect(file), "DROP TABLE flyway_schema_history");
        assertTrue(refusedReadOnly(file).contains("cannot be used"), () -> refusedReadOnly(file));

        Files.writeString(
                file, "This is no database, and longer than the header of one would be: 100 bytes of a text.");
        assertTrue(refusedReadOnly(file).contains("is damaged"), () -> refusedReadOnly(file));
    }

    private static String refusedReadOnly(Path file) {
        return assertThrows(StoreException.class, () -> ReadOnlyStore.sqlite(file))
                .getMessage();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static int userVersion(Path file) throws SQLException {
        try (Connection connection = connect(file);
                ResultSet row = connection.createStatement().executeQuery("PRAGMA user_version")) {
            return row.getInt(1);
        }
    }

    @Test
    void a_newer_postgresql_store_and_a_role_without_create_are_refused() throws SQLException {
        String database = Postgres.emptyDatabase();
        try {
            run(Postgres.connect(database), "CREATE ROLE reader LOGIN");
            PostgresAddress ofReader = new PostgresAddress(database, "reader", Optional.empty());
            String forbidden = assertThrows(StoreException.class, () -> Migrations.postgres(ofReader)
                            .run())
                    .getMessage();
            assertTrue(
                    forbidden.startsWith("the store " + database + " cannot be used: ERROR: permission denied"),
                    forbidden);
            assertTrue(forbidden.endsWith("; the role needs CREATE on its schema"), forbidden);
            PostgresAddress address = new PostgresAddress(database, Postgres.USER, Optional.empty());
            Migrations.postgres(address).run();
            run(Postgres.connect(database), NEWER + "true)");
            assertEquals("the store " + database + REFUSED, refused(Migrations.postgres(address)));
            StoreException opened =
                    assertThrows(StoreException.class, () -> PostgresStore.open(address, Clock.systemUTC()));
            assertEquals("the store " + database + REFUSED, opened.getMessage());
            StoreException read = assertThrows(StoreException.class, () -> ReadOnlyStore.postgres(address));
            assertEquals("the store " + database + REFUSED, read.getMessage());
        } finally {
            run(Postgres.connect(database), "DROP ROLE reader");
            Postgres.drop(database);
        }
    }

    @Test
    void a_store_of_an_older_version_is_migrated_by_a_start_and_by_no_command() throws SQLException {
        Path file = folder.resolve("webhooks.db");
        Migrations older = Migrations.sqlite(file);
        String refused =
                assertThrows(StoreException.class, older::requireCurrent).getMessage();
        assertTrue(refused.contains("is of an older version of the product; start this version on it once"), refused);
        older.run();
        older.requireCurrent();
    }

    /** Without its history Flyway would refuse the store. */
    @Test
    void flyway_is_skipped_for_a_store_migrated_by_this_version() throws SQLException {
        Path file = folder.resolve("webhooks.db");
        SqliteStore.open(file, Clock.systemUTC()).close();
        run(connect(file), "DROP TABLE flyway_schema_history");
        SqliteStore.open(file, Clock.systemUTC()).close();
        run(connect(file), "PRAGMA user_version = 1");
        StoreException opened = assertThrows(StoreException.class, () -> SqliteStore.open(file, Clock.systemUTC()));
        assertTrue(opened.getMessage().contains("cannot be used"), opened::getMessage);
    }

    @Test
    void each_migration_of_sqlite_is_in_the_list() throws IOException {
        try (Stream<Path> scripts = Files.list(Path.of("src/main/resources/db/sqlite"))) {
            assertEquals(
                    Migrations.OF_SQLITE,
                    scripts.map(script -> script.getFileName().toString())
                            .sorted()
                            .toList());
        }
    }

    /** Older instances continue on a migrated PostgreSQL store. The first two are from before the first release. */
    @Test
    void a_migration_after_the_second_only_adds_tables_columns_with_defaults_and_indexes() throws IOException {
        try (Stream<Path> scripts = Files.walk(Path.of("src/main/resources/db"))) {
            for (Path script : scripts.filter(Files::isRegularFile)
                    .filter(script -> !script.getFileName().toString().matches("V[12]__.*"))
                    .toList()) {
                assertEquals(List.of(), notAdding(Files.readString(script)), script::toString);
            }
        }
    }

    @Test
    void a_statement_that_does_more_than_add_is_found() {
        String adding =
                """
                -- DROP TABLE event
                CREATE TABLE label (
                  name text NOT NULL PRIMARY KEY
                );
                CREATE INDEX label_of_event ON event (id);
                CREATE SEQUENCE label_key;
                ALTER TABLE event ADD COLUMN label text;
                alter table event add column weight int not null default 0, add column color text;
                """;
        assertEquals(List.of(), notAdding(adding));
        for (String other : List.of(
                "DROP INDEX event_age",
                "ALTER TABLE event DROP COLUMN trace",
                "ALTER TABLE event ADD COLUMN label text, DROP COLUMN trace",
                "ALTER TABLE event RENAME TO message",
                "ALTER TABLE event RENAME COLUMN trace TO parent",
                "ALTER TABLE event ADD COLUMN weight int NOT NULL",
                "ALTER TABLE event ADD COLUMN label text UNIQUE",
                "ALTER TABLE event ADD COLUMN label text, ADD CONSTRAINT known CHECK (subject IS NOT NULL)",
                "ALTER TABLE event ADD COLUMN color text DEFAULT 'red', ADD COLUMN weight int NOT NULL",
                "ALTER TABLE event ALTER COLUMN subject SET NOT NULL",
                "CREATE UNIQUE INDEX event_subject ON event (subject)",
                "DELETE FROM event")) {
            assertEquals(List.of(other), notAdding(adding + other + ";"));
        }
    }

    /** The statements of a script after which an older version might fail. */
    private static List<String> notAdding(String script) {
        return Arrays.stream(script.replaceAll("--.*", "").split(";"))
                .map(statement -> statement.strip().replaceAll("\\s+", " "))
                .filter(statement -> !statement.isEmpty() && !isAdding(statement.toUpperCase(Locale.ROOT)))
                .toList();
    }

    private static boolean isAdding(String statement) {
        return statement.matches("CREATE (TABLE|INDEX|SEQUENCE) .*")
                || statement.matches(
                                "ALTER TABLE \\S+ ADD COLUMN (?!.*\\b(DROP|RENAME|ALTER|CONSTRAINT|CHECK|UNIQUE|PRIMARY|REFERENCES)\\b).*")
                        && Arrays.stream(statement.split(" ADD COLUMN "))
                                .noneMatch(column -> column.contains(" NOT NULL") && !column.contains(" DEFAULT "));
    }
}
