package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WriteCheck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that commits queued writes in groups, so that many callers share one fsync. Groups are fair to accounts and
 * bounded in size. Futures complete on this thread after the commit: what is attached to them must return soon, and must
 * not wait for the store.
 *
 * <p>A failed group is rolled back and its parts are retried one by one, so that a bad one fails alone. Where the store
 * is not writable, the whole group fails at once.
 */
public final class GroupWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The transactions of one connection, used by the writer thread alone. */
    public interface Transactions extends AutoCloseable {

        /** Begins a transaction. @throws SQLException if the store is not writable */
        Statements begin() throws SQLException;

        void commit() throws SQLException;

        /** @return whether the connection is lost, so that a commit may have succeeded */
        boolean rollBack(Throwable cause);

        /** Whether each part alone would fail as well. */
        boolean isOfServer(Throwable fault);

        /** Whether a retry may succeed. */
        boolean isTransient(Throwable fault);

        /** Called while the queue is empty. */
        default void idle() {}

        /** Whether the connection to the server is lost, so that a write would fail. */
        default boolean isDisconnected() {
            return false;
        }

        @Override
        void close();
    }

    /** Writes the parts of a group. */
    interface Steps {

        /** Called at the start of a transaction. */
        void begin(Statements statements) throws SQLException;

        /** Writes parts, and completes or refuses each of them. */
        void write(Statements statements, List<Part<?>> parts) throws SQLException;

        /** Called before the commit. */
        void end(Statements statements) throws SQLException;

        /** Called after the commit. */
        void committed(List<Part<?>> parts);

        /** @param inDoubt whether it may have been committed */
        void rolledBack(List<Part<?>> parts, boolean inDoubt);
    }

    /** A caller's write in a group. */
    public abstract static class Part<T> implements FairQueue.Write {

        private final CompletableFuture<T> future = new Write<>();
        private final String account;
        private final int rows;
        private final boolean canWait;
        private final long since = System.nanoTime();
        private T result;
        private RuntimeException refused;

        /**
         * @param account the account, or {@link FairQueue#PRODUCT}
         * @param rows approximate size in rows
         * @param canWait whether its commit may be delayed by some milliseconds to join others
         */
        public Part(String account, int rows, boolean canWait) {
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

        public final void complete(T given) {
            result = given;
            refused = null;
        }

        /** The result, or null: it was refused. */
        public final T resultOrNull() {
            return refused == null ? result : null;
        }

        /** Fails this part, for which nothing was written; the rest of the group is not affected. */
        public final void refuse(RuntimeException why) {
            refused = why;
        }

        private void publishResult() {
            if (refused == null) {
                future.complete(result);
            } else {
                future.completeExceptionally(refused);
            }
        }
    }

    private static final class WriterThread extends Thread {
        WriterThread(Runnable task, String name) {
            super(task, name);
        }
    }

    /** Fails on a writer's thread, on which all writes of the store wait for the caller. */
    static void checkMayWait() {
        if (Thread.currentThread() instanceof WriterThread) {
            throw new IllegalStateException("what is attached to a write must not wait for the store");
        }
    }

    /** Completes on a writer's thread, which must not wait for it. */
    private static final class Write<T> extends CompletableFuture<T> {

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Write<>();
        }

        @Override
        public T join() {
            checkThread();
            return super.join();
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            checkThread();
            return super.get();
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            checkThread();
            return super.get(timeout, unit);
        }

        private void checkThread() {
            if (!isDone()) {
                checkMayWait();
            }
        }
    }

    private final Transactions transactions;
    private final Steps steps;
    private final WriteCheck check;
    private final Dialect dialect;
    private final GroupCommitDelay delay;
    private final FairQueue<Part<?>> queue = new FairQueue<>();
    private final Thread thread;

    /**
     * @param check notified of writes that failed because of the store
     * @param delay delays parts that can wait, or null: none
     */
    public GroupWriter(
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
        this.thread = new WriterThread(this::run, name);
        thread.start();
    }

    public <T> CompletableFuture<T> submit(Part<T> part) {
        Part<T> added = part;
        if (!queue.add(added)) {
            added.future.completeExceptionally(new StoreException("the store is closed", null));
        }
        return added.future;
    }

    public boolean isDisconnected() {
        return transactions.isDisconnected();
    }

    private void run() {
        List<Part<?>> group = new ArrayList<>();
        while (!queue.isDrained()) {
            try {
                queue.take(group, IDLE_NANOS);
                if (!group.isEmpty()) {
                    awaitOthers(group);
                    commit(List.copyOf(group));
                } else if (!queue.isDrained()) {
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
                delay.recordUrgent(urgent, last);
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
        Throwable fault = tryCommit(group);
        if (fault == null) {
            group.forEach(Part::publishResult);
        } else if (failsForAll(fault) || group.size() == 1 && !transactions.isTransient(fault)) {
            fail(group, fault);
        } else {
            commitEach(group);
        }
    }

    private void commitEach(List<Part<?>> group) {
        for (int i = 0; i < group.size(); i++) {
            List<Part<?>> alone = List.of(group.get(i));
            Throwable fault = tryCommit(alone);
            if (fault == null) {
                alone.forEach(Part::publishResult);
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

    /** A transaction could not begin, for example in a locked file. */
    private static final class NotBegunException extends SQLException {

        private static final long serialVersionUID = 1L;

        NotBegunException(SQLException cause) {
            super(cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), cause);
        }
    }

    /** @return why the group was not committed, or null: it is committed */
    private Throwable tryCommit(List<Part<?>> group) {
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
            // an Error too: without its writer thread the store would never complete a write again
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

    private void fail(List<Part<?>> group, Throwable cause) {
        if (cause instanceof SQLException sql && dialect.isOfStore(sql)) {
            check.failed();
        }
        Throwable fault = cause instanceof SQLException sql ? dialect.fault(sql) : cause;
        group.forEach(part -> part.future.completeExceptionally(fault));
    }

    /** Writes the submitted parts, then ends. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        transactions.close();
    }
}
