package io.engagementwebhooks.ledger;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Memory and processor time of the process by account. Memory is reserved by its upper bound before the work and given
 * back after it; processor time is charged afterwards. Thread-safe without a lock.
 */
public final class Ledger {

    /** The part of the heap that the work for accounts may use; the rest is the product's own and room to collect. */
    private static final double PART_OF_HEAP = 3.0 / 8;

    /** One account alone leaves a quarter to others, so that their first request is never refused. */
    private static final double PART_OF_ONE = 3.0 / 4;

    /** All callers together that have shown no key. */
    private static final double PART_OF_ANONYMOUS = 1.0 / 16;

    /** No account can have this id. */
    private static final String ANONYMOUS = "(anonymous)";

    private final SharedBudget memory;
    private final AccountLedger anonymous;
    private final Map<String, AccountLedger> accounts = new ConcurrentHashMap<>();
    private volatile CrashJournal crashes = CrashJournal.NONE;

    /** @param bytes what the work for all accounts may use at a time */
    public Ledger(long bytes) {
        memory = new SharedBudget(bytes, (long) (bytes * PART_OF_ONE));
        anonymous = new AccountLedger(memory.of(ANONYMOUS, (long) (bytes * PART_OF_ANONYMOUS)), () -> crashes);
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
        return known != null
                ? known
                : accounts.computeIfAbsent(account, id -> new AccountLedger(memory.of(id), () -> crashes));
    }

    /** What callers use that have shown no key. */
    public AccountLedger anonymous() {
        return anonymous;
    }

    /** Every account that was ever asked for, without {@link #anonymous()}. */
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
}
