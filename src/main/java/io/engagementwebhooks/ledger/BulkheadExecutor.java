package io.engagementwebhooks.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for tasks that may block or never end, with a limit per account. An account has at most a quarter of the
 * threads. Each {@link Part} of its tasks always has at least one: where others use all, it gets an extra one. Parts are
 * served by round robin. Thread-safe.
 */
public final class BulkheadExecutor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BulkheadExecutor.class);

    /** The divisor of the threads for the limit of an account. */
    private static final int ACCOUNT_DIVISOR = 4;

    /** The most queued tasks of an account, without those that continue. */
    static final int MAX_QUEUED = 256;

    private final ThreadPoolExecutor threads;
    private final int size;
    private final int maxOfOne;
    private final Ledger ledger;
    private final LongSupplier processorTime = new ProcessorTime();
    private final Map<Part, Tasks> parts = new HashMap<>();

    /** Parts with queued tasks; none of them may have another thread now. */
    private final Deque<Tasks> rotation = new ArrayDeque<>();

    private int running;
    private int queued;
    private boolean closed;

    /**
     * Tasks of an account that do not wait for its others.
     *
     * @param account the account
     * @param name of the part; empty: those without one
     */
    public record Part(String account, String name) {
        /** The tasks of an account without a part. */
        public static Part of(String account) {
            return new Part(account, "");
        }
    }

    /**
     * @param name prefix of the threads' names
     * @param size number of threads, without extra ones
     * @param ledger charged for processor time
     */
    public BulkheadExecutor(String name, int size, Ledger ledger) {
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                30,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> new Worker(task, name + "-" + number.incrementAndGet()));
        this.size = size;
        this.maxOfOne = Math.max(1, size / ACCOUNT_DIVISOR);
        this.ledger = ledger;
    }

    private static final class Worker extends Thread {

        private Part part;

        Worker(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }

    private static final class Tasks {

        private final Part id;
        private final Deque<Runnable> continuing = new ArrayDeque<>();
        private final Deque<Runnable> beginning = new ArrayDeque<>();
        private int running;

        Tasks(Part id) {
            this.id = id;
        }

        private int queued() {
            return continuing.size() + beginning.size();
        }
    }

    /** The part of the task on the current thread; null: not a thread of this class. */
    public static Part currentPart() {
        return Thread.currentThread() instanceof Worker worker ? worker.part : null;
    }

    /** Queues a task. @return false: the part's queue is full, or the executor is closed */
    public synchronized boolean execute(Part part, Runnable task) {
        Tasks of = tasks(part);
        return of.beginning.size() < MAX_QUEUED && enqueue(of, of.beginning, task);
    }

    /** Queues a task that continues earlier ones: before them, without a limit. @return false: the executor is closed */
    public synchronized boolean executeFirst(Part part, Runnable task) {
        Tasks of = tasks(part);
        return enqueue(of, of.continuing, task);
    }

    private Tasks tasks(Part part) {
        return parts.computeIfAbsent(part, Tasks::new);
    }

    private boolean enqueue(Tasks part, Deque<Runnable> tasks, Runnable task) {
        if (closed) {
            return false;
        }
        tasks.add(task);
        queued++;
        if (mayRun(part)) {
            threads.execute(begin(part));
        } else if (part.queued() == 1) {
            rotation.add(part);
        }
        return true;
    }

    private boolean mayRun(Tasks part) {
        return part.running == 0 || running < size && runningOf(part.id.account()) < maxOfOne;
    }

    private int runningOf(String account) {
        return parts.values().stream()
                .filter(part -> part.id.account().equals(account))
                .mapToInt(part -> part.running)
                .sum();
    }

    private Run begin(Tasks part) {
        queued--;
        running++;
        part.running++;
        Runnable first = part.continuing.poll();
        return new Run(part, first == null ? part.beginning.remove() : first);
    }

    /** Runs a task, then the next one that may run. */
    private final class Run implements Runnable {

        private final Tasks part;
        private final Runnable task;

        Run(Tasks part, Runnable task) {
            this.part = part;
            this.task = task;
        }

        @Override
        public void run() {
            for (Run next = this; next != null; ) {
                next.runTask();
                next = ended(next.part);
            }
        }

        private void runTask() {
            Worker worker = (Worker) Thread.currentThread();
            worker.part = part.id;
            long start = processorTime.getAsLong();
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                LOG.error("executor.task-failed account={}", part.id.account(), e);
            } finally {
                Thread.interrupted();
                worker.part = null;
                ledger.of(part.id.account()).charge(processorTime.getAsLong() - start);
            }
        }
    }

    /** @return the next task of this thread, or null */
    private synchronized Run ended(Tasks part) {
        running--;
        part.running--;
        if (part.running == 0 && part.queued() == 0) {
            parts.remove(part.id);
        }
        Run mine = null;
        for (int left = rotation.size(); left > 0; left--) {
            Tasks next = rotation.remove();
            if (mayRun(next)) {
                Run begun = begin(next);
                if (mine == null) {
                    mine = begun;
                } else {
                    threads.execute(begun);
                }
            }
            if (next.queued() > 0) {
                rotation.add(next);
            }
        }
        return mine;
    }

    /** Removes matching tasks that continue none from the queues. @return the removed tasks, which do not run */
    public synchronized List<Runnable> removeQueued(Predicate<Runnable> which) {
        List<Runnable> removed = new ArrayList<>();
        for (Tasks part : rotation) {
            part.beginning.removeIf(task -> which.test(task) && removed.add(task));
        }
        rotation.removeIf(part -> part.queued() == 0);
        queued -= removed.size();
        return removed;
    }

    /** The number of running tasks. */
    public synchronized int running() {
        return running;
    }

    /** The number of queued tasks. */
    public synchronized int queued() {
        return queued;
    }

    /** Interrupts running tasks and drops queued ones. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            rotation.clear();
            queued = 0;
        }
        threads.shutdownNow();
    }
}
