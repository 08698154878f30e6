package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What an org tells of its objects, asked once a day. A delivery does not depend on it: an org that does not tell is left
 * alone for a while, and the record goes as it is. Thread-safe.
 */
final class OrgObjects {

    private static final Duration KNOWN = Duration.ofDays(1);
    private static final Duration UNKNOWN = Duration.ofMinutes(10);

    private final Function<String, CompletableFuture<ObjectFields>> describe;
    private final Clock clock;
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();

    private record Asked(CompletableFuture<ObjectFields> answer, Instant at) {}

    /** @param describe asks the org; fails with {@link DescribeFault} */
    OrgObjects(Function<String, CompletableFuture<ObjectFields>> describe, Clock clock) {
        this.describe = describe;
        this.clock = clock;
    }

    /** An object's fields, those that the org told lately. Fails with {@link DescribeFault}. */
    CompletableFuture<ObjectFields> of(String object) {
        return asked.compute(object, (name, before) -> isGood(before) ? before : ask(name)).answer;
    }

    private boolean isGood(Asked before) {
        if (before == null) {
            return false;
        }
        Duration good = before.answer.isCompletedExceptionally() ? UNKNOWN : KNOWN;
        return before.at.plus(good).isAfter(clock.instant());
    }

    private Asked ask(String object) {
        return new Asked(describe.apply(object), clock.instant());
    }

    /** Asks anew, such as after somebody changed the org. */
    CompletableFuture<ObjectFields> anew(String object) {
        asked.remove(object);
        return of(object);
    }

    /** The org refused a record for its fields: what it told may be out of date. */
    void doubt(String object) {
        asked.computeIfPresent(object, (name, before) -> isYoung(before) ? before : null);
    }

    /** Asked just now: a webhook that is wrong must not make a describe of each refusal. */
    private boolean isYoung(Asked before) {
        return before.at.plus(UNKNOWN).isAfter(clock.instant());
    }
}
