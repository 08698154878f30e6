package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Answers;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.IdentityReusedException;
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
 * The one writer of an embedded store: it commits together what has queued up, by account in turn and up to a size, so that
 * many callers share one fsync. Each caller's future completes after the commit, on a thread of its own, so that the next group is written meanwhile.
 *
 * <p>A group that fails is rolled back and its parts are tried one by one, so that a bad one fails alone. Where not even
 * a transaction can be begun, such as in a locked file, the whole group fails at once.
 */
final class GroupCommit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String ROLLBACK = "ROLLBACK";

    /** A part of a transaction; it leaves the connection's transaction open. */
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** What is remembered of transactions, by the writer thread. */
    interface Ends {
        /** All of a transaction is written and about to be committed. */
        void committing() throws SQLException;

        /** What was written is on disk. */
        void committed();

        /** What was remembered of a transaction is to be forgotten. */
        void rolledBack();
    }

    private final Connection connection;
    private final Ends ends;
    private final Prepared prepared;
    private final Checkpoints checkpoints;
    private final FairQueue<Part<?>> queue = new FairQueue<>();
    private final Thread writer = new Thread(this::run, "store-writer");
    private final Answers answers = new Answers();
    private final Company company;
    private final WriteCheck check;

    /**
     * Transactions are begun and ended by statements, not by the driver: its commit() begins the next transaction at
     * once, so that a commit which is on disk would look failed where that beginning fails, and the file would stay
     * locked while nothing is written.
     *
     * @param connection used by the writer thread alone
     * @param prepared its statements
     * @param ends is told how transactions end
     * @param checkpoints take over what was committed
     * @param check gets writes that the store could not take
     */
    GroupCommit(Connection connection, Prepared prepared, Ends ends, Checkpoints checkpoints, WriteCheck check)
            throws SQLException {
        this(connection, prepared, ends, checkpoints, check, new Company());
    }

    GroupCommit(
            Connection connection,
            Prepared prepared,
            Ends ends,
            Checkpoints checkpoints,
            WriteCheck check,
            Company company)
            throws SQLException {
        this.check = check;
        this.connection = connection;
        this.prepared = prepared;
        this.ends = ends;
        this.checkpoints = checkpoints;
        this.company = company;
        connection.setAutoCommit(false);
        prepared.of(ROLLBACK).execute();
        writer.start();
    }

    /** Writes something small of the product's own. */
    <T> CompletableFuture<T> submit(Work<T> work) {
        return submit(FairQueue.PRODUCT, 1, work);
    }

    /**
     * Writes something for an account.
     *
     * @param rows about how many rows that are
     */
    <T> CompletableFuture<T> submit(String account, int rows, Work<T> work) {
        return submit(new Part<>(account, rows, work, false));
    }

    /** As {@link #submit}, of what hardly anybody waits for: where others are expected soon it is committed with them. */
    <T> CompletableFuture<T> submitWithOthers(String account, int rows, Work<T> work) {
        return submit(new Part<>(account, rows, work, true));
    }

    private <T> CompletableFuture<T> submit(Part<T> part) {
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
                    awaitCompany(group);
                    commit(List.copyOf(group));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                group.clear();
            }
        }
    }

    private void awaitCompany(List<Part<?>> group) throws InterruptedException {
        int looked = 0;
        int urgent = 0;
        long last = 0;
        while (true) {
            for (; looked < group.size(); looked++) {
                Part<?> part = group.get(looked);
                urgent += part.canWait ? 0 : 1;
                last = part.canWait ? last : part.since;
            }
            if (urgent > 0) {
                company.came(urgent, last);
                return;
            }
            long nanos = company.waitOn(group.size(), group.get(0).since, System.nanoTime());
            if (nanos <= 0) {
                return;
            }
            queue.take(group, nanos);
            if (group.size() == looked) {
                return;
            }
        }
    }

    private void commit(List<Part<?>> group) {
        if (!begin(group)) {
            return;
        }
        Throwable fault = carryOut(group);
        if (fault == null) {
            succeed(group);
        } else if (group.size() == 1) {
            fail(group, fault);
        } else {
            commitEach(group);
        }
    }

    private void commitEach(List<Part<?>> group) {
        for (int i = 0; i < group.size(); i++) {
            // a store that is locked makes each wait in vain: then the rest fails with the first
            if (!begin(group.subList(i, group.size()))) {
                return;
            }
            List<Part<?>> alone = List.of(group.get(i));
            Throwable fault = carryOut(alone);
            if (fault == null) {
                succeed(alone);
            } else {
                fail(alone, fault);
            }
        }
    }

    /** @return false if no transaction could be begun; then all of the group have failed */
    private boolean begin(List<Part<?>> group) {
        try {
            prepared.of("BEGIN IMMEDIATE").execute();
            return true;
        } catch (SQLException e) {
            rollBack();
            fail(List.copyOf(group), e);
            return false;
        }
    }

    /** @return why the transaction was rolled back, or null: it is committed */
    private Throwable carryOut(List<Part<?>> group) {
        try {
            for (Part<?> part : group) {
                part.doIn(connection);
            }
            ends.committing();
            prepared.of("COMMIT").execute();
            ends.committed();
            checkpoints.committed();
            return null;
        } catch (SQLException | RuntimeException | Error e) {
            FatalErrors.check(e);
            // an Error too: without its writer the store would never answer again
            rollBack();
            return e;
        }
    }

    private void succeed(List<Part<?>> group) {
        answers.add(group.stream().map(part -> (Runnable) part::succeed).toList());
    }

    private void fail(List<Part<?>> group, Throwable cause) {
        LOG.debug("a write failed", cause);
        if (cause instanceof SQLException sql && SqliteStore.isOfStore(sql)) {
            check.failed();
        }
        answers.add(
                group.stream().map(part -> (Runnable) () -> part.fail(cause)).toList());
    }

    /** SQLite may have rolled back by itself, for example when the disk is full. */
    private void rollBack() {
        try {
            prepared.of(ROLLBACK).execute();
        } catch (SQLException e) {
            LOG.debug("nothing to roll back", e);
        }
        ends.rolledBack();
    }

    /** Writes what has been submitted, then ends. */
    @Override
    public void close() {
        queue.close();
        try {
            writer.join();
            answers.close();
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("the store's writer did not close cleanly: {}", e.getMessage());
        }
    }

    private static final class Part<T> implements FairQueue.Write {
        private final String account;
        private final int rows;
        private final Work<T> work;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final boolean canWait;
        private final long since = System.nanoTime();
        private T result;
        private IdentityReusedException refused;

        Part(String account, int rows, Work<T> work, boolean canWait) {
            this.account = account;
            this.rows = rows;
            this.work = work;
            this.canWait = canWait;
        }

        @Override
        public String account() {
            return account;
        }

        @Override
        public int rows() {
            return rows;
        }

        void doIn(Connection connection) throws SQLException {
            refused = null; // it may have been, by one of a group that was rolled back
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

        void fail(Throwable cause) {
            answer.completeExceptionally(cause instanceof SQLException sql ? SqliteStore.unavailable(sql) : cause);
        }
    }
}
