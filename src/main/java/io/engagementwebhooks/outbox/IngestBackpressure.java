package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Throttles ingest in favor of delivery (semantics 5). While the processor is busy and more deliveries are sendable
 * than begin in a tenth of a second, events are admitted at a rate that returns the backlog to this number, and at half
 * the rate of delivery at least. Waiting accounts share it equally. A waiting request holds no thread. Otherwise events
 * are admitted at once.
 *
 * <p>Deliveries that cannot be sent now, because their receiver is slow, asked to wait or is paused, do not throttle
 * ingest; and a floor keeps ingest going in any case. Thread-safe.
 */
final class IngestBackpressure {

    /** The lowest rate, in deliveries per second. */
    static final int MIN_RATE = 100;

    /** A backlog up to this does not throttle. */
    static final int MIN_BACKLOG = 64;

    /** The time in seconds in which sendable deliveries should begin. */
    private static final double MAX_DELAY = 0.1;

    /** The time in seconds in which the backlog should return to what begins in {@link #MAX_DELAY}. */
    private static final double CORRECTION_TIME = 0.05;

    /** Processor load from which it is busy. */
    static final double BUSY_LOAD = 0.9;

    /** The longest wait in seconds before further requests are refused. */
    private static final int MAX_WAIT_SECONDS = 5;

    private static final int PROCESSOR_INTERVAL_MS = 250;
    private static final int UPDATE_INTERVAL_MS = 20;

    /** The clock may be set back. */
    private static final int MAX_INTERVAL_MS = 10_000;

    /** Updates should use at most this part of the time: with many webhooks they take milliseconds. */
    private static final int UPDATE_DIVISOR = 20;

    private static final Duration TICK = Duration.ofMillis(20);
    private static final int MIN_STEP_MS = 5;

    private static final CompletionStage<Void> NOW = CompletableFuture.completedFuture(null);

    private final DueScheduler scheduler;
    private final DoubleSupplier processorLoad;
    private final Clock clock;
    private final Consumer<Runnable> scheduleTick;
    private final AtomicLong updateAt = new AtomicLong(Long.MIN_VALUE);
    private final LongAdder throttled = new LongAdder();
    private final Map<String, Account> accounts = new HashMap<>();
    private volatile double rate = Double.POSITIVE_INFINITY;
    private volatile boolean isBusy;
    private volatile long processorAt = Long.MIN_VALUE;
    private volatile boolean isAnyWaiting;
    private boolean isTicking;
    private long lastTick;

    private record Waiter(int cost, CompletableFuture<Void> admitted) {}

    /** The waiting requests of an account, and its permits; negative: debt. */
    private static final class Account {
        private final Queue<Waiter> waiters = new ArrayDeque<>();
        private double permits;
        private long waitingCost;
    }

    /**
     * @param scheduler for the backlog
     * @param processor processor load from 0 to 1; negative: unknown, and ingest is not throttled
     * @param later runs a task a few milliseconds later
     */
    IngestBackpressure(DueScheduler scheduler, DoubleSupplier processor, Clock clock, Consumer<Runnable> later) {
        this.scheduler = scheduler;
        this.processorLoad = processor;
        this.clock = clock;
        this.scheduleTick = later;
    }

    /** An instance with its own thread, which ends with the process. */
    static IngestBackpressure ticking(DueScheduler scheduler, DoubleSupplier processor, Clock clock) {
        Background ticks = new Background("ingest-backpressure");
        return new IngestBackpressure(scheduler, processor, clock, tick -> ticks.after(TICK, tick));
    }

    /**
     * @param account the account of the events
     * @param cost the number of their deliveries, at least one
     * @return completes when the events are admitted
     */
    CompletionStage<Void> acquire(String account, int cost) {
        updateRate();
        if (!isAnyWaiting && !isThrottling()) {
            return NOW;
        }
        return enqueue(account, new Waiter(cost, new CompletableFuture<>()));
    }

    /**
     * Takes permits without waiting: the account has a debt, see {@link #isInDebt}, until the rate has paid it.
     *
     * @param costs the number of deliveries by account
     */
    void borrow(Map<String, Integer> costs) {
        updateRate();
        if (isThrottling()) {
            takePermits(costs);
        }
    }

    private synchronized void takePermits(Map<String, Integer> costs) {
        advance();
        costs.forEach((id, cost) -> accounts.computeIfAbsent(id, missing -> new Account()).permits -= cost);
    }

    /** Whether an account has a debt of permits. */
    boolean isInDebt(String account) {
        updateRate();
        return isThrottling() && hasDebt(account);
    }

    private synchronized boolean hasDebt(String id) {
        advance();
        removeIdle();
        Account account = accounts.get(id);
        return account != null && account.permits < 0;
    }

    private void removeIdle() {
        accounts.values().removeIf(account -> account.waiters.isEmpty() && account.permits >= 0);
    }

    private synchronized CompletionStage<Void> enqueue(String id, Waiter waiter) {
        throttled.increment();
        advance();
        Account account = accounts.computeIfAbsent(id, missing -> new Account());
        account.waiters.add(waiter);
        account.waitingCost += waiter.cost();
        isAnyWaiting = true;
        if (!isTicking) {
            isTicking = true;
            scheduleTick.accept(this::tick);
        }
        return waiter.admitted();
    }

    /** Admits the requests for which there are permits since the last tick. */
    private void tick() {
        try {
            updateRate();
            admitNext().forEach(turn -> turn.admitted().complete(null));
        } finally {
            if (continueTicking()) {
                scheduleTick.accept(this::tick);
            }
        }
    }

    private synchronized boolean continueTicking() {
        isAnyWaiting = accounts.values().stream().anyMatch(account -> !account.waiters.isEmpty());
        isTicking = isAnyWaiting;
        return isTicking;
    }

    private synchronized List<Waiter> admitNext() {
        advance();
        List<Waiter> admitted = new ArrayList<>();
        for (Account account : accounts.values()) {
            while (!account.waiters.isEmpty() && (account.permits >= 1 || !isThrottling())) {
                Waiter waiter = account.waiters.remove();
                account.permits -= waiter.cost();
                account.waitingCost -= waiter.cost();
                admitted.add(waiter);
            }
        }
        removeIdle();
        return admitted;
    }

    /** Distributes the permits since the last tick to the accounts that wait or have a debt. */
    private void advance() {
        long now = clock.millis();
        if (Math.abs(now - lastTick) < MIN_STEP_MS) {
            // while throttling this runs for each event and visits all accounts
            return;
        }
        double share = rate / Math.max(1, accounts.size());
        double earned = isThrottling() ? share * Math.max(0, now - lastTick) / 1000 : 0;
        for (Account account : accounts.values()) {
            // an account without waiting requests saves no permits, and debts end with the throttling
            double max = account.waiters.isEmpty() ? 0 : Math.max(1, share / 10);
            account.permits = isThrottling() ? Math.min(account.permits + earned, max) : 0;
        }
        lastTick = now;
    }

    /** Updates the rate if it is time to. */
    private void updateRate() {
        long now = clock.millis();
        long next = updateAt.get();
        boolean isTime = now >= next || next - now > MAX_INTERVAL_MS;
        if (isTime && updateAt.compareAndSet(next, now + MAX_INTERVAL_MS)) {
            try {
                updateProcessor(now);
                rate = isBusy ? rateFor(scheduler.backlog(MIN_BACKLOG)) : Double.POSITIVE_INFINITY;
            } finally {
                long took = clock.millis() - now;
                long pause = Math.max(UPDATE_INTERVAL_MS, UPDATE_DIVISOR * took);
                updateAt.set(now + took + Math.min(PROCESSOR_INTERVAL_MS, pause));
            }
        }
    }

    private void updateProcessor(long now) {
        if (processorAt == Long.MIN_VALUE || Math.abs(now - processorAt) >= PROCESSOR_INTERVAL_MS) {
            processorAt = now;
            isBusy = processorLoad.getAsDouble() >= BUSY_LOAD;
        }
    }

    /** While some wait, those are admitted gradually, so that they do not become the next backlog. */
    private double rateFor(DueScheduler.Backlog backlog) {
        double perSecond = backlog.perSecond();
        double excess = backlog.sendable() - Math.max(MIN_BACKLOG, perSecond * MAX_DELAY);
        return excess > 0 || isAnyWaiting
                ? Math.max(MIN_RATE, Math.max(perSecond / 2, perSecond - excess / CORRECTION_TIME))
                : Double.POSITIVE_INFINITY;
    }

    boolean isThrottling() {
        return rate != Double.POSITIVE_INFINITY;
    }

    /** Whether a further request of an account would wait too long. */
    boolean isFull(String account) {
        // refused callers never call acquire()
        updateRate();
        return isThrottling() && waitSeconds(account) > MAX_WAIT_SECONDS;
    }

    private synchronized double waitSeconds(String id) {
        advance();
        Account account = accounts.get(id);
        return account == null
                ? 0
                : (account.waitingCost - Math.min(0, account.permits)) / (rate / Math.max(1, accounts.size()));
    }

    /** The number of throttled requests since the start. */
    long throttled() {
        return throttled.sum();
    }
}
