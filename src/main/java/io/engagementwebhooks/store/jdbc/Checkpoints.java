package io.engagementwebhooks.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs checkpoints of SQLite's write-ahead log on a separate thread. SQLite's automatic checkpoints run inside a commit, which
 * then waits for them. The writer restarts the log only at a moment when all of it is checkpointed; under continuous commits
 * that never happens, so the writer checkpoints the small rest itself.
 *
 * @see <a href="https://www.sqlite.org/pragma.html#pragma_wal_checkpoint">PRAGMA wal_checkpoint</a>
 */
final class Checkpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    /** Pages in the log that are worth it: the more, the more often each was written before it is taken over once. */
    private static final int WORTH_IT = 3_000;

    /**
     * With so many in the log the writer does it after a commit; below the size that an idle log is cut to, since cutting
     * takes longer than anything else.
     */
    static final int BY_THE_WRITER = 6_000;

    private static final int ROUNDS = 8;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final Statements prepared;
    private final Thread thread = new Thread(this::run, "store-checkpoints");
    private volatile long commits;
    private volatile boolean idle;
    private volatile boolean closing;

    /** How much of the log was taken over. */
    private record Log(int pages, int taken) {
        int left() {
            return pages - taken;
        }
    }

    /** @param connection used by this alone, and closed by it */
    Checkpoints(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.prepared = new Statements(connection, dialect);
        thread.setDaemon(true);
        thread.start();
    }

    /** Something was committed; called by the writer thread alone. */
    void committed() {
        commits++;
        if (idle) {
            idle = false;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        long seen = 0;
        while (!closing) {
            long now = commits;
            if (now == seen) {
                awaitCommit(now);
                continue;
            }
            seen = now;
            LockSupport.parkNanos(this, takeOver() ? LOOK_NANOS : AFTER_FAILURE_NANOS);
        }
    }

    private void awaitCommit(long seen) {
        idle = true;
        if (commits == seen && !closing) {
            LockSupport.park(this);
        }
        idle = false;
    }

    /** @return false: it failed, on a full disk perhaps; all is in the log still, and read from there */
    private boolean takeOver() {
        try {
            if (log("NOOP").left() >= WORTH_IT) {
                takeOverAll();
            }
            return true;
        } catch (SQLException e) {
            LOG.debug("the write-ahead log is not taken over", e);
            prepared.forget();
            return false;
        }
    }

    /** Repeats for commits made during a checkpoint, so that the writer finds nothing left; pages that a reader uses stay. */
    private void takeOverAll() throws SQLException {
        int left = 1;
        for (int round = 0; left > 0 && round < ROUNDS; round++) {
            long before = commits;
            boolean isInTheWay = log("PASSIVE").left() > 0;
            left = isInTheWay || commits == before ? 0 : log("NOOP").left();
        }
    }

    private Log log(String mode) throws SQLException {
        try (ResultSet row = prepared.of("PRAGMA wal_checkpoint(" + mode + ")").executeQuery()) {
            row.next();
            return new Log(row.getInt(2), row.getInt(3));
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.debug("the connection that takes over the write-ahead log did not close cleanly", e);
        }
    }
}
