package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.SharedBudget;
import io.engagementwebhooks.store.Share;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The budget of requests in flight, which accounts share. Of it, webhooks whose last attempt timed out have a quarter
 * together; first tries and retries take turns, each of which has it while it has the fewer. Guarded by the lock of
 * {@link DueDeliveries}.
 */
final class Places {

    private static final Logger LOG = LoggerFactory.getLogger(Places.class);
    private static final long LOGGED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int PART_OF_TIMED_OUT = 4;

    /** One account leaves so much for others that come to send. */
    private static final int PART_OF_OTHERS = 100;

    private final SharedBudget budget;
    private final int mostTimedOut;
    private final Map<Share, Integer> inFlight = new EnumMap<>(Share.class);
    private int timedOut;
    private long loggedAt = System.nanoTime() - LOGGED_EVERY_NANOS - 1;
    private Share last = Share.RETRIES;

    /** @param most requests that may be in flight in all */
    Places(int most) {
        budget = new SharedBudget(most, Math.max(1, most - Math.max(1, most / PART_OF_OTHERS)));
        mostTimedOut = Math.max(1, most / PART_OF_TIMED_OUT);
        for (Share share : Share.values()) {
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

    /** Whether a webhook that timed out may begin one, if its account may. */
    boolean timedOutHaveRoom() {
        return timedOut < mostTimedOut;
    }

    /** A request of a lane begins. */
    void begin(Lane lane) {
        budget.of(lane.webhook().account()).tryAcquire(1);
    }

    /** It has ended. */
    void end(Lane lane) {
        budget.of(lane.webhook().account()).release(1);
    }

    long inFlight() {
        return budget.used();
    }

    long limit() {
        return budget.limit();
    }

    /** Runs a change of a lane, after which it may have timed out or not, and have more or less in flight. */
    void around(Lane lane, Runnable change) {
        count(lane, -1);
        change.run();
        count(lane, 1);
    }

    private void count(Lane lane, int sign) {
        timedOut += lane.hasTimedOut() ? sign * lane.inFlight() : 0;
        for (Share share : Share.values()) {
            inFlight.merge(share, sign * lane.track(share).inFlight(), Integer::sum);
        }
    }

    /** Whose turn it is where both wait. */
    Share turn() {
        int more = inFlight.get(last) - inFlight.get(last.other());
        return more < 0 ? last : last.other();
    }

    void took(Share share) {
        last = share;
    }
}
