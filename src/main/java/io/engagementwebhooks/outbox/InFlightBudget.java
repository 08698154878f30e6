package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.store.due.AttemptKind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The budget of requests in flight, shared by accounts. Webhooks whose last attempt timed out have a quarter of it.
 * First attempts and retries alternate: the kind with fewer in flight goes next. Guarded by the lock of {@link
 * WebhookQueues}.
 */
final class InFlightBudget {

    private static final Logger LOG = LoggerFactory.getLogger(InFlightBudget.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int TIMED_OUT_DIVISOR = 4;

    /** One account leaves this part of the budget for others. */
    private static final int OTHERS_DIVISOR = 100;

    private final SharedBudget budget;
    private final int maxTimedOut;
    private final Map<AttemptKind, Integer> inFlight = new EnumMap<>(AttemptKind.class);
    private int timedOut;

    /** By account. */
    private final Map<String, Integer> timedOutByAccount = new HashMap<>();

    private long loggedAt = System.nanoTime() - LOG_INTERVAL_NANOS - 1;
    private AttemptKind last = AttemptKind.RETRIES;

    /** @param max the most requests in flight */
    InFlightBudget(int max) {
        budget = new SharedBudget(max, Math.max(1, max - Math.max(1, max / OTHERS_DIVISOR)));
        maxTimedOut = Math.max(1, max / TIMED_OUT_DIVISOR);
        for (AttemptKind kind : AttemptKind.values()) {
            inFlight.put(kind, 0);
        }
    }

    /** Whether an account may begin another request. */
    boolean hasSpace(String account) {
        boolean hasSpace = budget.of(account).hasSpace();
        if (!hasSpace && System.nanoTime() - loggedAt > LOG_INTERVAL_NANOS) {
            loggedAt = System.nanoTime();
            LOG.warn(
                    "deliver.budget-full account={} in-flight={} limit={}: receivers take long; see which, or raise"
                            + " webhooks.deliver.max-in-flight",
                    account,
                    budget.used(),
                    budget.limit());
        }
        return hasSpace;
    }

    /** Whether a webhook that timed out may begin a request, if its account may. */
    boolean timedOutHaveSpace() {
        return timedOut < maxTimedOut;
    }

    /** Whether an account may begin no other request, because it or all accounts have used up the budget. */
    boolean isFull(String account) {
        return !budget.of(account).hasSpace();
    }

    /** Whether the account has used up its own part. */
    boolean isUsedUpBy(String account) {
        return budget.of(account).isUsedUp();
    }

    /** Whether the timed-out webhooks of one account use all of the part for such webhooks. */
    boolean isTimedOutUsedUpBy(String account) {
        return timedOutByAccount.getOrDefault(account, 0) >= maxTimedOut;
    }

    void begin(SubQueue subQueue) {
        last = subQueue.kind();
        budget.of(subQueue.queue().account()).tryAcquire(1);
    }

    void end(WebhookQueue queue) {
        budget.of(queue.account()).release(1);
    }

    /** Needs no lock. */
    long inFlight() {
        return budget.used();
    }

    /** Runs a change of a queue's requests in flight or time-out state, and updates the counts. */
    <T> T update(WebhookQueue queue, Supplier<T> change) {
        count(queue, -1);
        T result = change.get();
        count(queue, 1);
        return result;
    }

    private void count(WebhookQueue queue, int sign) {
        if (queue.state().hasTimedOut() && queue.inFlight() > 0) {
            int more = sign * queue.inFlight();
            timedOut += more;
            timedOutByAccount.merge(queue.account(), more, (had, added) -> had + added == 0 ? null : had + added);
        }
        for (AttemptKind kind : AttemptKind.values()) {
            inFlight.merge(kind, sign * queue.of(kind).inFlight(), Integer::sum);
        }
    }

    /** The kind that goes next where both are ready. */
    AttemptKind nextKind() {
        int more = inFlight.get(last) - inFlight.get(last.other());
        return more < 0 ? last : last.other();
    }
}
