package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Answers;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one connection that commits together what has queued up. What has completed is told by another thread.
 *
 * <p>A group that fails is rolled back and its parts are tried one by one, so that a bad one fails alone. Where it is the
 * server that cannot, all that waits fails at once, and a lost connection is made anew with the next group.
 */
final class GroupWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final int LARGEST_GROUP = 1024;
    private static final long MOST_BYTES = 8L << 20;
    private static final long LEAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** What is written in one transaction. */
    interface Steps {
        /** Writes parts, each of which it gives a result or refuses. */
        void write(Connection connection, List<? extends Part<?>> parts) throws SQLException;

        /** Before anything is written. */
        void begin(Connection connection) throws SQLException;

        /** The connection was lost: the last transaction may have been committed all the same. */
        void inDoubt();

        /** Before its end. */
        void end(Connection connection) throws SQLException;

        /** What was written is on disk. */
        void committed();
    }

    /** Makes connections. */
    interface Connecting {
        Connection connect() throws SQLException;
    }

    /** Somebody's share of a transaction. */
    abstract static class Part<T> {
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private T result;
        private RuntimeException refused;

        final void give(T given) {
            result = given;
            refused = null;
        }

        /** Nothing was written for it, and the rest of the group goes on. */
        final void refuse(RuntimeException why) {
            refused = why;
        }

        /** About how much it holds. */
        long bytes() {
            return 0;
        }

        private void succeed() {
            if (refused == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(refused);
            }
        }

        private void fail(Throwable cause) {
            answer.completeExceptionally(cause instanceof SQLException sql ? Faults.unavailable(sql) : cause);
        }
    }

    /** Wakes the thread up when it is to end. */
    private static final Part<Void> END = new Part<>() {};

    private final Connecting connecting;
    private final WriteCheck check;
    private final Steps steps;
    private final BlockingQueue<Part<?>> queue = new LinkedBlockingQueue<>();
    private final Answers answers = new Answers();
    private final Thread thread;
    private Connection connection;
    private SQLException lastFault;
    private long lastFaultAt;
    private volatile boolean closing;

    /** @param check is told of writes that the server could not take */
    GroupWriter(String name, Connection first, Connecting connecting, WriteCheck check, Steps steps) {
        this.check = check;
        this.connection = first;
        this.connecting = connecting;
        this.steps = steps;
        this.thread = new Thread(this::run, name);
        thread.start();
    }

    <T> CompletableFuture<T> submit(Part<T> part) {
        queue.add(part);
        if (closing && queue.remove(part)) {
            part.answer.completeExceptionally(closed());
        }
        return part.answer;
    }

    private static StoreException closed() {
        return new StoreException("the store is closed", null);
    }

    private void run() {
        List<Part<?>> group = new ArrayList<>(LARGEST_GROUP);
        while (!closing || !queue.isEmpty()) {
            try {
                answers.look();
                Part<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first == null || first == END) {
                    continue;
                }
                gather(first, group);
                group.removeIf(part -> part == END);
                commit(List.copyOf(group));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                group.clear();
            }
        }
    }

    /** What has queued up, but not more than memory can well take several times over. */
    private void gather(Part<?> first, List<Part<?>> group) {
        long bytes = 0;
        Part<?> next = first;
        while (next != null) {
            group.add(next);
            bytes += next.bytes();
            boolean isFull = group.size() == LARGEST_GROUP || bytes >= MOST_BYTES;
            next = isFull ? null : queue.poll();
        }
    }

    private void commit(List<Part<?>> group) {
        Throwable fault = carryOut(group);
        if (fault == null) {
            succeed(group);
        } else if (fault instanceof SQLException sql && Faults.isOfServer(sql)
                || group.size() == 1 && !Faults.isOfTheMoment(fault)) {
            fail(group, fault);
        } else {
            commitEach(group);
        }
    }

    private void commitEach(List<Part<?>> group) {
        for (int i = 0; i < group.size(); i++) {
            List<Part<?>> alone = List.of(group.get(i));
            Throwable fault = carryOut(alone);
            if (fault == null) {
                succeed(alone);
            } else if (fault instanceof SQLException sql && Faults.isOfServer(sql)) {
                fail(group.subList(i, group.size()), fault);
                return;
            } else {
                fail(alone, fault);
            }
        }
    }

    /** @return why nothing was committed, or null: it is */
    private Throwable carryOut(List<Part<?>> group) {
        try {
            connect();
            steps.begin(connection);
            steps.write(connection, group);
            steps.end(connection);
            connection.commit();
            steps.committed();
            return null;
        } catch (SQLException | RuntimeException | Error e) {
            FatalErrors.check(e);
            rollBack(e);
            return e;
        }
    }

    /** A server that is gone is not asked again by each of those who wait. */
    private void connect() throws SQLException {
        if (connection != null) {
            return;
        }
        if (lastFault != null && System.nanoTime() - lastFaultAt < LEAST_PAUSE_NANOS) {
            throw lastFault;
        }
        try {
            connection = connecting.connect();
            if (lastFault != null) {
                LOG.info("the store can be reached again");
            }
            lastFault = null;
        } catch (SQLException e) {
            lost(e);
            throw e;
        }
    }

    private void lost(SQLException fault) {
        if (lastFault == null) {
            LOG.warn("the store cannot be reached: {}", fault.getMessage());
        }
        lastFault = fault;
        lastFaultAt = System.nanoTime();
    }

    private void rollBack(Throwable cause) {
        LOG.debug("a group was not committed", cause);
        if (connection == null) {
            return;
        }
        boolean isLost = cause instanceof SQLException sql && Faults.isOfServer(sql);
        try {
            if (!isLost) {
                connection.rollback();
                return;
            }
            lost((SQLException) cause);
        } catch (SQLException e) {
            lost(e);
        }
        drop();
    }

    private void drop() {
        steps.inDoubt();
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("a connection that is gone cannot be closed", e);
        }
        connection = null;
    }

    private void succeed(List<Part<?>> group) {
        answers.add(group.stream().map(part -> (Runnable) part::succeed).toList());
    }

    private void fail(List<Part<?>> group, Throwable cause) {
        if (cause instanceof SQLException sql && Faults.isOfServer(sql)) {
            check.failed();
        }
        answers.add(
                group.stream().map(part -> (Runnable) () -> part.fail(cause)).toList());
    }

    /** Writes what has been submitted, then ends. */
    @Override
    public void close() {
        closing = true;
        queue.add(END);
        try {
            thread.join();
            answers.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (connection != null) {
            drop();
        }
        for (Part<?> late = queue.poll(); late != null; late = queue.poll()) {
            late.answer.completeExceptionally(closed());
        }
    }
}
