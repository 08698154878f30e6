package io.engagementwebhooks.ledger;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A budget of units (bytes, requests) that accounts share. While half of it is free, an account takes what it needs, up
 * to a limit; above that each account has its share: the budget divided by the accounts that use some. Thread-safe
 * without a lock; under contention an account may exceed its share, never the budget.
 */
public final class SharedBudget {

    private final long limit;
    private final long limitOfOne;
    private final AtomicLong used = new AtomicLong();
    private final AtomicInteger activeAccounts = new AtomicInteger();
    private final Map<String, Share> shares = new ConcurrentHashMap<>();

    /**
     * @param limit all units, above 0
     * @param limitOfOne the most units of one account, even alone
     */
    public SharedBudget(long limit, long limitOfOne) {
        if (limit < 1 || limitOfOne < 1) {
            throw new IllegalArgumentException("a budget of " + limit + " units, " + limitOfOne + " for one account");
        }
        this.limit = limit;
        this.limitOfOne = Math.min(limit, limitOfOne);
    }

    /**
     * The most units of one account: all while half of them are free, else those divided by the accounts.
     *
     * @param used the units of all accounts afterwards
     * @param accounts the number of accounts that use some
     */
    public static long limitOfOne(long limit, long used, int accounts) {
        return used > limit / 2 ? limit / Math.max(1, accounts) : limit;
    }

    /** The share of an account; the same object for the same id. */
    public Share of(String account) {
        Share share = shares.get(account);
        return share != null ? share : shares.computeIfAbsent(account, id -> new Share(id, limitOfOne));
    }

    /** A share with a lower limit. @param limitOfThis its most units; used by the first call only */
    Share of(String account, long limitOfThis) {
        return shares.computeIfAbsent(account, id -> new Share(id, Math.min(limit, limitOfThis)));
    }

    /** All units. */
    public long limit() {
        return limit;
    }

    /** Units used now. */
    public long used() {
        return used.get();
    }

    /** The units of one account. */
    public final class Share {

        private final String account;
        private final long limitOfThis;
        private final AtomicLong inUse = new AtomicLong();
        private final LongAdder refused = new LongAdder();

        private Share(String account, long limitOfThis) {
            this.account = account;
            this.limitOfThis = limitOfThis;
        }

        /** Acquires all of these units or none. @return false: the account may not have that many now */
        public boolean tryAcquire(long units) {
            if (units <= 0) {
                return true;
            }
            for (long before = used.get(); fits(before + units, units); before = used.get()) {
                if (used.compareAndSet(before, before + units)) {
                    if (inUse.getAndAdd(units) == 0) {
                        activeAccounts.incrementAndGet();
                    }
                    return true;
                }
            }
            refused.increment();
            return false;
        }

        /** Whether {@link #tryAcquire} of one unit would succeed now. */
        public boolean hasSpace() {
            return hasSpace(1);
        }

        /** Whether {@link #tryAcquire} would succeed now. */
        boolean hasSpace(long units) {
            return fits(used.get() + units, units);
        }

        /** @param all the units of all accounts afterwards */
        private boolean fits(long all, long units) {
            long before = inUse.get();
            return all <= limit && before + units <= share(all, before);
        }

        /** Whether the account uses all of its share; others may still have units. */
        public boolean isUsedUp() {
            long before = inUse.get();
            return before > 0 && before >= share(used.get() + 1, before);
        }

        private long share(long all, long before) {
            int accounts = activeAccounts.get() + (before == 0 ? 1 : 0);
            return Math.min(limitOfThis, SharedBudget.limitOfOne(limit, all, accounts));
        }

        /** Releases acquired units. */
        public void release(long units) {
            if (units <= 0) {
                return;
            }
            if (inUse.addAndGet(-units) == 0) {
                activeAccounts.decrementAndGet();
            }
            used.addAndGet(-units);
        }

        public String account() {
            return account;
        }

        /** The most units of the account, even alone. */
        public long limit() {
            return limitOfThis;
        }

        /** The units used by the account now. */
        public long inUse() {
            return inUse.get();
        }

        /** The number of refusals since the start. */
        public long refused() {
            return refused.sum();
        }
    }
}
