package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure of SQLite means. */
public final class SqliteFaults {

    private SqliteFaults() {}

    /** Whether the file holds what SQLite did not write. */
    static boolean isDamage(Throwable fault) {
        if (fault instanceof SQLiteException sqlite) {
            int code = sqlite.getResultCode().code & 0xff;
            return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code;
        }
        return fault != null && isDamage(fault.getCause());
    }

    /** Of a read that failed: the store is damaged, or cannot be read. */
    public static StoreException unreadable(Path store, SQLException cause) {
        return isDamage(cause)
                ? damaged(store, cause.getMessage())
                : new StoreException("the store " + store + " cannot be read: " + cause.getMessage(), cause);
    }

    /** Names the ways out of damage. @param found what SQLite says about it */
    public static StoreException damaged(Path store, String found) {
        return new StoreException(
                "the store " + store + " is damaged: " + found
                        + "; stop the product, and restore a backup or recover what can be read (docs/operations.md)",
                null);
    }
}
