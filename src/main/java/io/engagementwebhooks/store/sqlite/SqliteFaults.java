package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Classifies failures of SQLite. */
public final class SqliteFaults {

    private SqliteFaults() {}

    /** Whether the file is corrupt or not a database. */
    public static boolean isDamage(Throwable fault) {
        if (fault instanceof SQLiteException sqlite) {
            int code = sqlite.getResultCode().code & 0xff;
            return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code;
        }
        return fault != null && isDamage(fault.getCause());
    }

    /** The exception for a failed read: the store is damaged or cannot be read. */
    public static StoreException unreadable(Path store, SQLException cause) {
        return isDamage(cause)
                ? damaged(store, cause.getMessage())
                : new StoreException("the store " + store + " cannot be read: " + cause.getMessage(), cause);
    }

    /** The exception for a damaged store, with the ways out. @param found the message of SQLite */
    public static StoreException damaged(Path store, String found) {
        return new StoreException(
                "the store " + store + " is damaged: " + found
                        + "; stop the product, and restore a backup or recover what can be read (docs/operations.md)",
                null);
    }
}
