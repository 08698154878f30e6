package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records that Salesforce could not lock lately since several calls wrote to their children at once: for a while calls
 * that refer to one of them are made one at a time. Thread-safe.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_planning_guidelines.htm">General
 *     Guidelines for Data Loads: lock contention</a>
 */
final class LockContentionTracker {

    private static final Duration WHILE = Duration.ofMinutes(10);
    private static final int KEPT = 1_000;

    private final Clock clock;
    private final Map<String, Instant> until = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > KEPT;
        }
    };

    LockContentionTracker(Clock clock) {
        this.clock = clock;
    }

    /** A call that referred to these could not lock something. */
    synchronized void notLocked(Collection<String> parents) {
        Instant end = clock.instant().plus(WHILE);
        parents.forEach(parent -> until.put(parent, end));
    }

    /** Those among them that are written to by one call at a time now. */
    synchronized List<String> among(Collection<String> parents) {
        Instant now = clock.instant();
        return parents.stream()
                .filter(parent -> until.getOrDefault(parent, Instant.MIN).isAfter(now))
                .toList();
    }
}
