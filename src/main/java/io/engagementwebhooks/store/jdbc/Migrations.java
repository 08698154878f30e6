package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresFaults;
import io.engagementwebhooks.store.sqlite.SqliteFaults;
import io.engagementwebhooks.webhook.auth.Secret;
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

/** Migrates the tables of a store. Refuses a store that a newer version of the product has migrated. Thread-safe. */
public final class Migrations {

    /** The table of a PostgreSQL database that holds an incomplete copy of a store. */
    public static final String INCOMPLETE = "store_copy";

    /** Scripts in {@code db/sqlite}, in the order of their versions. */
    static final List<String> OF_SQLITE =
            List.of("V1__store.sql", "V2__third_edition.sql", "V3__erasure.sql", "V4__file.sql");

    private final String store;
    private final Flyway flyway;

    private Migrations(String store, UnaryOperator<FluentConfiguration> database, String location) {
        this.store = store;
        this.flyway = database.apply(Flyway.configure(Migrations.class.getClassLoader()))
                .locations(location)
                // by default Flyway only warns of a migration that this version does not know
                .ignoreMigrationPatterns("*:pending")
                .loggers("slf4j")
                .load();
    }

    /** For an embedded store. */
    public static Migrations sqlite(Path file) {
        return new Migrations(
                file.toString(),
                flyway -> flyway.dataSource("jdbc:sqlite:" + file, null, null),
                "classpath:io/engagementwebhooks/db/sqlite");
    }

    /** For an embedded store, with read-only connections. */
    static Migrations sqlite(Path file, DataSource readOnly) {
        return new Migrations(
                file.toString(), flyway -> flyway.dataSource(readOnly), "classpath:io/engagementwebhooks/db/sqlite");
    }

    /**
     * Migrates an embedded store like {@link #run()}, and then sets the file's {@code user_version} to a checksum of
     * this version's scripts. Skips Flyway where it has that value already.
     *
     * @see <a href="https://www.sqlite.org/pragma.html#pragma_user_version">PRAGMA user_version</a>
     */
    public static void migrate(Path file, Connection connection) throws SQLException {
        if (isCurrent(connection)) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            // an interrupted migration must not leave the value of an older version
            statement.execute("PRAGMA user_version = 0");
            sqlite(file).run();
            statement.execute("PRAGMA user_version = " + version());
        }
    }

    /** Whether this version has migrated an embedded store, by its {@code user_version}. */
    static boolean isCurrent(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.getInt(1) == version();
        }
    }

    /** The version of the tables: the number of the last script, the same for both databases. */
    public static int schema() {
        return OF_SQLITE.size();
    }

    private static int version() {
        CRC32 sum = new CRC32();
        for (String name : OF_SQLITE) {
            sum.update(BundledFile.bytes("/io/engagementwebhooks/db/sqlite/" + name));
        }
        return (int) sum.getValue();
    }

    /** For a store in PostgreSQL. */
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
     * Creates or updates the tables.
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

    /**
     * Checks without a change whether {@link #run()} would accept the store.
     *
     * @throws StoreException if it would not
     */
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
            throw fault("is an incomplete copy; run --copy-to again to continue it", null);
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

    /**
     * Checks without a change that the tables are those of this version.
     *
     * @throws StoreException if they are not
     */
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
                requireSameLine();
            }
            boolean isForbidden = cause instanceof SQLException sql && PostgresFaults.isOfSettings(sql);
            throw fault(
                    "cannot be used: " + cause.getMessage()
                            + (isForbidden ? "; the role needs CREATE on its schema" : ""),
                    e);
        }
    }

    /** The root cause: Flyway's own message has many lines. */
    private static Throwable cause(Throwable fault) {
        return fault instanceof SQLException || fault.getCause() == null ? fault : cause(fault.getCause());
    }

    private void requireSameLine() {
        MigrationVersion known = MigrationVersion.EMPTY;
        MigrationVersion applied = MigrationVersion.EMPTY;
        for (MigrationInfo migration : flyway.info().all()) {
            // no release changes a script
            if (!migration.isChecksumMatching()) {
                throw fault(
                        "is of an older version of the product, from before the first release, and cannot be migrated:"
                                + " start that version, or name a new store in webhooks.store.url",
                        null);
            }
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
