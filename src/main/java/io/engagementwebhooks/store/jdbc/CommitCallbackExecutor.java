package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.RoundRobinQueue;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes futures of writes after their commits, on one thread beside the writer. Accounts are served by round robin;
 * futures of one account complete in the order of its commits. Code that callers attach runs on this thread; routes
 * continue on other threads. If such code blocks for 250 ms, another thread takes over, so that other callers need not
 * wait. Thread-safe.
 */
final class CommitCallbackExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(CommitCallbackExecutor.class);
    private static final long BLOCKED_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final RoundRobinQueue<Callback> queue = new RoundRobinQueue<>(Callback::account);
    private boolean closed;
    private volatile Worker worker;

    /**
     * Completes a write's future.
     *
     * @param account the write's account
     */
    record Callback(String account, Runnable code) {}

    CommitCallbackExecutor() {
        startAnother();
    }

    void add(Collection<Callback> callbacks) {
        lock.lock();
        try {
            callbacks.forEach(queue::add);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** @return null: closed and empty */
    private Callback next() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                changed.await();
            }
            Callback next = queue.isEmpty() ? null : queue.remove();
            if (!queue.isEmpty()) {
                // the signal may have woken a thread that was replaced
                changed.signal();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasQueued() {
        lock.lock();
        try {
            return !queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Replaces the thread if it is blocked; called a few times a second. */
    void check() {
        Worker now = worker;
        if (now.isBlocked() && hasQueued()) {
            StackTraceElement[] stack = now.getStackTrace();
            startAnother();
            LOG.debug("commit-callbacks.taken-over stack={}", (Object) stack);
        }
    }

    /** Sets the field before the start: a worker ends when the field has another one. */
    private void startAnother() {
        worker = new Worker();
        worker.start();
    }

    /** Completes the queued callbacks, then ends. */
    void close() throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        long begin = System.nanoTime();
        while (worker.isAlive() && System.nanoTime() - begin < CLOSE_TIMEOUT_NANOS) {
            worker.join(100);
            check();
        }
    }

    private final class Worker extends Thread {

        private volatile long begun;

        Worker() {
            super("store-callbacks");
            setDaemon(true);
        }

        /** Whether its callback has been blocked for a while, rather than running. */
        boolean isBlocked() {
            long since = begun;
            return since != 0 && System.nanoTime() - since > BLOCKED_AFTER_NANOS && getState() != State.RUNNABLE;
        }

        @Override
        public void run() {
            try {
                for (Callback callback = next(); callback != null; callback = next()) {
                    begun = System.nanoTime() | 1;
                    run(callback.code());
                    begun = 0;
                    if (worker != this) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                LOG.debug("interrupted");
            }
        }

        private void run(Runnable callback) {
            try {
                callback.run();
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                // rethrown, it would end the thread
                LOG.error("commit.continuation-failed", e);
            }
        }
    }
}
