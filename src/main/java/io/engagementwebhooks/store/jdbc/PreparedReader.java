package io.engagementwebhooks.store.jdbc;

import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads on a dedicated connection with prepared statements. Preparing the search of due deliveries costs SQLite nearly
 * as much as running it. Thread-safe, by one lock.
 */
public final class PreparedReader implements Reader, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PreparedReader.class);

    private final Connecting connecting;
    private final Dialect dialect;
    private Statements statements;
    private boolean closed;

    public PreparedReader(Connecting connecting, Dialect dialect) {
        this.connecting = connecting;
        this.dialect = dialect;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public synchronized <T> List<T> query(String sql, Statements.Row<T> row, Object... values) {
        GroupWriter.checkMayWait();
        try {
            if (closed) {
                throw new SQLException("the reader is closed");
            }
            if (statements == null) {
                statements = new Statements(connecting.connect(), dialect);
            }
            return statements.query(sql, row, values);
        } catch (SQLException e) {
            // after a read error the driver's statement is closed and unusable
            disconnect();
            throw dialect.fault(e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        disconnect();
    }

    private void disconnect() {
        Statements ended = statements;
        statements = null;
        if (ended != null) {
            try {
                ended.connection().close();
            } catch (SQLException e) {
                LOG.debug("the connection for due deliveries did not close cleanly", e);
            }
        }
    }
}
