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
 * Ingest yields to delivery (semantics 5). While the processor is busy and more could be sent now than was sent in the last
 * ten seconds, events get a turn only as fast as deliveries are sent, so that delivery keeps half of the processor. The
 * accounts that wait share this rate: what one has to wait for is what it sent itself. A request that waits for a turn holds no
 * thread. Otherwise a turn is given at once.
 *
 * <p>What cannot be sent now, because its receiver is slow, asked to wait or is paused, slows no one down; and a floor
 * keeps ingest going whatever happens. Thread-safe.
 */
final class IngestBackpressure {

    /** Turns a second that are given in any case. */
    static final int FLOOR = 100;

    /** A backlog up to this is everyday life. */
    static final int LEAST_BACKLOG = 1_000;

    /** From here on the processor is busy. */
    static final double BUSY = 0.9;

    /** So long a turn may be waited for before no more callers are let in. */
    private static final int LONGEST_WAIT_SECONDS = 5;

    private static final int LOOK_EVERY_MS = 250;
    private static final Duration TICK = Duration.ofMillis(20);
    private static final int LEAST_STEP_MS = 5;

    private static final CompletionStage<Void> NOW = CompletableFuture.completedFuture(null);

    private final DueScheduler scheduler;
    private final DoubleSupplier processor;
    private final Clock clock;
    private final Consumer<Runnable> later;
    private final AtomicLong lookedAt = new AtomicLong(Long.MIN_VALUE);
    private final LongAdder paced = new LongAdder();
    private final Map<String, Account> accounts = new HashMap<>();
    private volatile double rate = Double.POSITIVE_INFINITY;
    private volatile boolean isAnyWaiting;
    private boolean isTicking;
    private long lastTick;

    private record Waiter(int cost, CompletableFuture<Void> given) {}

    /** The turns of an account that wait, and how much it may begin now; below zero: so much was taken in advance. */
    private static final class Account {
        private final Queue<Waiter> turns = new ArrayDeque<>();
        private double permits;
        private long waiting;
    }

    /**
     * @param scheduler what is due and what was sent
     * @param processor how busy the processor is, from 0 to 1; negative: unknown, and ingest is not throttled
     * @param clock now
     * @param later runs something a few milliseconds later
     */
    IngestBackpressure(DueScheduler scheduler, DoubleSupplier processor, Clock clock, Consumer<Runnable> later) {
        this.scheduler = scheduler;
        this.processor = processor;
        this.clock = clock;
        this.later = later;
    }

    /** The same, with its own thread, which ends with the process. */
    static IngestBackpressure ticking(DueScheduler scheduler, DoubleSupplier processor, Clock clock) {
        Background ticks = new Background("ingest-backpressure");
        return new IngestBackpressure(scheduler, processor, clock, tick -> ticks.after(TICK, tick));
    }

    /**
     * @param account whose events they are
     * @param cost how many deliveries they make, at least one
     * @return completes when it is the account's turn
     */
    CompletionStage<Void> turn(String account, int cost) {
        look();
        if (!isAnyWaiting && !isThrottling()) {
            return NOW;
        }
        return join(account, new Waiter(cost, new CompletableFuture<>()));
    }

    /**
     * Takes turns in advance, for one who does not wait: the account {@linkplain #isBehind is behind} until time has brought them.
     *
     * @param costs how many deliveries are made, by account
     */
    void takeInAdvance(Map<String, Integer> costs) {
        look();
        if (isThrottling()) {
            take(costs);
        }
    }

    private synchronized void take(Map<String, Integer> costs) {
        advance();
        costs.forEach((id, cost) -> accounts.computeIfAbsent(id, missing -> new Account()).permits -= cost);
    }

    /** Whether an account has taken turns in advance that time has not brought yet. */
    boolean isBehind(String account) {
        look();
        return isThrottling() && owes(account);
    }

    private synchronized boolean owes(String id) {
        advance();
        forgetIdle();
        Account account = accounts.get(id);
        return account != null && account.permits < 0;
    }

    private void forgetIdle() {
        accounts.values().removeIf(account -> account.turns.isEmpty() && account.permits >= 0);
    }

    private synchronized CompletionStage<Void> join(String id, Waiter turn) {
        paced.increment();
        advance();
        Account account = accounts.computeIfAbsent(id, missing -> new Account());
        account.turns.add(turn);
        account.waiting += turn.cost();
        isAnyWaiting = true;
        if (!isTicking) {
            isTicking = true;
            later.accept(this::tick);
        }
        return turn.given();
    }

    /** Gives the turns that time has brought since the last tick. */
    private void tick() {
        try {
            look();
            next().forEach(turn -> turn.given().complete(null));
        } finally {
            if (goesOn()) {
                later.accept(this::tick);
            }
        }
    }

    private synchronized boolean goesOn() {
        isAnyWaiting = accounts.values().stream().anyMatch(account -> !account.turns.isEmpty());
        isTicking = isAnyWaiting;
        return isTicking;
    }

    private synchronized List<Waiter> next() {
        advance();
        List<Waiter> given = new ArrayList<>();
        for (Account account : accounts.values()) {
            while (!account.turns.isEmpty() && (account.permits >= 1 || !isThrottling())) {
                Waiter turn = account.turns.remove();
                account.permits -= turn.cost();
                account.waiting -= turn.cost();
                given.add(turn);
            }
        }
        forgetIdle();
        return given;
    }

    /** Shares what time has brought by the accounts that wait or have taken in advance. */
    private void advance() {
        long now = clock.millis();
        if (Math.abs(now - lastTick) < LEAST_STEP_MS) {
            // while it paces it is asked for each event, and goes through all accounts
            return;
        }
        double share = rate / Math.max(1, accounts.size());
        double brought = isThrottling() ? share * Math.max(0, now - lastTick) / 1000 : 0;
        for (Account account : accounts.values()) {
            // an account without waiting turns saves no permits, and no debt remains while pacing is off
            double most = account.turns.isEmpty() ? 0 : Math.max(1, share / 10);
            account.permits = isThrottling() ? Math.min(account.permits + brought, most) : 0;
        }
        lastTick = now;
    }

    /** Re-evaluates, a few times a second at most. */
    private void look() {
        long now = clock.millis();
        long last = lookedAt.get();
        boolean isTime = last == Long.MIN_VALUE || now - last >= LOOK_EVERY_MS || now < last;
        if (isTime && lookedAt.compareAndSet(last, now)) {
            rate = judged(scheduler.backlog());
        }
    }

    private double judged(DueScheduler.Backlog backlog) {
        boolean isBusy = processor.getAsDouble() >= BUSY;
        boolean isBehind = backlog.sendable() > Math.max(LEAST_BACKLOG, backlog.sentLately());
        return isBusy && isBehind ? Math.max(FLOOR, backlog.sentInASecond()) : Double.POSITIVE_INFINITY;
    }

    boolean isThrottling() {
        return rate != Double.POSITIVE_INFINITY;
    }

    /** Whether so much of an account waits for a turn that a further request of it would wait too long. */
    boolean isFull(String account) {
        // callers that are refused do not get to turn()
        look();
        return isThrottling() && secondsAhead(account) > LONGEST_WAIT_SECONDS;
    }

    private synchronized double secondsAhead(String id) {
        advance();
        Account account = accounts.get(id);
        return account == null
                ? 0
                : (account.waiting - Math.min(0, account.permits)) / (rate / Math.max(1, accounts.size()));
    }

    /** How many have had to wait for their turn since the start. */
    long throttled() {
        return paced.sum();
    }
}
