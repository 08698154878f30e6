package io.engagementwebhooks.ledger;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** The memory and processor time of one account. Thread-safe without a lock. */
public final class AccountLedger {

    private final SharedBudget.Share memory;
    private final SharedBudget.Share inFlight;
    private final Runnable onInFlightFull;
    private final Supplier<CrashJournal> crashes;
    private final LongAdder processorNanos = new LongAdder();

    /** Permits for concurrent jq programs: half of the processors. */
    private final Semaphore programPermits =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

    /** @param onInFlightFull called for each reservation that is refused until requests in flight end */
    AccountLedger(
            SharedBudget.Share memory,
            SharedBudget.Share inFlight,
            Runnable onInFlightFull,
            Supplier<CrashJournal> crashes) {
        this.memory = memory;
        this.inFlight = inFlight;
        this.onInFlightFull = onInFlightFull;
        this.crashes = crashes;
    }

    public String account() {
        return memory.account();
    }

    /**
     * Reserves memory before it is used.
     *
     * @param bytes an upper bound
     * @return to be closed when the memory is no longer used
     * @throws BudgetExceededException if the account has no memory left now
     */
    public Reservation reserve(long bytes) {
        Reservation reservation = new Reservation(memory);
        reservation.grow(bytes);
        return reservation;
    }

    /** Whether {@link #reserve} would succeed now. */
    public boolean hasSpace(long bytes) {
        return memory.hasSpace(bytes);
    }

    /**
     * Like {@link #reserve}, for a request in flight. Slow receivers use this separate budget, not the one for events
     * and the API.
     */
    public Reservation reserveInFlight(long bytes) {
        Reservation reservation = new Reservation(inFlight);
        try {
            reservation.grow(bytes);
        } catch (BudgetExceededException e) {
            if (!e.isForGood()) {
                onInFlightFull.run();
            }
            throw e;
        }
        return reservation;
    }

    /** Bytes reserved for requests in flight. */
    public long inFlight() {
        return inFlight.inUse();
    }

    /** The number of refused reservations for requests in flight since the start. */
    public long refusedInFlight() {
        return inFlight.refused();
    }

    /** Permits to acquire before a program runs. */
    Semaphore programPermits() {
        return programPermits;
    }

    CrashJournal crashes() {
        return crashes.get();
    }

    /** Charges used processor time. */
    public void charge(long nanos) {
        processorNanos.add(nanos);
    }

    /** The most bytes that it may reserve, even alone. */
    public long limit() {
        return memory.limit();
    }

    /** Bytes reserved now. */
    public long reserved() {
        return memory.inUse();
    }

    /** The number of refused reservations since the start. */
    public long refused() {
        return memory.refused();
    }

    /** Processor time since the start, in nanoseconds. */
    public long processorNanos() {
        return processorNanos.sum();
    }
}
