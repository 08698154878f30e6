package io.engagementwebhooks.console.signin;

import io.engagementwebhooks.store.definition.SessionStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Ids of revoked sessions in memory, for callers that must not block. Thread-safe. */
final class RevokedIds {

    /** The clocks of instances may differ by this much. */
    private static final Duration OVERLAP = Duration.ofMinutes(1);

    private final SessionStore store;
    private final Clock clock;
    private final Map<String, Instant> ends = new ConcurrentHashMap<>();
    private Instant from = Instant.EPOCH;

    RevokedIds(SessionStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Reads what was revoked at any instance since the last time. */
    synchronized void follow() {
        Instant now = clock.instant();
        ends.putAll(store.revokedSince(from));
        ends.values().removeIf(end -> end.isBefore(now));
        from = now.minus(OVERLAP);
    }

    boolean has(String id) {
        return ends.containsKey(id);
    }
}
