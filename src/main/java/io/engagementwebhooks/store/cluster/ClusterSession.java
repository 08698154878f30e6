package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.jdbc.Connecting;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection by which an instance takes part in its cluster: it holds the locks of {@link Partitions}, sends their
 * heartbeat and receives the notifications of the other instances. A lost connection is replaced by a new one. Thread-safe.
 */
public final class ClusterSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterSession.class);
    static final String CHANNEL = "engagement_webhooks";

    /**
     * The server ends a session that is silent for as long as its lease, and so frees the locks of an instance that is suspended
     * or cut off.
     */
    private static final String OPTIONS =
            "-c idle_session_timeout=%d -c synchronous_commit=on -c lock_timeout=2000 -c statement_timeout=4000";

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
    private static final int LISTEN_MS = 250;
    private static final Duration RETRY = Duration.ofMillis(500);

    /** Called by the thread of the session; must not block. */
    interface Listener {
        void received(String message);

        /** Earlier messages may have been missed. */
        void resumed();
    }

    private final Connecting connecting;
    private final Dialect dialect;
    private final Partitions partitions;
    private final Duration lease;
    private final CountDownLatch attempted = new CountDownLatch(1);
    private Listener listener;
    private Thread thread;
    private volatile boolean closed;
    private boolean isFailing;

    /** @param connecting opens a connection with the given session options, in autocommit mode */
    public ClusterSession(Connecting connecting, Dialect dialect, Partitions partitions, Duration lease) {
        this.connecting = connecting;
        this.dialect = dialect;
        this.partitions = partitions;
        this.lease = lease;
    }

    public static String options(Duration lease) {
        return OPTIONS.formatted(lease.toMillis());
    }

    /** Returns after the first heartbeat, or the first failure, which is retried. */
    void start(Listener to) {
        listener = to;
        thread = new Thread(this::run, "store-cluster");
        thread.setDaemon(true);
        thread.start();
        try {
            attempted.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try (Connection connection = connecting.connect()) {
                // leaves time for another connection before the lease expires
                connection.setNetworkTimeout(Runnable::run, networkMs());
                serve(connection);
            } catch (SQLException | RuntimeException | Error e) {
                FatalErrors.check(e);
                failed(e);
            }
        }
    }

    private int networkMs() {
        return (int) Math.min(5_000, Math.max(2_500, lease.toMillis() * 2 / 5));
    }

    private void serve(Connection connection) throws SQLException {
        if (closed) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
        }
        Statements session = new Statements(connection, dialect);
        partitions.start(session);
        partitions.beat(session);
        recovered();
        listener.resumed();
        attempted.countDown();
        PGConnection notified = connection.unwrap(PGConnection.class);
        long beatAt = System.nanoTime();
        while (!closed) {
            receive(notified);
            if (System.nanoTime() - beatAt >= interval().toNanos()) {
                beatAt = System.nanoTime();
                partitions.beat(session);
            }
        }
    }

    private Duration interval() {
        Duration third = lease.dividedBy(3);
        return third.compareTo(LONGEST_INTERVAL) < 0 ? third : LONGEST_INTERVAL;
    }

    private void receive(PGConnection connection) throws SQLException {
        PGNotification[] all =
                connection.getNotifications((int) Math.min(LISTEN_MS, interval().toMillis()));
        if (all != null) {
            for (PGNotification each : all) {
                listener.received(each.getParameter());
            }
        }
    }

    private void recovered() {
        if (isFailing) {
            isFailing = false;
            LOG.info("lease.recovered");
        }
    }

    private void failed(Throwable fault) {
        if (!isFailing && !closed) {
            isFailing = true;
            LOG.warn("lease.not-renewed: {}; retrying", fault.getMessage());
        }
        partitions.report();
        attempted.countDown();
        try {
            TimeUnit.MILLISECONDS.sleep(closed ? 0 : RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the session, which frees its locks. */
    @Override
    public void close() {
        closed = true;
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(networkMs());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
