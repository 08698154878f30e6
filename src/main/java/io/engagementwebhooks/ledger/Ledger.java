package io.engagementwebhooks.ledger;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Memory and processor time of the process by account. Work reserves memory by its upper bound and releases it
 * afterwards; processor time is charged afterwards. Thread-safe without a lock.
 */
public final class Ledger {

    /** The part of the heap that the work for accounts may use; the rest is the product's own and room to collect. */
    private static final double PART_OF_HEAP = 3.0 / 8;

    /** One account alone leaves a quarter to others, so that their first request is never refused. */
    private static final double PART_OF_ONE = 3.0 / 4;

    /** Of what the work may use: so much more may be in flight, in requests to receivers. It is an eighth of the heap. */
    private static final double PART_IN_FLIGHT = 1.0 / 3;

    private static final long LEAST_IN_FLIGHT = 16 << 20;

    /** All callers together that have shown no key. */
    private static final double PART_OF_ANONYMOUS = 1.0 / 16;

    /** No account can have this id. */
    private static final String ANONYMOUS = "(anonymous)";

    /** Nor this. */
    private static final String KAFKA = "(kafka)";

    private final SharedBudget memory;
    private final SharedBudget inFlight;
    private final AccountLedger anonymous;
    private final Map<String, AccountLedger> accounts = new ConcurrentHashMap<>();
    private volatile CrashJournal crashes = CrashJournal.NONE;

    /** @param bytes what the work for all accounts may use at a time */
    public Ledger(long bytes) {
        memory = new SharedBudget(bytes, (long) (bytes * PART_OF_ONE));
        long sent = Math.max(LEAST_IN_FLIGHT, (long) (bytes * PART_IN_FLIGHT));
        inFlight = new SharedBudget(sent, (long) (sent * PART_OF_ONE));
        anonymous = ledger(ANONYMOUS, memory.of(ANONYMOUS, (long) (bytes * PART_OF_ANONYMOUS)));
    }

    /** Of this process: three eighths of its heap. */
    public static Ledger ofHeap() {
        return new Ledger((long) (Runtime.getRuntime().maxMemory() * PART_OF_HEAP));
    }

    /** Sets aside what crashed the process before, from now on. */
    public void setAsideBy(CrashJournal journal) {
        crashes = journal;
    }

    /** What an account uses. */
    public AccountLedger of(String account) {
        if (account.equals(ANONYMOUS)) {
            return anonymous;
        }
        AccountLedger known = accounts.get(account);
        return known != null ? known : accounts.computeIfAbsent(account, id -> ledger(id, memory.of(id)));
    }

    private AccountLedger ledger(String account, SharedBudget.Share share) {
        return new AccountLedger(share, inFlight.of(account), () -> crashes);
    }

    /** What callers use that have shown no key. */
    public AccountLedger anonymous() {
        return anonymous;
    }

    /** Memory of lookups for Kafka records of all accounts, so that an account without memory does not stop the consumer. */
    public AccountLedger kafka() {
        return of(KAFKA);
    }

    /** Every account that was ever asked for, {@link #kafka()} among them, without {@link #anonymous()}. */
    public Collection<AccountLedger> accounts() {
        return accounts.values();
    }

    /** Bytes that all accounts may hold together. */
    public long memory() {
        return memory.limit();
    }

    /** Bytes that are reserved now. */
    public long reserved() {
        return memory.used();
    }

    /** Bytes that requests to receivers may hold together, beside {@link #memory()}. */
    public long inFlightLimit() {
        return inFlight.limit();
    }

    /** Bytes of requests that are sent now. */
    public long inFlight() {
        return inFlight.used();
    }
}
