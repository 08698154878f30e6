package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.store.AttemptKind;
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
    private static final long LOGGED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int PART_OF_TIMED_OUT = 4;

    /** One account leaves this part of the budget for others. */
    private static final int PART_OF_OTHERS = 100;

    private final SharedBudget budget;
    private final int mostTimedOut;
    private final Map<AttemptKind, Integer> inFlight = new EnumMap<>(AttemptKind.class);
    private int timedOut;

    /** By account. */
    private final Map<String, Integer> timedOutOf = new HashMap<>();

    private long loggedAt = System.nanoTime() - LOGGED_EVERY_NANOS - 1;
    private AttemptKind last = AttemptKind.RETRIES;

    /** @param most the most requests in flight */
    InFlightBudget(int most) {
        budget = new SharedBudget(most, Math.max(1, most - Math.max(1, most / PART_OF_OTHERS)));
        mostTimedOut = Math.max(1, most / PART_OF_TIMED_OUT);
        for (AttemptKind share : AttemptKind.values()) {
            inFlight.put(share, 0);
        }
    }

    /** Whether an account may begin another request. */
    boolean hasRoom(String account) {
        boolean hasRoom = budget.of(account).hasRoom();
        if (!hasRoom && System.nanoTime() - loggedAt > LOGGED_EVERY_NANOS) {
            loggedAt = System.nanoTime();
            LOG.warn(
                    "deliver.budget-full account={} in-flight={} limit={}: receivers take long; see which, or raise"
                            + " webhooks.deliver.max-in-flight",
                    account,
                    budget.used(),
                    budget.limit());
        }
        return hasRoom;
    }

    /** Whether a webhook that timed out may begin a request, if its account may. */
    boolean timedOutHaveRoom() {
        return timedOut < mostTimedOut;
    }

    /** Whether an account may begin no other request, because it or all accounts have used up the budget. */
    boolean isFull(String account) {
        return !budget.of(account).hasRoom();
    }

    /** Whether the account has used up its own part. */
    boolean isUsedUpBy(String account) {
        return budget.of(account).isUsedUp();
    }

    /** Whether the timed-out webhooks of one account use all of the part for such webhooks. */
    boolean isTimedOutUsedUpBy(String account) {
        return timedOutOf.getOrDefault(account, 0) >= mostTimedOut;
    }

    void begin(SubQueue part) {
        last = part.share();
        budget.of(part.queue().account()).tryAcquire(1);
    }

    void end(WebhookQueue queue) {
        budget.of(queue.account()).release(1);
    }

    /** Needs no lock. */
    long inFlight() {
        return budget.used();
    }

    /** Runs a change of a queue's requests in flight or time-out state, and updates the counts. */
    <T> T around(WebhookQueue queue, Supplier<T> change) {
        count(queue, -1);
        T result = change.get();
        count(queue, 1);
        return result;
    }

    private void count(WebhookQueue queue, int sign) {
        if (queue.state().hasTimedOut() && queue.inFlight() > 0) {
            int more = sign * queue.inFlight();
            timedOut += more;
            timedOutOf.merge(queue.account(), more, (had, added) -> had + added == 0 ? null : had + added);
        }
        for (AttemptKind share : AttemptKind.values()) {
            inFlight.merge(share, sign * queue.of(share).inFlight(), Integer::sum);
        }
    }

    /** The kind that goes next where both are ready. */
    AttemptKind turn() {
        int more = inFlight.get(last) - inFlight.get(last.other());
        return more < 0 ? last : last.other();
    }
}
