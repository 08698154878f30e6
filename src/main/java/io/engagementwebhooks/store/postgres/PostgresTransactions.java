package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.jdbc.Connecting;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transactions of one writer's connection to PostgreSQL. Reconnects when the connection is lost. */
final class PostgresTransactions implements GroupWriter.Transactions {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresTransactions.class);
    private static final long MIN_RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Connecting connecting;
    private final Dialect dialect;
    private Statements statements;
    private volatile SQLException lastFault;
    private long lastFaultAt;

    PostgresTransactions(Connecting connecting, Dialect dialect) throws SQLException {
        this.connecting = connecting;
        this.dialect = dialect;
        this.statements = new Statements(connecting.connect(), dialect);
    }

    /** Does not reconnect for each write while the server is unreachable. */
    @Override
    public Statements begin() throws SQLException {
        if (statements != null) {
            return statements;
        }
        if (lastFault != null && System.nanoTime() - lastFaultAt < MIN_RECONNECT_NANOS) {
            throw lastFault;
        }
        try {
            statements = new Statements(connecting.connect(), dialect);
            if (lastFault != null) {
                LOG.info("store.recovered");
            }
            lastFault = null;
            return statements;
        } catch (SQLException e) {
            connectionLost(e);
            throw e;
        }
    }

    @Override
    public void commit() throws SQLException {
        statements.connection().commit();
    }

    private void connectionLost(SQLException fault) {
        if (lastFault == null) {
            LOG.warn("store.unreachable: {}", fault.getMessage());
        }
        lastFault = fault;
        lastFaultAt = System.nanoTime();
    }

    @Override
    public boolean rollBack(Throwable cause) {
        if (statements == null) {
            return false;
        }
        try {
            if (!isOfServer(cause)) {
                statements.connection().rollback();
                return false;
            }
            connectionLost((SQLException) cause);
        } catch (SQLException e) {
            connectionLost(e);
        }
        drop();
        return true;
    }

    private void drop() {
        Connection connection = statements.connection();
        statements = null;
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("the broken connection cannot be closed", e);
        }
    }

    @Override
    public boolean isOfServer(Throwable fault) {
        return fault instanceof SQLException sql && PostgresFaults.isOfServer(sql);
    }

    @Override
    public boolean isTransient(Throwable fault) {
        return PostgresFaults.isTransient(fault);
    }

    /** Reconnects while idle, so that the first write after an outage does not fail. */
    @Override
    public void idle() {
        try {
            begin();
        } catch (SQLException e) {
            LOG.debug("still unreachable", e);
        }
    }

    @Override
    public boolean isDisconnected() {
        return lastFault != null;
    }

    @Override
    public void close() {
        if (statements != null) {
            drop();
        }
    }
}
