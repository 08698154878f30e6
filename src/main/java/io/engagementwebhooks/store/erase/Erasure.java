package io.engagementwebhooks.store.erase;

import java.time.Instant;

/**
 * The erasure of the events of an account that have a value, and its receipt. It does not hold the value.
 *
 * @param id a ULID
 * @param field the dotted path of the value in the event, or {@link #IDENTITY}
 * @param digest keyed digest of the value
 * @param actor the name of the API key that started it
 * @param endedAt null: it runs
 * @param maxKey the last event that it may erase
 * @param position the last event that it has examined
 * @param begun the last event of a step that has begun to erase: after a crash some of its rows may be left
 * @param examined the number of events examined
 * @param unsearched the number of these without payload, in which a field of the data is not found
 * @param events the number of events erased
 * @param deliveries the number of their deliveries
 * @param canceled the number of deliveries that were pending
 * @param firstAt the earliest time of an erased event, or null
 * @param lastAt the latest time of an erased event, or null
 * @param cleaned what was done with the files of the store, or null
 */
public record Erasure(
        String id,
        String account,
        String field,
        String digest,
        String actor,
        Instant createdAt,
        Instant endedAt,
        long maxKey,
        long position,
        long begun,
        long examined,
        long unsearched,
        long events,
        long deliveries,
        long canceled,
        Instant firstAt,
        Instant lastAt,
        String cleaned) {

    /** The field of erasures by source and id. */
    public static final String IDENTITY = "source and id";

    /** An erasure that has not examined any event yet. */
    public static Erasure starting(
            String id, String account, String field, String digest, String actor, Instant now, long maxKey) {
        return new Erasure(id, account, field, digest, actor, now, null, maxKey, 0, 0, 0, 0, 0, 0, 0, null, null, null);
    }

    public boolean isRunning() {
        return endedAt == null;
    }
}
