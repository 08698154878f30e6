package io.engagementwebhooks.ledger;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A number of units (bytes, requests) that accounts share. While half of it is free, an account takes what it needs, up to
 * a limit; above that each account has its share: the budget divided by the accounts that hold something. Thread-safe
 * without a lock; under contention an account may exceed its share by what other threads take at the same moment, the
 * budget itself is never exceeded.
 */
public final class SharedBudget {

    private final long limit;
    private final long limitOfOne;
    private final AtomicLong used = new AtomicLong();
    private final AtomicInteger holders = new AtomicInteger();
    private final Map<String, Share> shares = new ConcurrentHashMap<>();

    /**
     * @param limit units in all, above 0
     * @param limitOfOne units that one account may hold at most, even alone
     */
    public SharedBudget(long limit, long limitOfOne) {
        if (limit < 1 || limitOfOne < 1) {
            throw new IllegalArgumentException("a budget of " + limit + " units, " + limitOfOne + " for one account");
        }
        this.limit = limit;
        this.limitOfOne = Math.min(limit, limitOfOne);
    }

    /** The share of an account; the same object for the same id. */
    public Share of(String account) {
        Share share = shares.get(account);
        return share != null ? share : shares.computeIfAbsent(account, id -> new Share(id, limitOfOne));
    }

    /** A share with another limit. @param limitOfThis units it may hold at most; counts for the first call only */
    Share of(String account, long limitOfThis) {
        return shares.computeIfAbsent(account, id -> new Share(id, Math.min(limit, limitOfThis)));
    }

    /** Units in all. */
    public long limit() {
        return limit;
    }

    /** Units that are taken now. */
    public long used() {
        return used.get();
    }

    /** Every share that was ever asked for. */
    public Collection<Share> shares() {
        return Collections.unmodifiableCollection(shares.values());
    }

    /** What one account holds of the budget. */
    public final class Share {

        private final String account;
        private final long limitOfThis;
        private final AtomicLong held = new AtomicLong();
        private final LongAdder refused = new LongAdder();

        private Share(String account, long limitOfThis) {
            this.account = account;
            this.limitOfThis = limitOfThis;
        }

        /** Acquires units, or none. @return false: this account may not have that many now */
        public boolean tryAcquire(long units) {
            if (units <= 0) {
                return true;
            }
            for (long before = used.get(); fits(before + units, units); before = used.get()) {
                if (used.compareAndSet(before, before + units)) {
                    if (held.getAndAdd(units) == 0) {
                        holders.incrementAndGet();
                    }
                    return true;
                }
            }
            refused.increment();
            return false;
        }

        /** Whether {@link #tryAcquire} of one unit would take it now. */
        public boolean hasRoom() {
            return hasRoom(1);
        }

        /** Whether {@link #tryAcquire} would succeed now. */
        boolean hasRoom(long units) {
            return fits(used.get() + units, units);
        }

        /** @param all units that would be taken by all accounts */
        private boolean fits(long all, long units) {
            long before = held.get();
            return all <= limit && before + units <= share(all, before);
        }

        /** Whether the account holds its share, so that it is refused one unit although others may be free. */
        public boolean isUsedUp() {
            long before = held.get();
            return before > 0 && before >= share(used.get() + 1, before);
        }

        private long share(long all, long before) {
            return all > limit / 2 ? fairShare(before == 0 ? 1 : 0) : limitOfThis;
        }

        /** @param more accounts that are about to hold something */
        private long fairShare(int more) {
            return Math.min(limitOfThis, limit / Math.max(1, holders.get() + more));
        }

        /** Releases acquired units. */
        public void release(long units) {
            if (units <= 0) {
                return;
            }
            if (held.addAndGet(-units) == 0) {
                holders.decrementAndGet();
            }
            used.addAndGet(-units);
        }

        public String account() {
            return account;
        }

        /** Units that it may hold at most, even alone. */
        public long limit() {
            return limitOfThis;
        }

        /** Units that the account holds now. */
        public long held() {
            return held.get();
        }

        /** How often it was refused, since the start. */
        public long refused() {
            return refused.sum();
        }
    }
}
