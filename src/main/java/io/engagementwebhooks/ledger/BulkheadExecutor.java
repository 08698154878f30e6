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
 * threads and always at least one: where other accounts use all, it gets an extra one. Accounts are served by round
 * robin. Thread-safe.
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
    private final Map<String, Account> accounts = new HashMap<>();

    /** Accounts with queued tasks; none of them may have another thread now. */
    private final Deque<Account> rotation = new ArrayDeque<>();

    private int running;
    private int queued;
    private boolean closed;

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

        private String account;

        Worker(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }

    private static final class Account {

        private final String id;
        private final Deque<Runnable> continuing = new ArrayDeque<>();
        private final Deque<Runnable> beginning = new ArrayDeque<>();
        private int running;

        Account(String id) {
            this.id = id;
        }

        private int queued() {
            return continuing.size() + beginning.size();
        }
    }

    /** The account of the task on the current thread; null: not a thread of this class. */
    public static String currentAccount() {
        return Thread.currentThread() instanceof Worker worker ? worker.account : null;
    }

    /** Queues a task. @return false: the account's queue is full, or the executor is closed */
    public synchronized boolean execute(String account, Runnable task) {
        Account of = account(account);
        return of.beginning.size() < MAX_QUEUED && enqueue(of, of.beginning, task);
    }

    /** Queues a task that continues earlier ones: before them, without a limit. @return false: the executor is closed */
    public synchronized boolean executeFirst(String account, Runnable task) {
        Account of = account(account);
        return enqueue(of, of.continuing, task);
    }

    private Account account(String id) {
        return accounts.computeIfAbsent(id, Account::new);
    }

    private boolean enqueue(Account account, Deque<Runnable> tasks, Runnable task) {
        if (closed) {
            return false;
        }
        tasks.add(task);
        queued++;
        if (mayRun(account)) {
            threads.execute(begin(account));
        } else if (account.queued() == 1) {
            rotation.add(account);
        }
        return true;
    }

    private boolean mayRun(Account account) {
        return account.running < maxOfOne && (running < size || account.running == 0);
    }

    private Run begin(Account account) {
        queued--;
        running++;
        account.running++;
        Runnable first = account.continuing.poll();
        return new Run(account, first == null ? account.beginning.remove() : first);
    }

    /** Runs a task, then the next one that may run. */
    private final class Run implements Runnable {

        private final Account account;
        private final Runnable task;

        Run(Account account, Runnable task) {
            this.account = account;
            this.task = task;
        }

        @Override
        public void run() {
            for (Run next = this; next != null; ) {
                next.runTask();
                next = ended(next.account);
            }
        }

        private void runTask() {
            Worker worker = (Worker) Thread.currentThread();
            worker.account = account.id;
            long start = processorTime.getAsLong();
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                LOG.error("executor.task-failed account={}", account.id, e);
            } finally {
                Thread.interrupted();
                worker.account = null;
                ledger.of(account.id).charge(processorTime.getAsLong() - start);
            }
        }
    }

    /** @return the next task of this thread, or null */
    private synchronized Run ended(Account account) {
        running--;
        account.running--;
        if (account.running == 0 && account.queued() == 0) {
            accounts.remove(account.id);
        }
        Run mine = null;
        for (int left = rotation.size(); left > 0; left--) {
            Account next = rotation.remove();
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
        for (Account account : rotation) {
            account.beginning.removeIf(task -> which.test(task) && removed.add(task));
        }
        rotation.removeIf(account -> account.queued() == 0);
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
