package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresFaults;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.SqliteFaults;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.store.sqlite.StoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Reads the version and the settings of a store without a change, also while a product uses it. Not thread-safe. */
public final class ReadOnlyStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyStore.class);

    private final Connection connection;

    private ReadOnlyStore(Connection connection) {
        this.connection = connection;
    }

    /**
     * Opens an embedded store.
     *
     * @return empty: the file does not exist or is empty
     * @throws StoreException if it cannot be read, or {@link SqliteStore#open} would refuse its tables
     */
    public static Optional<ReadOnlyStore> sqlite(Path file) {
        try {
            if (Files.notExists(file) || isEmpty(file)) {
                return Optional.empty();
            }
            StoreFile.warnIfOpen(file);
            SQLiteDataSource source = new SQLiteDataSource(new SQLiteConfig(SqliteStore.readerProperties()));
            source.setUrl("jdbc:sqlite:" + (hasLog(file) ? file : file.toUri() + "?immutable=1"));
            Connection connection = source.getConnection();
            try {
                if (!Migrations.isCurrent(connection)) {
                    Migrations.sqlite(file, source).requireUsable();
                }
                return Optional.of(new ReadOnlyStore(connection));
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw SqliteFaults.unreadable(file, e);
        } catch (IOException e) {
            throw new StoreException("the store " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isEmpty(Path file) throws IOException {
        return Files.size(file) == 0 && !hasLog(file);
    }

    /**
     * Whether there is a write-ahead log. Without one the file is complete, and opening it as immutable creates no
     * files beside it.
     */
    private static boolean hasLog(Path file) throws IOException {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        return Files.exists(log) && Files.size(log) > 0;
    }

    /**
     * Opens a store in PostgreSQL.
     *
     * @return empty: the server is unreachable, which is logged
     * @throws StoreException if {@link PostgresStore#open} would refuse the address or its tables
     */
    public static Optional<ReadOnlyStore> postgres(PostgresAddress address) {
        try {
            Connection connection = address.connect("check", "-c default_transaction_read_only=on");
            try {
                Migrations.postgres(address).requireUsable();
                return Optional.of(new ReadOnlyStore(connection));
            } catch (RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            if (PostgresFaults.isOfSettings(e)) {
                throw new StoreException("the store " + address + " cannot be used: " + e.getMessage(), e);
            }
            LOG.warn("store.unreachable address={}: it is not checked: {}", address, e.getMessage());
            return Optional.empty();
        }
    }

    /** A stored setting; empty: there is none of that name. */
    public Optional<byte[]> setting(String name) {
        try (ResultSet tables = connection.getMetaData().getTables(null, connection.getSchema(), "setting", null)) {
            if (!tables.next()) {
                return Optional.empty();
            }
            try (PreparedStatement query = connection.prepareStatement(SettingStore.GET)) {
                query.setString(1, name);
                try (ResultSet row = query.executeQuery()) {
                    return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
                }
            }
        } catch (SQLException e) {
            throw new StoreException("the store cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new StoreException("the store cannot be closed", e);
        }
    }
}
