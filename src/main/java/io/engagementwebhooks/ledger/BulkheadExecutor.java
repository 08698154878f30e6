package io.engagementwebhooks.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
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
 * Threads for tasks that may block, or never end, with a share for each account. An account has at most a quarter of the threads,
 * and always one: where the tasks of others hold all of them, it gets one more. Beyond these run only tasks that another one
 * waits for ({@link #executeBeyond}). Accounts are served in turn, and their queues are bounded. Thread-safe.
 */
public final class BulkheadExecutor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BulkheadExecutor.class);

    /** An account has at most this part of the threads. */
    private static final int PART_OF_ONE = 4;

    /** Tasks of one account that wait for a thread. */
    static final int MOST_WAITING = 256;

    private final ThreadPoolExecutor threads;
    private final int size;
    private final int mostOfOne;
    private final Ledger ledger;
    private final LongSupplier processorTime = new ProcessorTime();
    private final Map<String, Account> accounts = new HashMap<>();

    /** Accounts whose tasks wait; none of them may have another thread now. */
    private final Deque<Account> turns = new ArrayDeque<>();

    private int running;
    private int waiting;
    private boolean closed;

    /**
     * @param name what its threads are called
     * @param size number of threads, without those that an account gets beyond it
     * @param ledger what is charged
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
        this.mostOfOne = Math.max(1, size / PART_OF_ONE);
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
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private int running;

        Account(String id) {
            this.id = id;
        }
    }

    /** The account whose task the current thread runs; null: it is no thread of such an executor. */
    public static String currentAccount() {
        return Thread.currentThread() instanceof Worker worker ? worker.account : null;
    }

    /** Runs a task when it is the account's turn. @return false: too many tasks of the account wait, or this is closed */
    public synchronized boolean execute(String account, Runnable task) {
        Account queue = accounts.get(account);
        if (closed || queue != null && queue.tasks.size() >= MOST_WAITING) {
            return false;
        }
        enqueue(account).addLast(task);
        startOrWait(accounts.get(account));
        return true;
    }

    /** As {@link #execute}, before all tasks of the account that wait, however many do. @return false: this is closed */
    public synchronized boolean executeFirst(String account, Runnable task) {
        if (closed) {
            return false;
        }
        enqueue(account).addFirst(task);
        startOrWait(accounts.get(account));
        return true;
    }

    /**
     * Runs a task at once, beyond the account's share and the size: what a task that has a thread waits for. The caller bounds
     * them. Does nothing once this is closed.
     */
    public synchronized void executeBeyond(String account, Runnable task) {
        if (!closed) {
            running++;
            Account beyond = new Account(account);
            beyond.running++;
            threads.execute(new Run(beyond, task));
        }
    }

    private Deque<Runnable> enqueue(String account) {
        waiting++;
        return accounts.computeIfAbsent(account, Account::new).tasks;
    }

    private void startOrWait(Account account) {
        if (mayRun(account)) {
            threads.execute(begin(account));
        } else if (account.tasks.size() == 1) {
            turns.add(account);
        }
    }

    private boolean mayRun(Account account) {
        return account.running < mostOfOne && (running < size || account.running == 0);
    }

    private Run begin(Account account) {
        waiting--;
        running++;
        account.running++;
        return new Run(account, account.tasks.remove());
    }

    /** Runs one task, and then those that may run since it has ended. */
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

    /** @return what this thread runs next, or null */
    private synchronized Run ended(Account account) {
        running--;
        account.running--;
        if (account.running == 0 && account.tasks.isEmpty()) {
            accounts.remove(account.id, account);
        }
        Run mine = null;
        for (int left = turns.size(); left > 0; left--) {
            Account next = turns.remove();
            if (mayRun(next)) {
                Run begun = begin(next);
                if (mine == null) {
                    mine = begun;
                } else {
                    threads.execute(begun);
                }
            }
            if (!next.tasks.isEmpty()) {
                turns.add(next);
            }
        }
        return mine;
    }

    /** Takes tasks out of the queues. @return those that no thread has begun and will not */
    public synchronized List<Runnable> removeWaiting(Predicate<Runnable> which) {
        List<Runnable> removed = new ArrayList<>();
        for (Iterator<Account> each = turns.iterator(); each.hasNext(); ) {
            Account account = each.next();
            for (Iterator<Runnable> tasks = account.tasks.iterator(); tasks.hasNext(); ) {
                Runnable task = tasks.next();
                if (which.test(task)) {
                    tasks.remove();
                    removed.add(task);
                    waiting--;
                }
            }
            if (account.tasks.isEmpty()) {
                each.remove();
            }
        }
        return removed;
    }

    /** Tasks that have a thread. */
    public synchronized int running() {
        return running;
    }

    /** Tasks that wait for one. */
    public synchronized int waiting() {
        return waiting;
    }

    /** Interrupts running tasks, and forgets those that wait. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            turns.forEach(account -> account.tasks.clear());
            turns.clear();
            waiting = 0;
        }
        threads.shutdownNow();
    }
}
