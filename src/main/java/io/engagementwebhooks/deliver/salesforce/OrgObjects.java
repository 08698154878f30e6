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
 * Descriptions of an org's objects, requested once a day. A delivery does not depend on it: an org that does not describe is left
 * alone for a while, and the record goes as it is. Thread-safe.
 */
final class OrgObjects {

    private static final Duration KNOWN = Duration.ofDays(1);
    private static final Duration UNKNOWN = Duration.ofMinutes(10);

    private final Function<String, CompletableFuture<ObjectFields>> describe;
    private final Clock clock;
    private final Map<String, PendingRequest> asked = new ConcurrentHashMap<>();

    /** One request. A description is softly referenced, and requested again when it was evicted. */
    private static final class PendingRequest {

        private final Instant at;
        private volatile CompletableFuture<ObjectFields> answer;
        private volatile SoftReference<ObjectFields> kept = new SoftReference<>(null);

        PendingRequest(CompletableFuture<ObjectFields> answer, Instant at) {
            this.at = at;
            this.answer = answer;
            answer.thenAccept(fields -> {
                kept = new SoftReference<>(fields);
                this.answer = null;
            });
        }

        /** Empty: it is too old, or was forgotten. */
        Optional<CompletableFuture<ObjectFields>> at(Instant now) {
            CompletableFuture<ObjectFields> open = answer;
            if (open != null) {
                Duration good = open.isCompletedExceptionally() ? UNKNOWN : KNOWN;
                return Optional.of(open).filter(any -> at.plus(good).isAfter(now));
            }
            return Optional.ofNullable(kept.get())
                    .filter(any -> at.plus(KNOWN).isAfter(now))
                    .map(CompletableFuture::completedFuture);
        }
    }

    /** @param describe asks the org; fails with {@link DescribeFault} */
    OrgObjects(Function<String, CompletableFuture<ObjectFields>> describe, Clock clock) {
        this.describe = describe;
        this.clock = clock;
    }

    /** An object's fields, from a recent description. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        AtomicReference<CompletableFuture<ObjectFields>> answer = new AtomicReference<>();
        asked.compute(object, (name, before) -> {
            Instant now = clock.instant();
            Optional<CompletableFuture<ObjectFields>> known =
                    Optional.ofNullable(before).flatMap(one -> one.at(now));
            answer.set(known.orElseGet(() -> describe.apply(name)));
            return known.isPresent() ? before : new PendingRequest(answer.get(), now);
        });
        return answer.get();
    }

    /** Requests a new description, for example after a change of the org. */
    CompletableFuture<ObjectFields> refresh(String object) {
        asked.remove(object);
        return of(object);
    }

    /** The org refused a record for its fields: its description may be out of date. */
    void doubt(String object) {
        asked.computeIfPresent(object, (name, before) -> isYoung(before) ? before : null);
    }

    /** Asked just now: a webhook that is wrong must not make a describe of each refusal. */
    private boolean isYoung(PendingRequest before) {
        return before.at.plus(UNKNOWN).isAfter(clock.instant());
    }
}
