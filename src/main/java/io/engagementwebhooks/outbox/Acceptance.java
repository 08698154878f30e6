package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.store.accept.Intake;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/** Stores accepted events with their deliveries, no faster than {@link IngestBackpressure} allows. Thread-safe. */
public final class Acceptance {

    private final EventStore events;
    private final IngestBackpressure backpressure;
    private final LongAdder accepted = new LongAdder();

    Acceptance(EventStore events, IngestBackpressure backpressure) {
        this.events = events;
        this.backpressure = backpressure;
    }

    /** Stores events with their deliveries, all or none; completes after the commit. See {@link EventStore#accept}. */
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        int deliveries =
                intakes.stream().mapToInt(each -> each.deliveries().size()).sum();
        if (intakes.isEmpty()) {
            return store(intakes);
        }
        String account = intakes.get(0).event().account();
        CompletionStage<Void> admitted = backpressure.acquire(account, Math.max(1, deliveries));
        return admitted.toCompletableFuture().isDone() ? store(intakes) : admitted.thenCompose(given -> store(intakes));
    }

    /**
     * Stores events of several accounts, except those that reuse an identity: their exception takes their place in the
     * results. Does not wait for back-pressure, which would delay the other accounts; callers check {@link #isInDebt}
     * first.
     */
    CompletionStage<List<Object>> acceptAllowingConflicts(List<Intake> intakes) {
        Map<String, Integer> deliveries = new HashMap<>();
        intakes.forEach(each -> deliveries.merge(
                each.event().account(), Math.max(1, each.deliveries().size()), Integer::sum));
        // a failed store charges no account: the same records come again
        return storeWithoutConflicts(intakes).thenApply(stored -> {
            backpressure.borrow(deliveries);
            return stored;
        });
    }

    /** Stores events in one transaction; without those that reuse an identity, if there are any. */
    private CompletionStage<List<Object>> storeWithoutConflicts(List<Intake> intakes) {
        if (intakes.isEmpty()) {
            return CompletableFuture.completedFuture(new ArrayList<>());
        }
        return store(intakes)
                .<CompletionStage<List<Object>>>handle((answers, failure) -> failure == null
                        ? CompletableFuture.completedFuture(new ArrayList<>(answers))
                        : storeOthers(intakes, Causes.unwrapped(failure)))
                .thenCompose(answers -> answers);
    }

    private CompletionStage<List<Object>> storeOthers(List<Intake> intakes, Throwable failure) {
        if (!(failure instanceof IdentityReusedException first)) {
            return CompletableFuture.failedFuture(failure);
        }
        List<IdentityReusedException> reused = first.all();
        List<Intake> others = new ArrayList<>(intakes);
        for (int i = reused.size() - 1; i >= 0; i--) {
            others.remove(reused.get(i).index());
        }
        return storeWithoutConflicts(others).thenApply(answers -> {
            reused.forEach(each -> answers.add(each.index(), each));
            return answers;
        });
    }

    private CompletionStage<List<Accepted>> store(List<Intake> intakes) {
        return events.accept(intakes)
                .whenComplete((answers, failure) -> accepted.add(
                        failure != null
                                ? 0
                                : answers.stream()
                                        .filter(answer -> !answer.duplicate())
                                        .count()));
    }

    /** Whether back-pressure would delay a further event of an account too long. */
    public boolean isBackedUp(String account) {
        return backpressure.isFull(account);
    }

    /** Whether an account has a back-pressure debt, so that further events have to wait. */
    public boolean isInDebt(String account) {
        return backpressure.isInDebt(account);
    }

    /** Whether back-pressure throttles ingest now. */
    public boolean isThrottling() {
        return backpressure.isThrottling();
    }

    /** The number of throttled requests since the start. */
    public long throttled() {
        return backpressure.throttled();
    }

    /** The number of events stored since the start, without duplicates. */
    public long accepted() {
        return accepted.sum();
    }
}
