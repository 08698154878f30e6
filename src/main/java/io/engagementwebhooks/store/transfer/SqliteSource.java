package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.sqlite.SqliteStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Read-only connections to the file of an embedded store. */
final class SqliteSource {

    private SqliteSource() {}

    /** Opens a store that a product may be writing to. */
    static Connection open(Path store) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + store, SqliteStore.readerProperties());
    }

    /** Opens a file that no process writes to; leaves no other file beside it. */
    static Connection openUnchanging(Path file) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:sqlite:" + file.toUri() + "?immutable=1", SqliteStore.readerProperties());
    }
}
