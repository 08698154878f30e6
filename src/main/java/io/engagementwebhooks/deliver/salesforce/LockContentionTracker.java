package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.ledger.LruMap;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Parent records that Salesforce recently could not lock, since several calls wrote to their children. For ten minutes,
 * calls that refer to one of them are serialized. Thread-safe.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_planning_guidelines.htm">General
 *     Guidelines for Data Loads: lock contention</a>
 */
final class LockContentionTracker {

    private static final Duration DURATION = Duration.ofMinutes(10);
    private static final int KEPT = 1_000;

    private final Clock clock;
    private final Map<String, Instant> until = new LruMap<>(KEPT);

    LockContentionTracker(Clock clock) {
        this.clock = clock;
    }

    /** Marks parents as contended, after a call that referred to them failed to lock a row. */
    synchronized void notLocked(Collection<String> parents) {
        Instant end = clock.instant().plus(DURATION);
        parents.forEach(parent -> until.put(parent, end));
    }

    /** Those of the given parents that are contended now. */
    synchronized List<String> contendedOf(Collection<String> parents) {
        Instant now = clock.instant();
        return parents.stream()
                .filter(parent -> until.getOrDefault(parent, Instant.MIN).isAfter(now))
                .toList();
    }
}
