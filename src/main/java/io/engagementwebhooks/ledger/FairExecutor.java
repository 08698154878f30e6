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
 * A thread pool with a queue per account, fair by processor time (deficit round robin). In its turn on a thread an account
 * runs tasks for half a millisecond. It uses at most half of the threads. Tasks of one account may run concurrently and in any order. Thread-safe.
 *
 * <p>The queues are not bounded: queued tasks hold memory of their account's {@link Ledger}.
 */
public final class FairExecutor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FairExecutor.class);

    /** The longest time for which an account begins tasks in a turn, so that not each one passes through the pool's queue. */
    private static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** Processor time per round. */
    private static final long QUANTUM_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** The largest debt. */
    private static final long MAX_DEBT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ThreadPoolExecutor threads;
    private final int maxOfOne;
    private final Ledger ledger;
    private final LongSupplier processorTime;
    private final LongSupplier nanoTime;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final ThreadLocal<Lap> laps = ThreadLocal.withInitial(Lap::new);
    private volatile boolean closed;

    /**
     * @param name prefix of the threads' names
     * @param size number of threads, at least 2
     * @param ledger charged for processor time
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
        this.maxOfOne = size / 2;
        this.ledger = ledger;
        this.processorTime = processorTime;
        this.nanoTime = nanoTime;
    }

    /**
     * Queues a task.
     *
     * @throws RejectedExecutionException if closed
     */
    public void execute(String account, Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("closed");
        }
        Account queue = accounts.get(account);
        if (queue == null) {
            queue = accounts.computeIfAbsent(account, id -> new Account(ledger.of(id)));
        }
        queue.add(task);
    }

    /** The number of queued tasks of an account. */
    public int queued(String account) {
        Account queue = accounts.get(account);
        return queue == null ? 0 : queue.size();
    }

    /** Rejects further tasks; queued and running ones complete, since their callers wait for them. */
    @Override
    public void close() {
        closed = true;
        threads.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }

    /**
     * Measures a thread's processor time per turn. It is read once per turn, since reading costs as much as a small
     * task.
     */
    private final class Lap {
        private long last = processorTime.getAsLong();

        long end() {
            long before = last;
            last = processorTime.getAsLong();
            return last - before;
        }
    }

    /** The queue of one account, which is in the pool's queue at most once. */
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
            enqueue();
        }

        synchronized int size() {
            return tasks.size();
        }

        private void enqueue() {
            if (!queued && running < maxOfOne && !tasks.isEmpty()) {
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
            long until = nanoTime.getAsLong() + TURN_NANOS;
            Lap lap = laps.get();
            try {
                for (; task != null; task = nanoTime.getAsLong() < until ? more() : null) {
                    run(task);
                }
            } finally {
                long used = lap.end();
                charged.charge(used);
                ended(used);
            }
        }

        private void run(Runnable task) {
            try {
                task.run();
            } catch (Exception | Error e) {
                FatalErrors.check(e);
                LOG.error("executor.task-failed account={}", charged.account(), e);
            }
        }

        /** The next task of this turn. */
        private synchronized Runnable more() {
            return tasks.poll();
        }

        /** @return null: the round pays for an earlier debt, or other turns have run all tasks */
        private synchronized Runnable next() {
            queued = false;
            reduceDebt();
            if (debt > 0 && !threads.getQueue().isEmpty()) {
                debt -= QUANTUM_NANOS;
                enqueue();
                return null;
            }
            Runnable task = tasks.poll();
            if (task != null) {
                running++;
                enqueue();
            }
            return task;
        }

        private synchronized void ended(long used) {
            running--;
            debt = Math.min(MAX_DEBT_NANOS, Math.max(0, debt + used - QUANTUM_NANOS));
            lastEnd = nanoTime.getAsLong();
            enqueue();
        }

        /** Reduces the debt by the time in which the account ran nothing. */
        private void reduceDebt() {
            if (running == 0 && debt > 0) {
                long now = nanoTime.getAsLong();
                debt -= Math.min(debt, now - lastEnd);
                lastEnd = now;
            }
        }
    }
}
