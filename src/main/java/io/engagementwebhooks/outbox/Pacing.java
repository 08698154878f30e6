package io.engagementwebhooks.outbox;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Ingest yields to delivery (semantics 5). While the processor is busy and more could be sent now than was sent in the last
 * ten seconds, events get a turn only as fast as deliveries are sent, so that delivery keeps half of the processor. Whoever
 * waits for a turn holds no thread. Otherwise a turn is given at once.
 *
 * <p>What cannot be sent now, because its receiver is slow, asked to wait or is paused, slows nobody down; and a floor
 * keeps ingest going whatever happens. Thread-safe.
 */
final class Pacing {

    /** Turns a second that are given in any case. */
    static final int FLOOR = 100;

    /** A backlog up to this is everyday life. */
    static final int LEAST_BACKLOG = 1_000;

    /** From here on the processor is busy. */
    static final double BUSY = 0.9;

    /** So long a turn may be waited for before no more callers are let in. */
    private static final int LONGEST_WAIT_SECONDS = 5;

    private static final int LOOK_EVERY_MS = 250;
    private static final int TICK_MS = 20;

    private static final CompletionStage<Void> NOW = CompletableFuture.completedFuture(null);

    private final DueDeliveries due;
    private final DoubleSupplier processor;
    private final Clock clock;
    private final Consumer<Runnable> later;
    private final AtomicLong lookedAt = new AtomicLong(Long.MIN_VALUE);
    private final LongAdder paced = new LongAdder();
    private final Queue<Turn> turns = new ArrayDeque<>();
    private volatile double rate = Double.POSITIVE_INFINITY;
    private volatile long waiting;
    private boolean isTicking;
    private double permits;
    private long lastTick;

    private record Turn(int cost, CompletableFuture<Void> given) {}

    /**
     * @param due what is due and what was sent
     * @param processor how busy the processor is, from 0 to 1; negative: nobody knows, and nothing is paced
     * @param clock now
     * @param later runs something a few milliseconds later
     */
    Pacing(DueDeliveries due, DoubleSupplier processor, Clock clock, Consumer<Runnable> later) {
        this.due = due;
        this.processor = processor;
        this.clock = clock;
        this.later = later;
    }

    /** The same, with a thread of its own, which ends with the process. */
    static Pacing ticking(DueDeliveries due, DoubleSupplier processor, Clock clock) {
        ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "ingest-pacing");
            thread.setDaemon(true);
            return thread;
        });
        return new Pacing(due, processor, clock, tick -> ticks.schedule(tick, TICK_MS, TimeUnit.MILLISECONDS));
    }

    /** @param cost how many deliveries it makes, at least one @return completes when it is the caller's turn */
    CompletionStage<Void> turn(int cost) {
        look();
        if (waiting == 0 && !isPacing()) {
            return NOW;
        }
        return join(new Turn(cost, new CompletableFuture<>()));
    }

    private synchronized CompletionStage<Void> join(Turn turn) {
        paced.increment();
        turns.add(turn);
        waiting += turn.cost();
        if (!isTicking) {
            isTicking = true;
            // what was taken in advance stays taken, also while nobody waits
            permits = Math.min(0, permitsAt(clock.millis()));
            lastTick = clock.millis();
            later.accept(this::tick);
        }
        return turn.given();
    }

    /** Gives the turns that time has brought since the last tick. */
    private void tick() {
        try {
            look();
            for (Turn turn = next(); turn != null; turn = next()) {
                turn.given().complete(null);
            }
        } finally {
            if (goesOn()) {
                later.accept(this::tick);
            }
        }
    }

    private synchronized boolean goesOn() {
        isTicking = !turns.isEmpty();
        return isTicking;
    }

    private synchronized Turn next() {
        long now = clock.millis();
        permits = permitsAt(now);
        lastTick = now;
        if (turns.isEmpty() || permits < 1) {
            return null;
        }
        Turn turn = turns.remove();
        permits -= turn.cost();
        waiting -= turn.cost();
        return turn;
    }

    /** Below zero: so much was taken in advance, by one turn that cost more than there was. */
    private double permitsAt(long now) {
        double perSecond = rate;
        boolean isFree = perSecond == Double.POSITIVE_INFINITY;
        return isFree ? 1 : Math.min(permits + perSecond * Math.max(0, now - lastTick) / 1000, perSecond / 10);
    }

    /** Judges anew, a few times a second at most. */
    private void look() {
        long now = clock.millis();
        long last = lookedAt.get();
        boolean isTime = last == Long.MIN_VALUE || now - last >= LOOK_EVERY_MS || now < last;
        if (isTime && lookedAt.compareAndSet(last, now)) {
            rate = judged(due.backlog());
        }
    }

    private double judged(DueDeliveries.Backlog backlog) {
        boolean isBusy = processor.getAsDouble() >= BUSY;
        boolean isBehind = backlog.sendable() > Math.max(LEAST_BACKLOG, backlog.sentLately());
        return isBusy && isBehind ? Math.max(FLOOR, backlog.sentInASecond()) : Double.POSITIVE_INFINITY;
    }

    boolean isPacing() {
        return rate != Double.POSITIVE_INFINITY;
    }

    /** Whether so many wait for a turn that a further one would wait too long. */
    boolean isFull() {
        // those who are not let in do not look
        look();
        return isPacing() && ahead() > LONGEST_WAIT_SECONDS * rate;
    }

    /** What is to be waited for by who comes now. */
    private synchronized double ahead() {
        return waiting - Math.min(0, permitsAt(clock.millis()));
    }

    /** How many have had to wait for their turn since the start. */
    long paced() {
        return paced.sum();
    }
}
