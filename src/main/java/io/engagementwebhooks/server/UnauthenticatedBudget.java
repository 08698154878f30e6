package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.Ledger;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of callers without a key: a small budget of the {@link Ledger}. One address (an IPv6 /64) has a quarter at
 * most, and is dropped when it uses none. Thread-safe.
 */
public final class UnauthenticatedBudget {

    private static final int DIVISOR = 4;

    private final Ledger ledger;
    private final long limitOfAddress;
    private final ConcurrentMap<String, Long> usedByAddress = new ConcurrentHashMap<>();

    public UnauthenticatedBudget(Ledger ledger) {
        this.ledger = ledger;
        this.limitOfAddress = ledger.anonymous().limit() / DIVISOR;
    }

    /**
     * The memory of a caller, nothing reserved yet.
     *
     * @param address the literal address, or null: not limited by address
     */
    RequestMemory memory(String address) {
        return RequestMemory.unauthenticated(
                ledger.anonymous(), address == null ? null : new Share(FailedKeys.network(address)));
    }

    /** The number of addresses that use memory. */
    int addresses() {
        return usedByAddress.size();
    }

    /** The memory of one request or connection within the limit of its address. */
    final class Share {

        private static final long CLOSED = -1;

        private final String network;
        private final AtomicLong used = new AtomicLong();

        private Share(String network) {
            this.network = network;
        }

        boolean tryAcquire(long bytes) {
            boolean[] taken = {false};
            usedByAddress.compute(network, (address, all) -> {
                long now = all == null ? 0 : all;
                taken[0] = now + bytes <= limitOfAddress;
                return taken[0] ? Long.valueOf(now + bytes) : all;
            });
            if (taken[0]
                    && used.accumulateAndGet(bytes, (had, more) -> had == CLOSED ? CLOSED : had + more) == CLOSED) {
                releaseToAddress(bytes);
            }
            return taken[0];
        }

        boolean hasSpace(long bytes) {
            return usedByAddress.getOrDefault(network, 0L) + bytes <= limitOfAddress;
        }

        void release(long bytes) {
            if (used.accumulateAndGet(bytes, (had, less) -> had == CLOSED ? CLOSED : had - less) != CLOSED) {
                releaseToAddress(bytes);
            }
        }

        void close() {
            long had = used.getAndSet(CLOSED);
            if (had > 0) {
                releaseToAddress(had);
            }
        }

        private void releaseToAddress(long bytes) {
            usedByAddress.compute(
                    network, (address, all) -> all == null || all <= bytes ? null : Long.valueOf(all - bytes));
        }
    }
}
