package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of an embedded store: it commits together what has queued up, so that many callers share one fsync.
 * Each caller's future completes after the commit, on a thread of its own, so that the next group is written meanwhile.
 *
 * <p>A group that fails is rolled back and its parts are tried one by one, so that a bad one fails alone.
 */
final class GroupCommit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final int LARGEST_GROUP = 1024;

    /** A part of a transaction; it leaves the connection's transaction open. */
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private final Connection connection;
    private final Runnable onRollback;
    private final BlockingQueue<Part<?>> queue = new LinkedBlockingQueue<>();
    private final Thread writer = new Thread(this::run, "store-writer");
    private final ExecutorService answers = Executors.newSingleThreadExecutor(r -> new Thread(r, "store-answers"));
    private volatile boolean closing;

    /**
     * @param connection with auto-commit off; used by the writer thread alone
     * @param onRollback forgets what was remembered of an uncommitted transaction
     */
    GroupCommit(Connection connection, Runnable onRollback) {
        this.connection = connection;
        this.onRollback = onRollback;
        writer.start();
    }

    <T> CompletableFuture<T> submit(Work<T> work) {
        Part<T> part = new Part<>(work);
        queue.add(part);
        if (closing && queue.remove(part)) {
            part.answer.completeExceptionally(closed());
        }
        return part.answer;
    }

    private static StoreException closed() {
        return new StoreException("the store is closed", null);
    }

    int queued() {
        return queue.size();
    }

    private void run() {
        List<Part<?>> group = new ArrayList<>(LARGEST_GROUP);
        while (!closing || !queue.isEmpty()) {
            try {
                Part<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                group.add(first);
                queue.drainTo(group, LARGEST_GROUP - 1);
                commit(group);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                group.clear();
            }
        }
    }

    private void commit(List<Part<?>> group) {
        try {
            for (Part<?> part : group) {
                part.doIn(connection);
            }
            connection.commit();
            List<Part<?>> done = List.copyOf(group);
            answers.execute(() -> done.forEach(Part::succeed));
        } catch (SQLException | RuntimeException e) {
            rollBack();
            if (group.size() > 1) {
                group.forEach(part -> commit(List.of(part)));
            } else {
                LOG.debug("a write failed", e);
                Part<?> failed = group.get(0);
                answers.execute(() -> failed.fail(e));
            }
        }
    }

    private void rollBack() {
        onRollback.run();
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.debug("nothing to roll back", e);
        }
    }

    /** Writes what has been submitted, then ends. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join();
            answers.shutdown();
            answers.awaitTermination(10, TimeUnit.SECONDS);
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("the store's writer did not close cleanly: {}", e.getMessage());
        }
        for (Part<?> late = queue.poll(); late != null; late = queue.poll()) {
            late.answer.completeExceptionally(closed());
        }
    }

    private static final class Part<T> {
        private final Work<T> work;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private T result;
        private IdentityReusedException refused;

        Part(Work<T> work) {
            this.work = work;
        }

        void doIn(Connection connection) throws SQLException {
            try {
                result = work.in(connection);
            } catch (IdentityReusedException e) {
                // it has left the transaction as it was: the rest of the group goes on
                refused = e;
            }
        }

        void succeed() {
            if (refused == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(refused);
            }
        }

        void fail(Exception cause) {
            answer.completeExceptionally(
                    cause instanceof SQLException sql ? SqliteStore.unavailable(sql) : (RuntimeException) cause);
        }
    }
}
