package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.store.RoundRobinQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Starts lookups within the limits of a name service; further ones wait, round-robin by account. Thread-safe. */
final class LookupQueue {

    private final SharedBudget running;
    private final RoundRobinQueue<Next> waiting = new RoundRobinQueue<>(Next::account);

    /** Requests to start waiting lookups since a thread began to do so. */
    private final AtomicInteger requests = new AtomicInteger();

    private record Next(String account, Supplier<CompletableFuture<?>> lookup) {}

    LookupQueue(NameService.Limits limits) {
        running = new SharedBudget(limits.inAll(), limits.ofOneAccount());
    }

    /** @param lookup starts the lookup, which ends with its future */
    void add(String account, Supplier<CompletableFuture<?>> lookup) {
        Next next = new Next(account, lookup);
        if (acquireOrEnqueue(next)) {
            start(next);
        }
    }

    /** Number of running lookups. */
    int running() {
        return (int) running.used();
    }

    private synchronized boolean acquireOrEnqueue(Next next) {
        if (!waiting.has(next.account()) && acquire(next.account())) {
            return true;
        }
        waiting.add(next);
        return false;
    }

    private boolean acquire(String account) {
        return running.of(account).tryAcquire(1);
    }

    private void start(Next next) {
        startSafely(next.lookup()).whenComplete((ignored, failure) -> {
            running.of(next.account()).release(1);
            startWaiting();
        });
    }

    private static CompletableFuture<?> startSafely(Supplier<CompletableFuture<?>> lookup) {
        try {
            return lookup.get();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Starts waiting lookups, on one thread at a time and without recursion, since many lookups may end as they begin.
     */
    private void startWaiting() {
        if (requests.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        do {
            for (Next next = poll(); next != null; next = poll()) {
                start(next);
            }
            seen = requests.addAndGet(-seen);
        } while (seen != 0);
    }

    /** @return null if none waits or the limits are reached */
    private synchronized Next poll() {
        return waiting.poll(this::acquire);
    }
}
