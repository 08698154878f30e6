package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import io.engagementwebhooks.store.jdbc.CommitCallbackExecutor.Callback;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that commits together what has queued up, by account in turn and up to a size, so that many callers share one
 * fsync. Futures complete after the commit on another thread, so that the next group is written in the meantime.
 *
 * <p>A group that fails is rolled back and its parts are tried one by one, so that a bad one fails alone. Where nothing can be
 * written at all, the whole group fails at once.
 */
final class GroupWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final long CHECK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The transactions of one connection, by the writer's thread alone. */
    interface Transactions extends AutoCloseable {

        /** Begins one. @throws SQLException nothing can be written now */
        Statements begin() throws SQLException;

        void commit() throws SQLException;

        /** @return whether the connection is lost, so that a commit may have succeeded */
        boolean rollBack(Throwable cause);

        /** Whether each part alone would fail as well. */
        boolean isOfServer(Throwable fault);

        /** Whether it may succeed if it is tried again. */
        boolean isTransient(Throwable fault);

        /** Nothing waits to be written. */
        default void idle() {}

        /** Whether it has lost the server, so that what is submitted would fail. */
        default boolean isCut() {
            return false;
        }

        @Override
        void close();
    }

    /** Writes what is submitted. */
    interface Steps {

        /** Before anything of a transaction is written. */
        void begin(Statements statements) throws SQLException;

        /** Writes parts, each of which it gives a result or refuses. */
        void write(Statements statements, List<Part<?>> parts) throws SQLException;

        /** Before the commit. */
        void end(Statements statements) throws SQLException;

        /** The transaction with these parts is on disk. */
        void committed(List<Part<?>> parts);

        /** @param inDoubt whether it may have been committed */
        void rolledBack(List<Part<?>> parts, boolean inDoubt);
    }

    /** A caller's share of a transaction. */
    abstract static class Part<T> implements FairQueue.Write {

        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final String account;
        private final int rows;
        private final boolean canWait;
        private final long since = System.nanoTime();
        private T result;
        private RuntimeException refused;

        /**
         * @param account who it is for, or {@link FairQueue#PRODUCT}
         * @param rows about how many rows it writes
         * @param canWait whether it is committed with others that are expected within milliseconds
         */
        Part(String account, int rows, boolean canWait) {
            this.account = account;
            this.rows = rows;
            this.canWait = canWait;
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

        /** What was given, or null: it was refused. */
        final T given() {
            return refused == null ? result : null;
        }

        /** Nothing was written for it; the rest of the group is not affected. */
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
            answer.completeExceptionally(cause);
        }
    }

    private final Transactions transactions;
    private final Steps steps;
    private final WriteCheck check;
    private final Dialect dialect;
    private final GroupCommitDelay delay;
    private final FairQueue<Part<?>> queue = new FairQueue<>();
    private final CommitCallbackExecutor callbacks = new CommitCallbackExecutor();
    private final Thread thread;

    /**
     * @param check gets writes that the store could not take
     * @param delay of parts that can wait, or null: none waits
     */
    GroupWriter(
            String name,
            Transactions transactions,
            Steps steps,
            WriteCheck check,
            Dialect dialect,
            GroupCommitDelay delay) {
        this.transactions = transactions;
        this.steps = steps;
        this.check = check;
        this.dialect = dialect;
        this.delay = delay;
        this.thread = new Thread(this::run, name);
        thread.start();
    }

    <T> CompletableFuture<T> submit(Part<T> part) {
        Part<T> added = part;
        if (!queue.add(added)) {
            added.answer.completeExceptionally(new StoreException("the store is closed", null));
        }
        return added.answer;
    }

    boolean isCut() {
        return transactions.isCut();
    }

    private void run() {
        List<Part<?>> group = new ArrayList<>();
        while (!queue.isOver()) {
            try {
                callbacks.check();
                queue.take(group, CHECK_EVERY_NANOS);
                if (!group.isEmpty()) {
                    awaitOthers(group);
                    commit(List.copyOf(group));
                } else if (!queue.isOver()) {
                    transactions.idle();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                group.clear();
            }
        }
    }

    private void awaitOthers(List<Part<?>> group) throws InterruptedException {
        int seen = 0;
        int urgent = 0;
        long last = 0;
        while (delay != null) {
            for (; seen < group.size(); seen++) {
                Part<?> part = group.get(seen);
                urgent += part.canWait ? 0 : 1;
                last = part.canWait ? last : part.since;
            }
            if (urgent > 0) {
                delay.arrived(urgent, last);
                return;
            }
            long nanos = delay.remaining(group.size(), group.get(0).since, System.nanoTime());
            if (nanos <= 0) {
                return;
            }
            queue.take(group, nanos);
            if (group.size() == seen) {
                return;
            }
        }
    }

    private void commit(List<Part<?>> group) {
        Throwable fault = carryOut(group);
        if (fault == null) {
            succeed(group);
        } else if (failsForAll(fault) || group.size() == 1 && !transactions.isTransient(fault)) {
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
            } else if (failsForAll(fault)) {
                fail(group.subList(i, group.size()), fault);
                return;
            } else {
                fail(alone, fault);
            }
        }
    }

    private boolean failsForAll(Throwable fault) {
        return fault instanceof NotBegunException || transactions.isOfServer(fault);
    }

    /** No transaction could be begun, in a locked file for example. */
    private static final class NotBegunException extends SQLException {

        private static final long serialVersionUID = 1L;

        NotBegunException(SQLException cause) {
            super(cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), cause);
        }
    }

    /** @return why nothing was committed, or null: it is */
    private Throwable carryOut(List<Part<?>> group) {
        try {
            Statements statements = begin();
            steps.begin(statements);
            steps.write(statements, group);
            steps.end(statements);
            transactions.commit();
            steps.committed(group);
            return null;
        } catch (SQLException | RuntimeException | Error e) {
            FatalErrors.check(e);
            // an Error too: without its writer the store would never answer again
            LOG.debug("a group was not committed", e);
            steps.rolledBack(group, transactions.rollBack(e));
            return e;
        }
    }

    private Statements begin() throws SQLException {
        try {
            return transactions.begin();
        } catch (SQLException e) {
            throw new NotBegunException(e);
        }
    }

    private void succeed(List<Part<?>> group) {
        callbacks.add(group.stream()
                .map(part -> new Callback(part.account(), part::succeed))
                .toList());
    }

    private void fail(List<Part<?>> group, Throwable cause) {
        if (cause instanceof SQLException sql && dialect.isOfStore(sql)) {
            check.failed();
        }
        Throwable fault = cause instanceof SQLException sql ? dialect.fault(sql) : cause;
        callbacks.add(group.stream()
                .map(part -> new Callback(part.account(), () -> part.fail(fault)))
                .toList());
    }

    /** Writes what has been submitted, then ends. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join();
            callbacks.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        transactions.close();
    }
}
