package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.RoundRobinQueue;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of tasks for delivery threads. Accounts are served by round robin, and so are starting and continuing
 * attempts. An account gets another thread only while it has fewer than are idle: at most half of them, and of the
 * rest. An eighth is reserved for continuing attempts. Thread-safe.
 *
 * <p>At most one thread per processor core is active: one, and another one while more than {@value #TASKS_PER_THREAD}
 * tasks wait for each, or some wait after 5 ms. While all of these make no progress for so long, for example in a blocking
 * step, another one is woken, up to all.
 */
final class WorkQueue {

    private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);

    /** The most dispatched deliveries of an account that wait for a thread; the rest waits in {@link DueScheduler}. */
    static final int WINDOW = 16;

    /** The most waiting deliveries of all accounts, per active thread. */
    private static final int MAX_BEGINNING_PER_THREAD = 64;

    private static final int CONTINUING_DIVISOR = 8;
    private static final int ACTIVE_PER_CORE = 1;

    /** While no more tasks wait per active thread, another one is woken only after some ms, since waking one takes processor time. */
    static final int TASKS_PER_THREAD = 8;

    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** The longest sleep, since the clock may be set. */
    private static final long MAX_SLEEP_MS = 1_000;

    private final Clock clock;
    private final int maxActive;
    private final long stallNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wakeable = lock.newCondition();
    private final Condition watching = lock.newCondition();
    private final RoundRobinQueue<Work> beginning = new RoundRobinQueue<>(Work::account);
    private final RoundRobinQueue<Work> continuing = new RoundRobinQueue<>(Work::account);

    /** Busy threads, by account. */
    private final Map<String, Integer> busy = new HashMap<>();

    /** Dispatched deliveries that wait for a thread, by account and by webhook. */
    private final Map<String, Integer> unstartedByAccount = new HashMap<>();

    private final Map<WebhookId, Integer> unstarted = new HashMap<>();

    /** Accounts that had more deliveries than space. */
    private final Set<String> accountsWithoutSpace = new HashSet<>();

    private boolean open;
    private long openings;
    private int idle;
    private int working;

    /** Idle threads that wait for a signal, and the number of signaled ones. */
    private int sleeping;

    private int signaled;

    /** The idle thread that watches the clock for all. */
    private Thread watcher;

    private boolean isWatchingWork;
    private long lastTaken = System.nanoTime();
    private boolean lastContinued;
    private boolean isRefillNeeded = true;
    private long nextDueAt = DueCursor.NEVER;
    private long filledAt;
    private Runnable refill = () -> {};

    WorkQueue(Clock clock) {
        this(clock, ACTIVE_PER_CORE * Runtime.getRuntime().availableProcessors(), STALL_NANOS);
    }

    /**
     * @param maxActive the number of active threads
     * @param stallNanos nanoseconds without progress after which another one is woken
     */
    WorkQueue(Clock clock, int maxActive, long stallNanos) {
        this.clock = clock;
        this.maxActive = maxActive;
        this.stallNanos = stallNanos;
    }

    /** @param more dispatches deliveries by {@link #fill} */
    void onRefill(Runnable more) {
        refill = more;
    }

    /** @return the number of this opening, for {@link #take} */
    long open() {
        lock.lock();
        try {
            if (!open) {
                open = true;
                openings++;
                isRefillNeeded = true;
            }
            return openings;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes the queue; waiting threads return.
     *
     * @param unstarted receives the deliveries that do not begin
     */
    void close(Consumer<String> unstarted) {
        lock.lock();
        try {
            open = false;
            isRefillNeeded = false;
            nextDueAt = DueCursor.NEVER;
            accountsWithoutSpace.clear();
            while (!beginning.isEmpty()) {
                unstarted.accept(removed(beginning.remove()).delivery());
            }
            wakeable.signalAll();
            watching.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Fills the queue with deliveries, as far as their accounts have space.
     *
     * @param source returns the next delivery of an account that has space, or null
     * @param next returns when the next delivery that waits for its rate may begin, in ms since 1970; called after the
     *     source
     */
    void fill(Function<Predicate<String>, Work> source, LongSupplier next) {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            isRefillNeeded = idle + working == 0;
            if (isRefillNeeded) {
                return; // there is no thread
            }
            accountsWithoutSpace.clear();
            for (Work work = source.apply(this::hasSpace); work != null; work = source.apply(this::hasSpace)) {
                beginning.add(work);
                unstartedByAccount.merge(work.account(), 1, Integer::sum);
                unstarted.merge(work.due().webhook(), 1, Integer::sum);
            }
            long before = nextDueAt;
            nextDueAt = next.getAsLong();
            filledAt = clock.millis();
            if (nextDueAt < before && watcher != null) {
                watching.signal();
            }
            wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes the deliveries of a webhook that wait for a thread.
     *
     * @param notBegun receives each of them
     */
    void recall(WebhookId webhook, Consumer<String> notBegun) {
        lock.lock();
        try {
            if (unstarted.containsKey(webhook)) {
                beginning
                        .removeIf(work -> work.due().webhook().equals(webhook))
                        .forEach(work -> notBegun.accept(removed(work).delivery()));
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasSpace(String account) {
        boolean hasSpace = unstartedByAccount.getOrDefault(account, 0) < WINDOW && beginning.size() < maxBeginning();
        if (!hasSpace) {
            accountsWithoutSpace.add(account);
        }
        return hasSpace;
    }

    private int maxBeginning() {
        return MAX_BEGINNING_PER_THREAD * maxActive;
    }

    /** Adds the rest of an attempt. @return false: the queue is closed */
    boolean resume(Work rest) {
        lock.lock();
        try {
            if (open) {
                continuing.add(rest);
                wake();
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** The number of deliveries that wait for a thread, by webhook. */
    Map<WebhookId, Integer> unstarted() {
        lock.lock();
        try {
            return Map.copyOf(unstarted);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next task; waits for one.
     *
     * @param opening the opening of the caller: a thread that was busy during a stop ends after the next start
     * @param done the task that the caller completed, or null
     * @return null: closed since then, and no attempt is left to continue
     */
    Work take(long opening, Work done) throws InterruptedException {
        lock.lock();
        try {
            release(done);
            idle++;
            Work next;
            try {
                next = next(opening);
            } finally {
                idle--;
            }
            if (next != null) {
                busy.merge(next.account(), 1, Integer::sum);
                working++;
                lastTaken = System.nanoTime();
            }
            wake();
            return next;
        } finally {
            lock.unlock();
        }
    }

    private Work next(long opening) throws InterruptedException {
        boolean mayTake = true;
        while (isOpen(opening)) {
            if (isRefillDue()) {
                refillUnlocked();
            }
            Work next = mayTake ? poll() : null;
            if (next != null) {
                return next;
            }
            // a stop during the refill could not wake this thread
            mayTake = !isOpen(opening) || isRefillDue() || await();
        }
        return open || continuing.isEmpty() ? null : continuing.remove();
    }

    private boolean isOpen(long opening) {
        return open && opening == openings;
    }

    private boolean isRefillDue() {
        long now = clock.millis();
        return isRefillNeeded || nextDueAt <= now || now < filledAt && nextDueAt != DueCursor.NEVER;
    }

    /** Releases the lock, since the lock of {@link WebhookQueues} must be acquired before this one. */
    private void refillUnlocked() {
        isRefillNeeded = false;
        boolean isRefilled = false;
        lock.unlock();
        try {
            refill.run();
            isRefilled = true;
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("dispatch.failed retry-ms={}", MAX_SLEEP_MS, e);
        } finally {
            lock.lock();
        }
        if (!isRefilled) {
            nextDueAt = clock.millis() + MAX_SLEEP_MS;
        }
    }

    private void release(Work done) {
        if (done != null) {
            busy.computeIfPresent(done.account(), (account, threads) -> threads == 1 ? null : threads - 1);
            working--;
        }
    }

    /** Alternates between starting and continuing attempts, so that neither starves. */
    private Work poll() {
        lastContinued = !lastContinued;
        Work next = lastContinued ? continuing.poll(this::hasThread) : pollBeginning();
        if (next == null) {
            next = lastContinued ? pollBeginning() : continuing.poll(this::hasThread);
        }
        return next;
    }

    private Work pollBeginning() {
        Work next = beginning.poll(this::mayBegin);
        return next == null ? null : removed(next);
    }

    private Work removed(Work next) {
        int left = unstartedByAccount.merge(next.account(), -1, Integer::sum);
        unstartedByAccount.remove(next.account(), 0);
        unstarted.computeIfPresent(next.due().webhook(), (webhook, count) -> count == 1 ? null : count - 1);
        boolean isSpaceForAccount = left <= WINDOW / 2 && accountsWithoutSpace.contains(next.account());
        boolean isSpaceForAll = beginning.size() <= maxBeginning() / 2 && !accountsWithoutSpace.isEmpty();
        isRefillNeeded |= open && (isSpaceForAccount || isSpaceForAll);
        return next;
    }

    private boolean hasThread(String account) {
        return busy.getOrDefault(account, 0) < idle;
    }

    /** Reserves some threads for continuing attempts. */
    private boolean mayBegin(String account) {
        return busy.getOrDefault(account, 0) < idle - (idle + working) / CONTINUING_DIVISOR;
    }

    private int waiting() {
        return beginning.size() + continuing.size();
    }

    private boolean isTooFew(int active) {
        return waiting() > active * TASKS_PER_THREAD && active < maxActive;
    }

    /** Wakes one thread if there is work for it; each thread that takes work wakes the next. */
    private void wake() {
        boolean isWork = waiting() > 0;
        boolean isTooFew = isTooFew(working + signaled);
        boolean isUnwatched = watcher == null && signaled == 0 && (isWork || nextDueAt != DueCursor.NEVER);
        if ((isTooFew || isUnwatched) && sleeping > signaled) {
            signaled++;
            wakeable.signal();
        } else if (watcher != null && (isTooFew || isWork && !isWatchingWork)) {
            watching.signal();
        }
    }

    /** @return whether the thread may take work: too few are active, work still waits, or they make no progress */
    private boolean await() throws InterruptedException {
        boolean isWork = waiting() > 0;
        if (watcher == null && (isWork || nextDueAt != DueCursor.NEVER)) {
            return watch(isWork);
        }
        sleeping++;
        try {
            wakeable.await();
        } finally {
            sleeping--;
            signaled = Math.max(0, signaled - 1);
        }
        return isTooFew(working);
    }

    private boolean watch(boolean isWork) throws InterruptedException {
        watcher = Thread.currentThread();
        isWatchingWork = isWork;
        try {
            long untilDue = Math.min(MAX_SLEEP_MS, Math.max(1, nextDueAt - clock.millis()));
            long nanos = TimeUnit.MILLISECONDS.toNanos(untilDue);
            boolean isOver = watching.awaitNanos(isWork ? Math.min(stallNanos, nanos) : nanos) <= 0;
            boolean isStalled = System.nanoTime() - lastTaken >= stallNanos;
            return isTooFew(working) || isOver && working < maxActive || isStalled;
        } finally {
            watcher = null;
        }
    }
}
