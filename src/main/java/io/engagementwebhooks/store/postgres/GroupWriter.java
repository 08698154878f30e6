package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Answers;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one connection that commits together what has queued up, by account in turn and up to a size. What has
 * completed is reported by another thread.
 *
 * <p>A group that fails is rolled back and its parts are tried one by one, so that a bad one fails alone. Where it is the
 * server that cannot, all that waits fails at once, and a lost connection is made anew with the next group.
 */
final class GroupWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
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
    abstract static class Part<T> implements FairQueue.Write {
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final String account;
        private final int rows;
        private T result;
        private RuntimeException refused;

        /**
         * @param account who it is for, or {@link FairQueue#PRODUCT}
         * @param rows about how many rows it writes
         */
        Part(String account, int rows) {
            this.account = account;
            this.rows = rows;
        }

        @Override
        public final String account() {
            return account;
        }

        @Override
        public final int rows() {
            return rows;
        }

        final void give(T given) {
            result = given;
            refused = null;
        }

        /** Nothing was written for it, and the rest of the group goes on. */
        final void refuse(RuntimeException why) {
            refused = why;
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

    private final Connecting connecting;
    private final WriteCheck check;
    private final Steps steps;
    private final FairQueue<Part<?>> queue = new FairQueue<>();
    private final Answers answers = new Answers();
    private final Thread thread;
    private Connection connection;
    private volatile SQLException lastFault;
    private long lastFaultAt;

    /** @param check gets writes that the server could not take */
    GroupWriter(String name, Connection first, Connecting connecting, WriteCheck check, Steps steps) {
        this.check = check;
        this.connection = first;
        this.connecting = connecting;
        this.steps = steps;
        this.thread = new Thread(this::run, name);
        thread.start();
    }

    <T> CompletableFuture<T> submit(Part<T> part) {
        if (!queue.add(part)) {
            part.answer.completeExceptionally(closed());
        }
        return part.answer;
    }

    private static StoreException closed() {
        return new StoreException("the store is closed", null);
    }

    private void run() {
        List<Part<?>> group = new ArrayList<>();
        while (!queue.isOver()) {
            try {
                answers.look();
                queue.take(group, LOOK_EVERY_NANOS);
                if (!group.isEmpty()) {
                    commit(List.copyOf(group));
                } else if (!queue.isOver()) {
                    connectAgain();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                group.clear();
            }
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

    /** Whether it has lost the server, and what is submitted would fail. */
    boolean isCut() {
        return lastFault != null;
    }

    /** So that the first who comes when the server is back is not the one who finds out. */
    private void connectAgain() {
        try {
            connect();
        } catch (SQLException e) {
            LOG.debug("not yet", e);
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
        queue.close();
        try {
            thread.join();
            answers.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (connection != null) {
            drop();
        }
    }
}
