package io.engagementwebhooks.ledger;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded pool of threads with a queue for each account. Accounts are served in turn and charged by processor time: one
 * whose tasks were long waits until others have had as much (deficit round robin). One account
 * occupies at most half of the threads. Thread-safe; tasks of one account may run at once and in any order.
 *
 * <p>The queues are not bounded here: waiting tasks hold memory of their account's {@link Ledger}.
 */
public final class FairExecutor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FairExecutor.class);

    /** Processor time of one turn. */
    private static final long QUANTUM_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** No more of a debt is remembered. */
    private static final long LARGEST_DEBT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ThreadPoolExecutor threads;
    private final int mostOfOne;
    private final Ledger ledger;
    private final LongSupplier processorTime;
    private final LongSupplier nanoTime;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final ThreadLocal<Lap> laps = ThreadLocal.withInitial(Lap::new);

    /**
     * @param name what its threads are called
     * @param size number of threads, at least 2
     * @param ledger what is charged
     */
    public FairExecutor(String name, int size, Ledger ledger) {
        this(name, size, ledger, new ProcessorTime(), System::nanoTime);
    }

    FairExecutor(String name, int size, Ledger ledger, LongSupplier processorTime, LongSupplier nanoTime) {
        if (size < 2) {
            throw new IllegalArgumentException(name + " needs at least 2 threads, not " + size);
        }
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(size, size, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        this.threads.allowCoreThreadTimeOut(true);
        this.mostOfOne = size / 2;
        this.ledger = ledger;
        this.processorTime = processorTime;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs a task when it is the account's turn.
     *
     * @throws RejectedExecutionException if this is closed
     */
    public void execute(String account, Runnable task) {
        Account queue = accounts.get(account);
        if (queue == null) {
            queue = accounts.computeIfAbsent(account, id -> new Account(ledger.of(id)));
        }
        queue.add(task);
    }

    /** Tasks of an account that wait for a thread. */
    public int waiting(String account) {
        Account queue = accounts.get(account);
        return queue == null ? 0 : queue.size();
    }

    /** Lets running tasks end, and takes no more. */
    @Override
    public void close() {
        threads.shutdown();
    }

    /** Processor time of a thread since its last task, read once a task: reading costs as much as a small task. */
    private final class Lap {
        private long last = processorTime.getAsLong();

        long end() {
            long before = last;
            last = processorTime.getAsLong();
            return last - before;
        }
    }

    /** The tasks of one account; in the pool's queue at most once, for its next turn. */
    private final class Account implements Runnable {

        private final AccountLedger charged;
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean queued;
        private int running;
        private long debt;
        private long lastEnd;

        Account(AccountLedger charged) {
            this.charged = charged;
        }

        synchronized void add(Runnable task) {
            tasks.add(task);
            try {
                enqueue();
            } catch (RejectedExecutionException closed) {
                tasks.remove(task);
                throw closed;
            }
        }

        synchronized int size() {
            return tasks.size();
        }

        private void enqueue() {
            if (!queued && running < mostOfOne && !tasks.isEmpty()) {
                threads.execute(this);
                queued = true;
            }
        }

        @Override
        public void run() {
            Runnable task = next();
            if (task == null) {
                return;
            }
            Lap lap = laps.get();
            try {
                task.run();
            } catch (Exception | Error e) {
                FatalErrors.check(e);
                LOG.error("executor.task-failed account={}", charged.account(), e);
            } finally {
                long used = lap.end();
                charged.charge(used);
                ended(used);
            }
        }

        /** @return null: the turn pays for what the account used before */
        private synchronized Runnable next() {
            queued = false;
            forgive();
            if (debt > 0 && !threads.getQueue().isEmpty()) {
                debt -= QUANTUM_NANOS;
                enqueueUnlessClosed();
                return null;
            }
            Runnable task = tasks.poll();
            if (task != null) {
                running++;
                enqueueUnlessClosed();
            }
            return task;
        }

        private synchronized void ended(long used) {
            running--;
            debt = Math.min(LARGEST_DEBT_NANOS, Math.max(0, debt + used - QUANTUM_NANOS));
            lastEnd = nanoTime.getAsLong();
            enqueueUnlessClosed();
        }

        /** While it used nothing, its debt is paid by time. */
        private void forgive() {
            if (running == 0 && debt > 0) {
                long now = nanoTime.getAsLong();
                debt -= Math.min(debt, now - lastEnd);
                lastEnd = now;
            }
        }

        private void enqueueUnlessClosed() {
            try {
                enqueue();
            } catch (RejectedExecutionException closed) {
                // the server that waits for them is closed too
                tasks.clear();
            }
        }
    }
}
