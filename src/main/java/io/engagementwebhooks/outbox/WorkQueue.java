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
 * The work that waits for a thread, and the threads that wait for work. Accounts take turns, and so do attempts that begin and
 * attempts that continue. An account may have one more thread only while it has fewer than are idle, so that one account has
 * half of them at most, and the next half of the rest. An eighth of all is for attempts that continue. Thread-safe.
 *
 * <p>No more threads are woken than the processor has use for: one for each of its cores. While these make no progress for some
 * ms, since a step blocks for example, another one is woken, up to all.
 */
final class WorkQueue {

    private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);

    /** Limit of an account's deliveries here that wait to begin; the rest waits in {@link DueScheduler}. */
    static final int WINDOW = 16;

    /** Deliveries of all accounts that wait to begin, at most, for each thread that is woken at once. */
    private static final int MOST_BEGINNING_PER_THREAD = 64;

    private static final int PART_OF_CONTINUING = 8;
    private static final int WOKEN_PER_CORE = 1;
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A thread looks at the clock at least so often, since clocks are set. */
    private static final long LONGEST_SLEEP_MS = 1_000;

    private final Clock clock;
    private final int enough;
    private final long patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wakeable = lock.newCondition();
    private final Condition watching = lock.newCondition();
    private final RoundRobinQueue<Work> beginning = new RoundRobinQueue<>(Work::account);
    private final RoundRobinQueue<Work> continuing = new RoundRobinQueue<>(Work::account);

    /** Threads at work, by account. */
    private final Map<String, Integer> busy = new HashMap<>();

    /** Deliveries that wait to begin, by account and by webhook. */
    private final Map<String, Integer> waiting = new HashMap<>();

    private final Map<WebhookId, Integer> unstarted = new HashMap<>();

    /** Accounts that had no room here for what may begin. */
    private final Set<String> crowded = new HashSet<>();

    private boolean open;
    private long openings;
    private int idle;
    private int working;

    /** Idle threads that wait for a signal, and how many of them have one. */
    private int sleeping;

    private int woken;

    /** The idle thread that looks at the clock for all. */
    private Thread watcher;

    private boolean isWatchingWork;
    private long lastTaken = System.nanoTime();
    private boolean lastContinued;
    private boolean wantsMore = true;
    private long turnAt = DueCursor.NEVER;
    private long filledAt;
    private Runnable refill = () -> {};

    WorkQueue(Clock clock) {
        this(clock, WOKEN_PER_CORE * Runtime.getRuntime().availableProcessors(), PATIENCE_NANOS);
    }

    /**
     * @param enough threads that are woken at once
     * @param patience after so many ns without progress another one is woken
     */
    WorkQueue(Clock clock, int enough, long patience) {
        this.clock = clock;
        this.enough = enough;
        this.patience = patience;
    }

    /** @param more hands out what may begin, to {@link #fill} */
    void refilledBy(Runnable more) {
        refill = more;
    }

    /** @return which opening this is, for {@link #take} */
    long open() {
        lock.lock();
        try {
            if (!open) {
                open = true;
                openings++;
                wantsMore = true;
            }
            return openings;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets threads that wait return.
     *
     * @param unstarted is given the deliveries that were to begin and do not
     */
    void close(Consumer<String> unstarted) {
        lock.lock();
        try {
            open = false;
            wantsMore = false;
            turnAt = DueCursor.NEVER;
            crowded.clear();
            while (!beginning.isEmpty()) {
                unstarted.accept(begun(beginning.remove()).delivery());
            }
            wakeable.signalAll();
            watching.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes in what may begin, as far as there is room for its account.
     *
     * @param source the next delivery of an account that has room, or null
     * @param next when the next delivery may begin that waits for its rate, in ms since 1970; asked after the source
     */
    void fill(Function<Predicate<String>, Work> source, LongSupplier next) {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            wantsMore = idle + working == 0;
            if (wantsMore) {
                return; // no thread is there to take it
            }
            crowded.clear();
            for (Work work = source.apply(this::hasRoom); work != null; work = source.apply(this::hasRoom)) {
                beginning.add(work);
                waiting.merge(work.account(), 1, Integer::sum);
                unstarted.merge(work.due().webhook(), 1, Integer::sum);
            }
            long before = turnAt;
            turnAt = next.getAsLong();
            filledAt = clock.millis();
            if (turnAt < before && watcher != null) {
                watching.signal();
            }
            wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes the deliveries of a webhook that wait to begin.
     *
     * @param notBegun is given each
     */
    void takeBack(WebhookId webhook, Consumer<String> notBegun) {
        lock.lock();
        try {
            if (unstarted.containsKey(webhook)) {
                beginning
                        .removeIf(work -> work.due().webhook().equals(webhook))
                        .forEach(work -> notBegun.accept(begun(work).delivery()));
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(String account) {
        boolean hasRoom = waiting.getOrDefault(account, 0) < WINDOW && beginning.size() < mostBeginning();
        if (!hasRoom) {
            crowded.add(account);
        }
        return hasRoom;
    }

    private int mostBeginning() {
        return MOST_BEGINNING_PER_THREAD * enough;
    }

    /** Adds the rest of an attempt. @return false: this is closed */
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

    /** Deliveries that are handed out and wait for a thread to begin, by webhook. */
    Map<WebhookId, Integer> unstarted() {
        lock.lock();
        try {
            return Map.copyOf(unstarted);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next work in turn, waiting for some.
     *
     * @param opening the opening that the caller takes for: a thread that was busy during a stop ends after the next start
     * @param done what the caller has done, or null
     * @return null if this was closed since then; but attempts that continue come first
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
        while (open && opening == openings) {
            if (isToBeFilled()) {
                refillUnlocked();
            }
            Work next = mayTake ? poll() : null;
            if (next != null) {
                return next;
            }
            mayTake = isToBeFilled() || await();
        }
        return open || continuing.isEmpty() ? null : continuing.remove();
    }

    private boolean isToBeFilled() {
        long now = clock.millis();
        return wantsMore || turnAt <= now || now < filledAt && turnAt != DueCursor.NEVER;
    }

    /** The lock of the queues is acquired before this one, never after it. */
    private void refillUnlocked() {
        wantsMore = false;
        boolean isRefilled = false;
        lock.unlock();
        try {
            refill.run();
            isRefilled = true;
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("dispatch.failed retry-ms={}", LONGEST_SLEEP_MS, e);
        } finally {
            lock.lock();
        }
        if (!isRefilled) {
            turnAt = clock.millis() + LONGEST_SLEEP_MS;
        }
    }

    private void release(Work done) {
        if (done != null) {
            busy.computeIfPresent(done.account(), (account, threads) -> threads == 1 ? null : threads - 1);
            working--;
        }
    }

    /** Attempts that begin and those that continue take turns, so that many that continue do not keep others from beginning. */
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
        return next == null ? null : begun(next);
    }

    private Work begun(Work next) {
        int left = waiting.merge(next.account(), -1, Integer::sum);
        waiting.remove(next.account(), 0);
        unstarted.computeIfPresent(next.due().webhook(), (webhook, count) -> count == 1 ? null : count - 1);
        boolean isRoomForAccount = left <= WINDOW / 2 && crowded.contains(next.account());
        boolean isRoomForAll = beginning.size() <= mostBeginning() / 2 && !crowded.isEmpty();
        wantsMore |= open && (isRoomForAccount || isRoomForAll);
        return next;
    }

    private boolean hasThread(String account) {
        return busy.getOrDefault(account, 0) < idle;
    }

    /** What begins leaves some threads to what continues. */
    private boolean mayBegin(String account) {
        return busy.getOrDefault(account, 0) < idle - (idle + working) / PART_OF_CONTINUING;
    }

    private boolean isWork() {
        return !beginning.isEmpty() || !continuing.isEmpty();
    }

    /** Wakes one thread if there is work for it; who takes work wakes the next. */
    private void wake() {
        boolean isWork = isWork();
        boolean isTooFew = isWork && working + woken < enough;
        boolean isUnwatched = watcher == null && (isWork || turnAt != DueCursor.NEVER);
        if ((isTooFew || isUnwatched) && sleeping > woken) {
            woken++;
            wakeable.signal();
        } else if (watcher != null && (isTooFew || isWork && !isWatchingWork)) {
            watching.signal();
        }
    }

    /** @return whether the thread may take work: there are too few at work, or they make no progress */
    private boolean await() throws InterruptedException {
        boolean isWork = isWork();
        if (watcher == null && (isWork || turnAt != DueCursor.NEVER)) {
            return watch(isWork);
        }
        sleeping++;
        try {
            wakeable.await();
        } finally {
            sleeping--;
            woken = Math.max(0, woken - 1);
        }
        return working < enough;
    }

    private boolean watch(boolean isWork) throws InterruptedException {
        watcher = Thread.currentThread();
        isWatchingWork = isWork;
        try {
            long untilTurn = Math.min(LONGEST_SLEEP_MS, Math.max(1, turnAt - clock.millis()));
            long nanos = TimeUnit.MILLISECONDS.toNanos(untilTurn);
            watching.awaitNanos(isWork ? Math.min(patience, nanos) : nanos);
            return working < enough || System.nanoTime() - lastTaken >= patience;
        } finally {
            watcher = null;
        }
    }
}
