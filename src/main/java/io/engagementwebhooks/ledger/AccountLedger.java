package io.engagementwebhooks.ledger;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Memory and processor time of one account. Thread-safe without a lock. */
public final class AccountLedger {

    private final SharedBudget.Share memory;
    private final SharedBudget.Share inFlight;
    private final Supplier<CrashJournal> crashes;
    private final LongAdder processorNanos = new LongAdder();

    /** Programs that run at a time: half of the processors, however many threads evaluate for the account. */
    private final Semaphore programs =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

    AccountLedger(SharedBudget.Share memory, SharedBudget.Share inFlight, Supplier<CrashJournal> crashes) {
        this.memory = memory;
        this.inFlight = inFlight;
        this.crashes = crashes;
    }

    public String account() {
        return memory.account();
    }

    /**
     * Reserves memory before it is used.
     *
     * @param bytes an upper bound
     * @return to be closed when the memory is free again
     * @throws BudgetExceededException if the account has no more at the moment
     */
    public Reservation reserve(long bytes) {
        Reservation reservation = new Reservation(memory);
        reservation.grow(bytes);
        return reservation;
    }

    /** Whether {@link #reserve} would succeed now. */
    public boolean hasRoom(long bytes) {
        return memory.hasRoom(bytes);
    }

    /**
     * As {@link #reserve}, of a request that is sent: slow receivers hold such memory, and leave the rest to events and the API.
     */
    public Reservation reserveInFlight(long bytes) {
        Reservation reservation = new Reservation(inFlight);
        reservation.grow(bytes);
        return reservation;
    }

    /** Bytes of requests that are sent now. */
    public long inFlight() {
        return inFlight.held();
    }

    /** How often a request that was to be sent was refused memory, since the start. */
    public long refusedInFlight() {
        return inFlight.refused();
    }

    /** To be acquired before a program runs. */
    Semaphore programs() {
        return programs;
    }

    CrashJournal crashes() {
        return crashes.get();
    }

    /** Charges processor time that was used. */
    public void charge(long nanos) {
        processorNanos.add(nanos);
    }

    /** Bytes that it may hold at most, even alone. */
    public long limit() {
        return memory.limit();
    }

    /** Bytes that are reserved now. */
    public long reserved() {
        return memory.held();
    }

    /** How often memory was refused, since the start. */
    public long refused() {
        return memory.refused();
    }

    /** Processor time since the start, in nanoseconds. */
    public long processorNanos() {
        return processorNanos.sum();
    }
}
