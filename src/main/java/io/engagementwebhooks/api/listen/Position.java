package io.engagementwebhooks.api.listen;

import io.engagementwebhooks.store.accept.EventStore.EventRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Which events of an account a listener has. An event gets its key before its commit, so for some seconds events with
 * smaller keys may follow. Not thread-safe.
 */
final class Position {

    /** The most events that a read examines. Of more at once, the oldest are left out. */
    static final int MOST = 200;

    private static final Duration SETTLED = Duration.ofSeconds(10);

    /** Times of acceptance by key, all above {@link #settled}. */
    private final TreeMap<Long, Instant> passed = new TreeMap<>();

    /** Events up to this key are no longer read. */
    private long settled;

    private boolean leftOut;

    /** @param after only events with a larger key are new */
    Position(long after) {
        settled = after;
    }

    /** Only later events than the newest are new. @param newest as for {@link #unread} */
    static Position latest(IntFunction<List<EventRow>> newest) {
        return new Position(newestKey(newest));
    }

    private static long newestKey(IntFunction<List<EventRow>> newest) {
        return newest.apply(1).stream().mapToLong(EventRow::key).findFirst().orElse(0);
    }

    /**
     * The new events, oldest first.
     *
     * @param newest gives at most so many events of the account, newest first
     */
    List<EventRow> unread(IntFunction<List<EventRow>> newest, Instant now) {
        settle(now);
        if (newestKey(newest) <= settled) {
            return List.of();
        }
        List<EventRow> found = new ArrayList<>(newest.apply(MOST));
        found.removeIf(row -> row.key() <= settled || passed.containsKey(row.key()));
        leftOut = found.size() == MOST;
        Collections.reverse(found);
        return found;
    }

    /** Whether older events than {@link #unread} returned last were left out. */
    boolean hasLeftOut() {
        return leftOut;
    }

    void passed(EventRow row) {
        passed.put(row.key(), row.acceptedAt());
    }

    /** The largest key of a passed event. */
    long last() {
        return passed.isEmpty() ? settled : passed.lastKey();
    }

    private void settle(Instant now) {
        while (!passed.isEmpty() && passed.firstEntry().getValue().isBefore(now.minus(SETTLED))) {
            settled = passed.pollFirstEntry().getKey();
        }
    }
}
