package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of SQLite's writing connection, begun and ended by statements. The driver's commit() begins the next
 * transaction at once: if that failed, a commit on disk would look failed, and the file would stay locked while idle.
 */
public final class SqliteTransactions implements GroupWriter.Transactions {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteTransactions.class);
    private static final String ROLLBACK = "ROLLBACK";

    private final Connection connection;
    private final SqliteDialect dialect;
    private final Statements statements;
    private final Checkpoints checkpoints;
    private final FileCheck file;
    private boolean checkpointing;

    /** Checks that a committed transaction will be found by the next start. */
    public interface FileCheck {
        void requireInPlace() throws SQLException;
    }

    /** @param checkpoints notified of commits */
    public SqliteTransactions(Connection connection, SqliteDialect dialect, Checkpoints checkpoints, FileCheck file)
            throws SQLException {
        this.connection = connection;
        this.dialect = dialect;
        this.statements = new Statements(connection, dialect);
        this.checkpoints = checkpoints;
        this.file = file;
        connection.setAutoCommit(false);
        statements.prepare(ROLLBACK).execute();
    }

    @Override
    public Statements begin() throws SQLException {
        dialect.requireSound();
        statements.prepare("BEGIN IMMEDIATE").execute();
        return statements;
    }

    @Override
    public void commit() throws SQLException {
        // not after COMMIT: a transaction that fails here must not be in a file that is put back
        file.requireInPlace();
        boolean mayCheckpoint = !checkpoints.isBehind();
        if (mayCheckpoint != checkpointing) {
            statements.first(
                    "PRAGMA wal_autocheckpoint = " + (mayCheckpoint ? Checkpoints.WRITER_PAGES : 0),
                    row -> row.getInt(1));
            checkpointing = mayCheckpoint;
        }
        statements.prepare("COMMIT").execute();
        checkpoints.committed();
    }

    /** SQLite may have rolled back already, for example when the disk is full. */
    @Override
    public boolean rollBack(Throwable cause) {
        try {
            statements.prepare(ROLLBACK).execute();
        } catch (SQLException e) {
            LOG.debug("nothing to roll back", e);
        }
        statements.closeAll();
        return false;
    }

    @Override
    public boolean isOfServer(Throwable fault) {
        return fault instanceof StoreFile.GoneException;
    }

    @Override
    public boolean isTransient(Throwable fault) {
        return false;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("store.close-failed: {}", e.getMessage());
        }
    }
}
