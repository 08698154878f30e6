package io.engagementwebhooks.ledger;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory and processor time of the process by account. Work reserves an upper bound of its memory and releases it
 * afterwards; processor time is charged afterwards. Thread-safe without a lock.
 */
public final class Ledger {

    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    /** The part of the heap for work for accounts, in addition to requests in flight, events in memory and responses. */
    private static final double HEAP_SHARE = 3.0 / 8;

    /** The largest part of one account, so that the first request of another is never refused. */
    private static final double ACCOUNT_SHARE = 3.0 / 4;

    /** Additional memory for requests in flight, relative to that for work: an eighth of the heap. */
    private static final double IN_FLIGHT_SHARE = 1.0 / 3;

    private static final long MIN_IN_FLIGHT = 16 << 20;

    /** The part of all callers without a key. */
    private static final double ANONYMOUS_SHARE = 1.0 / 16;

    /** Not a valid account id. */
    private static final String ANONYMOUS = "(anonymous)";

    /** Not a valid account id, either. */
    private static final String KAFKA = "(kafka)";

    private final SharedBudget memory;
    private final SharedBudget inFlight;
    private final MinuteCounter inFlightFull = new MinuteCounter();
    private final AccountLedger anonymous;
    private final Map<String, AccountLedger> accounts = new ConcurrentHashMap<>();
    private volatile CrashJournal crashes = CrashJournal.NONE;

    /** @param bytes the limit of all accounts together */
    public Ledger(long bytes) {
        memory = new SharedBudget(bytes, (long) (bytes * ACCOUNT_SHARE));
        long sent = Math.max(MIN_IN_FLIGHT, (long) (bytes * IN_FLIGHT_SHARE));
        inFlight = new SharedBudget(sent, (long) (sent * ACCOUNT_SHARE));
        anonymous = ledger(ANONYMOUS, memory.of(ANONYMOUS, (long) (bytes * ANONYMOUS_SHARE)));
    }

    /** The ledger of this process: three eighths of its heap. */
    public static Ledger ofHeap() {
        return new Ledger((long) (Runtime.getRuntime().maxMemory() * HEAP_SHARE));
    }

    /** Sets the journal that quarantines evaluations. */
    public void quarantineBy(CrashJournal journal) {
        crashes = journal;
    }

    public AccountLedger of(String account) {
        if (account.equals(ANONYMOUS)) {
            return anonymous;
        }
        AccountLedger known = accounts.get(account);
        return known != null ? known : accounts.computeIfAbsent(account, id -> ledger(id, memory.of(id)));
    }

    private AccountLedger ledger(String account, SharedBudget.Share share) {
        return new AccountLedger(share, inFlight.of(account), () -> logInFlightFull(account), () -> crashes);
    }

    private void logInFlightFull(String account) {
        inFlightFull
                .next()
                .ifPresent(count -> LOG.warn(
                        "deliver.budget-full account={} bytes={} limit={}: receivers take long; see which, or raise -Xmx",
                        account,
                        inFlight.used(),
                        inFlight.limit()));
    }

    /** The ledger of callers without a key. */
    public AccountLedger anonymous() {
        return anonymous;
    }

    /** Memory of lookups for Kafka records of all accounts, so that an account without memory does not stop the consumer. */
    public AccountLedger kafka() {
        return of(KAFKA);
    }

    /** All accounts used so far, {@link #kafka()} included, {@link #anonymous()} excluded. */
    public Collection<AccountLedger> accounts() {
        return accounts.values();
    }

    /** The limit of all accounts together, in bytes. */
    public long memory() {
        return memory.limit();
    }

    /** Bytes reserved now. */
    public long reserved() {
        return memory.used();
    }

    /** The limit of requests in flight in bytes, in addition to {@link #memory()}. */
    public long inFlightLimit() {
        return inFlight.limit();
    }

    /** Bytes reserved for requests in flight. */
    public long inFlight() {
        return inFlight.used();
    }
}
