package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.SharedBudget;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Starts lookups within the limits of a name service; further ones wait, round-robin by account. Thread-safe. */
final class LookupQueue {

    private final SharedBudget running;
    private final Map<String, Queue<Supplier<CompletableFuture<?>>>> waiting = new LinkedHashMap<>();

    /** Requests to start waiting lookups since a thread began to do so. */
    private final AtomicInteger requests = new AtomicInteger();

    private record Next(String account, Supplier<CompletableFuture<?>> lookup) {}

    LookupQueue(NameService.Limits limits) {
        running = new SharedBudget(limits.inAll(), limits.ofOneAccount());
    }

    /** @param lookup starts the lookup, which ends with its future */
    void add(String account, Supplier<CompletableFuture<?>> lookup) {
        if (acquireOrEnqueue(account, lookup)) {
            start(new Next(account, lookup));
        }
    }

    /** Number of running lookups. */
    int running() {
        return (int) running.used();
    }

    private synchronized boolean acquireOrEnqueue(String account, Supplier<CompletableFuture<?>> lookup) {
        if (!waiting.containsKey(account) && running.of(account).tryAcquire(1)) {
            return true;
        }
        waiting.computeIfAbsent(account, id -> new ArrayDeque<>()).add(lookup);
        return false;
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
        for (Map.Entry<String, Queue<Supplier<CompletableFuture<?>>>> entry : waiting.entrySet()) {
            String account = entry.getKey();
            if (running.of(account).tryAcquire(1)) {
                Queue<Supplier<CompletableFuture<?>>> lookups = entry.getValue();
                Next next = new Next(account, lookups.remove());
                waiting.remove(account);
                if (!lookups.isEmpty()) {
                    waiting.put(account, lookups);
                }
                return next;
            }
        }
        return null;
    }
}
