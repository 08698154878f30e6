package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs checkpoints of SQLite's write-ahead log on a separate thread. Automatic checkpoints run inside a commit, which
 * then waits for them. SQLite restarts the log only when all of it is checkpointed, which never happens under
 * continuous commits, so the writer checkpoints the small rest itself.
 *
 * @see <a href="https://www.sqlite.org/pragma.html#pragma_wal_checkpoint">PRAGMA wal_checkpoint</a>
 */
public final class Checkpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    /** Pages in the log that start a checkpoint. The more, the fewer pages are written twice. */
    public static final int MIN_PAGES = 12 * 1024 * 1024 / SqliteStore.PAGE_SIZE;

    /** Pages in the log from which on few are checkpointed at a time, so that little is left to the writer. */
    public static final int NEAR_END = 2 * MIN_PAGES;

    /**
     * Pages in the log at which the writer checkpoints after a commit. As many after {@link #NEAR_END} as full load
     * writes in about {@link #POLL_NANOS}. Fewer than the size that an idle log is truncated to: truncating is slow.
     */
    public static final int WRITER_PAGES = NEAR_END + MIN_PAGES / 8;

    private static final int MAX_ROUNDS = 8;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final Statements prepared;
    private final Thread thread = new Thread(this::run, "store-checkpoints");
    private volatile long commits;
    private volatile boolean idle;
    private volatile boolean behind;
    private volatile boolean closing;

    /** The state of the log. */
    private record Log(int pages, int checkpointed) {
        int remaining() {
            return pages - checkpointed;
        }
    }

    /** @param connection not shared; this closes it */
    public Checkpoints(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.prepared = new Statements(connection, dialect);
        thread.setDaemon(true);
        thread.start();
    }

    /** Called after each commit, by the writer thread alone. */
    void committed() {
        commits++;
        if (idle) {
            idle = false;
            LockSupport.unpark(thread);
        }
    }

    /** Whether many pages remain. The writer must not checkpoint them: commits would wait for all pages of a large log. */
    public boolean isBehind() {
        return behind;
    }

    private void run() {
        long seen = 0;
        while (!closing) {
            long now = commits;
            if (now == seen && !behind) {
                awaitCommit(now);
                continue;
            }
            behind = !checkpoint();
            // while the log fills the disk, nothing is committed until it is checkpointed
            LockSupport.parkNanos(this, behind && now == seen ? RETRY_NANOS : POLL_NANOS);
            seen = now;
        }
    }

    private void awaitCommit(long seen) {
        idle = true;
        if (commits == seen && !closing) {
            LockSupport.park(this);
        }
        idle = false;
    }

    /** @return false: many pages remain, since a reader uses them, or since it failed, for example on a full disk */
    private boolean checkpoint() {
        try {
            Log log = log("NOOP");
            boolean isNearEnd = log.pages() >= NEAR_END && log.pages() < WRITER_PAGES;
            return log.remaining() < (isNearEnd ? 1 : MIN_PAGES) || checkpointAll() < MIN_PAGES;
        } catch (SQLException e) {
            LOG.debug("checkpoint failed", e);
            prepared.closeAll();
            return false;
        }
    }

    /**
     * Checkpoints, and repeats it for commits made in between, so that none is left to the writer. Pages in use by a
     * reader stay.
     *
     * @return the number of pages that remain
     */
    private int checkpointAll() throws SQLException {
        long before;
        int left;
        int round = 0;
        do {
            before = commits;
            left = log("PASSIVE").remaining();
        } while (left == 0 && commits != before && ++round < MAX_ROUNDS);
        return left;
    }

    private Log log(String mode) throws SQLException {
        try (ResultSet row =
                prepared.prepare("PRAGMA wal_checkpoint(" + mode + ")").executeQuery()) {
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
            LOG.debug("the checkpoint connection did not close cleanly", e);
        }
    }
}
