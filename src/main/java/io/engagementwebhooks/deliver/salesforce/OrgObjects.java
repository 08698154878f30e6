package io.engagementwebhooks.deliver.salesforce;

import java.lang.ref.SoftReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Caches descriptions of an org's objects for a day, failures for 10 minutes. Deliveries do not depend on them: without
 * a description the record is sent unchanged. Thread-safe.
 */
final class OrgObjects {

    private static final Duration KNOWN = Duration.ofDays(1);
    private static final Duration UNKNOWN = Duration.ofMinutes(10);

    private final Function<String, CompletableFuture<ObjectFields>> describe;
    private final Clock clock;

    /** By object; requested again after eviction. */
    private final Map<String, SoftReference<Described>> cached = new HashMap<>();

    private record Described(CompletableFuture<ObjectFields> answer, Instant requestedAt) {

        boolean isCurrent(Instant now) {
            return isYoungerThan(answer.isCompletedExceptionally() ? UNKNOWN : KNOWN, now);
        }

        boolean isYoungerThan(Duration age, Instant now) {
            return requestedAt.plus(age).isAfter(now);
        }
    }

    /** @param describe requests a description without waiting; fails with {@link OrgDescribe.Fault} */
    OrgObjects(Function<String, CompletableFuture<ObjectFields>> describe, Clock clock) {
        this.describe = describe;
        this.clock = clock;
    }

    /** An object's description, at most a day old. Fails with {@link OrgDescribe.Fault}. */
    synchronized CompletableFuture<ObjectFields> of(String object) {
        Instant now = clock.instant();
        return known(object)
                .filter(known -> known.isCurrent(now))
                .orElseGet(() -> {
                    Described asked = new Described(describe.apply(object), now);
                    cached.put(object, new SoftReference<>(asked));
                    return asked;
                })
                .answer();
    }

    private Optional<Described> known(String object) {
        return Optional.ofNullable(cached.get(object)).map(SoftReference::get);
    }

    /** Requests a new description. */
    synchronized CompletableFuture<ObjectFields> refresh(String object) {
        cached.remove(object);
        return of(object);
    }

    /**
     * Evicts a description that may be outdated, after the org refused a record for its fields. A new one stays: an
     * invalid mapping must not cause a describe per refused record.
     */
    synchronized void evictOutdated(String object) {
        known(object)
                .filter(known -> !known.isYoungerThan(UNKNOWN, clock.instant()))
                .ifPresent(outdated -> cached.remove(object));
    }
}
