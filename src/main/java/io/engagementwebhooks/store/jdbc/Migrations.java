package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;

/**
 * The migrations of a store's tables. A store that a newer version of the product has migrated is refused, since this version
 * does not know what its tables mean. Thread-safe.
 */
public final class Migrations {

    /** The table of a PostgreSQL database that holds an incomplete copy of a store. */
    public static final String INCOMPLETE = "store_copy";

    /** Scripts in {@code db/sqlite}, in the order of their versions. */
    static final List<String> OF_SQLITE = List.of("V1__store.sql");

    private final String store;
    private final Flyway flyway;

    private Migrations(String store, UnaryOperator<FluentConfiguration> database, String location) {
        this.store = store;
        this.flyway = database.apply(Flyway.configure(Migrations.class.getClassLoader()))
                .locations(location)
                // by default a migration that this version does not know passes with a warning
                .ignoreMigrationPatterns("*:pending")
                .loggers("slf4j")
                .load();
    }

    /** Of an embedded store. */
    public static Migrations sqlite(Path file) {
        return new Migrations(
                file.toString(),
                flyway -> flyway.dataSource("jdbc:sqlite:" + file, null, null),
                "classpath:io/engagementwebhooks/db/sqlite");
    }

    /** Of an embedded store, by connections that only read. */
    static Migrations sqlite(Path file, DataSource readOnly) {
        return new Migrations(
                file.toString(), flyway -> flyway.dataSource(readOnly), "classpath:io/engagementwebhooks/db/sqlite");
    }

    /**
     * Brings the tables of an embedded store up to date, as {@link #run()}, and then sets the file's {@code user_version} to a
     * checksum of this version's scripts. Skips Flyway where it has that value already.
     *
     * @see <a href="https://www.sqlite.org/pragma.html#pragma_user_version">PRAGMA user_version</a>
     */
    static void migrate(Path file, Connection connection) throws SQLException {
        if (isCurrent(connection)) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            // one that is cut short must not leave the value of an older version
            statement.execute("PRAGMA user_version = 0");
            sqlite(file).run();
            statement.execute("PRAGMA user_version = " + version());
        }
    }

    /** Whether an embedded store says that this version has migrated it. */
    static boolean isCurrent(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.getInt(1) == version();
        }
    }

    private static int version() {
        CRC32 sum = new CRC32();
        for (String name : OF_SQLITE) {
            try (InputStream script =
                    Migrations.class.getResourceAsStream("/io/engagementwebhooks/db/sqlite/" + name)) {
                sum.update(script.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return (int) sum.getValue();
    }

    /** Of a store in PostgreSQL. */
    public static Migrations postgres(PostgresAddress address) {
        return new Migrations(
                address.toString(),
                flyway -> flyway.dataSource(
                        address.url(),
                        address.user().isEmpty() ? null : address.user(),
                        address.password().map(Secret::reveal).orElse(null)),
                "classpath:io/engagementwebhooks/db/postgres");
    }

    /**
     * Brings the tables up to date, and makes them where they are missing.
     *
     * @throws StoreException if a newer version of the product has migrated the store, it is an incomplete copy, or a migration
     *     fails
     */
    public void run() {
        check(() -> {
            flyway.migrate();
            requireComplete();
        });
    }

    /** Changes nothing. @throws StoreException if {@link #run()} would refuse the store */
    void requireUsable() {
        check(() -> {
            if (flyway.info().current() == null && has("%")) {
                throw fault("cannot be used: it holds tables, and they are not the product's", null);
            }
            flyway.validate();
            requireComplete();
        });
    }

    private void requireComplete() throws SQLException {
        if (has(INCOMPLETE)) {
            throw fault("is an incomplete copy; run --copy-to again, and it continues where it was", null);
        }
    }

    private boolean has(String table) throws SQLException {
        try (Connection connection = flyway.getConfiguration().getDataSource().getConnection();
                ResultSet tables = connection
                        .getMetaData()
                        .getTables(null, connection.getSchema(), table, new String[] {"TABLE"})) {
            return tables.next();
        }
    }

    /** Changes nothing. @throws StoreException if the tables are not those of this version of the product */
    public void requireCurrent() {
        check(() -> {
            if (flyway.info().pending().length > 0) {
                throw fault(
                        "is of an older version of the product; start this version on it once, stop it, and run the"
                                + " command again",
                        null);
            }
            flyway.validate();
        });
    }

    private interface Step {
        void run() throws SQLException;
    }

    private void check(Step step) {
        try {
            step.run();
        } catch (FlywayException | SQLException e) {
            Throwable cause = cause(e);
            if (SqliteFaults.isDamage(cause)) {
                throw SqliteFaults.damaged(Path.of(store), cause.getMessage());
            }
            if (e instanceof FlywayValidateException) {
                requireKnown();
            }
            boolean isForbidden = cause instanceof SQLException sql && PostgresFaults.isOfSettings(sql);
            throw fault(
                    "cannot be used: " + cause.getMessage()
                            + (isForbidden ? "; the role needs CREATE on its schema" : ""),
                    e);
        }
    }

    /** Flyway's own message has many lines. */
    private static Throwable cause(Throwable fault) {
        return fault instanceof SQLException || fault.getCause() == null ? fault : cause(fault.getCause());
    }

    private void requireKnown() {
        MigrationVersion known = MigrationVersion.EMPTY;
        MigrationVersion applied = MigrationVersion.EMPTY;
        for (MigrationInfo migration : flyway.info().all()) {
            known = migration.getState().isResolved() ? migration.getVersion() : known;
            applied = migration.getState().isApplied() ? migration.getVersion() : applied;
        }
        if (applied.compareTo(known) > 0) {
            throw fault(
                    "has version " + applied + ", and this version of the product knows up to " + known
                            + ": a newer one has migrated it. Start that one, or restore the backup that was made before"
                            + " the upgrade (docs/operations.md)",
                    null);
        }
    }

    private StoreException fault(String what, Exception cause) {
        return new StoreException("the store " + store + " " + what, cause);
    }
}
