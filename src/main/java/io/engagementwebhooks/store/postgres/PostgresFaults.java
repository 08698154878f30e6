package io.engagementwebhooks.store.postgres;

import java.sql.SQLException;

/** Classifies failures of the database. */
public final class PostgresFaults {

    private PostgresFaults() {}

    /** Whether the server is not usable, so that each part of a group alone would fail as well. */
    static boolean isOfServer(SQLException fault) {
        String state = fault.getSQLState();
        // no connection, no resources, an operator's intervention, a system error, a server that only reads
        return state == null
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.equals("25006")
                || state.equals("25P03");
    }

    /** Whether a retry may succeed: the statement conflicted with another transaction. */
    static boolean isTransient(Throwable fault) {
        return fault instanceof SQLException sql
                && sql.getSQLState() != null
                && sql.getSQLState().startsWith("40");
    }

    /** Whether a retry cannot help: a wrong password or database. */
    public static boolean isOfSettings(SQLException fault) {
        String state = fault.getSQLState();
        return state != null && (state.startsWith("28") || state.equals("3D000") || state.equals("42501"));
    }
}
