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

/** Starts lookups within the limits of a name service. Those over the limits wait, and accounts are served in turn. Thread-safe. */
final class LookupQueue {

    private final SharedBudget running;
    private final Map<String, Queue<Supplier<CompletableFuture<?>>>> waiting = new LinkedHashMap<>();

    /** Requests to start waiting lookups since a thread began to start them. */
    private final AtomicInteger asked = new AtomicInteger();

    private record Next(String account, Supplier<CompletableFuture<?>> lookup) {}

    LookupQueue(NameService.Limits limits) {
        running = new SharedBudget(limits.inAll(), limits.ofOneAccount());
    }

    /** @param lookup begins the lookup; it runs until its future is completed */
    void add(String account, Supplier<CompletableFuture<?>> lookup) {
        if (takesOrQueues(account, lookup)) {
            start(new Next(account, lookup));
        }
    }

    /** Lookups that run now. */
    int running() {
        return (int) running.used();
    }

    private synchronized boolean takesOrQueues(String account, Supplier<CompletableFuture<?>> lookup) {
        if (!waiting.containsKey(account) && running.of(account).tryAcquire(1)) {
            return true;
        }
        waiting.computeIfAbsent(account, id -> new ArrayDeque<>()).add(lookup);
        return false;
    }

    private void start(Next next) {
        begun(next.lookup()).whenComplete((ignored, failure) -> {
            running.of(next.account()).release(1);
            startWaiting();
        });
    }

    private static CompletableFuture<?> begun(Supplier<CompletableFuture<?>> lookup) {
        try {
            return lookup.get();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    /** One thread at a time, and not within itself: many lookups may end as they begin. */
    private void startWaiting() {
        if (asked.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        do {
            for (Next next = take(); next != null; next = take()) {
                start(next);
            }
            seen = asked.addAndGet(-seen);
        } while (seen != 0);
    }

    /** @return null: none waits, or none may start */
    private synchronized Next take() {
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
