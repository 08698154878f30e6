package io.engagementwebhooks.deliver.salesforce;

import java.lang.ref.SoftReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
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
    private final Map<String, PendingRequest> requests = new ConcurrentHashMap<>();

    /** A request and its result, softly referenced and requested again after eviction. */
    private static final class PendingRequest {

        private final Instant requestedAt;
        private volatile CompletableFuture<ObjectFields> answer;
        private volatile SoftReference<ObjectFields> kept = new SoftReference<>(null);

        PendingRequest(CompletableFuture<ObjectFields> answer, Instant requestedAt) {
            this.requestedAt = requestedAt;
            this.answer = answer;
            answer.thenAccept(fields -> {
                kept = new SoftReference<>(fields);
                this.answer = null;
            });
        }

        /** The result; empty if it is expired or was evicted. */
        Optional<CompletableFuture<ObjectFields>> resultAt(Instant now) {
            CompletableFuture<ObjectFields> open = answer;
            if (open != null) {
                Duration validity = open.isCompletedExceptionally() ? UNKNOWN : KNOWN;
                return Optional.of(open)
                        .filter(any -> requestedAt.plus(validity).isAfter(now));
            }
            return Optional.ofNullable(kept.get())
                    .filter(any -> requestedAt.plus(KNOWN).isAfter(now))
                    .map(CompletableFuture::completedFuture);
        }
    }

    /** @param describe requests a description; fails with {@link DescribeFault} */
    OrgObjects(Function<String, CompletableFuture<ObjectFields>> describe, Clock clock) {
        this.describe = describe;
        this.clock = clock;
    }

    /** An object's description, at most a day old. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        AtomicReference<CompletableFuture<ObjectFields>> answer = new AtomicReference<>();
        requests.compute(object, (name, before) -> {
            Instant now = clock.instant();
            Optional<CompletableFuture<ObjectFields>> known =
                    Optional.ofNullable(before).flatMap(one -> one.resultAt(now));
            answer.set(known.orElseGet(() -> describe.apply(name)));
            return known.isPresent() ? before : new PendingRequest(answer.get(), now);
        });
        return answer.get();
    }

    /** Requests a new description. */
    CompletableFuture<ObjectFields> refresh(String object) {
        requests.remove(object);
        return of(object);
    }

    /** Evicts a description that may be outdated, after the org refused a record for its fields. */
    void evictOutdated(String object) {
        requests.computeIfPresent(object, (name, before) -> isRecent(before) ? before : null);
    }

    /** Whether it is new: an invalid mapping must not cause a describe per refused record. */
    private boolean isRecent(PendingRequest before) {
        return before.requestedAt.plus(UNKNOWN).isAfter(clock.instant());
    }
}
