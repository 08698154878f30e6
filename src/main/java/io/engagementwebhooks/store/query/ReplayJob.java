package io.engagementwebhooks.store.query;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Locale;

/**
 * A job that replays many deliveries, or makes the missing ones of a webhook (a backfill), in steps.
 *
 * @param id a ULID
 * @param filter the deliveries to replay
 * @param newIds whether each replay is a new delivery with a new id
 * @param perSecond the most deliveries per second
 * @param actor the name of the API key that started it
 * @param createdAt when it was started
 * @param maxId the greatest delivery id that it includes; empty: it is a backfill
 * @param state its state
 * @param endedAt when it ended, or null
 * @param position the last examined delivery, or the key of the last examined event; null: none yet
 * @param matched the number of matches when it was started, counted up to a limit
 * @param replayed the number replayed so far
 * @param leftOut the number of matches left out: they are pending already, or their payload or webhook is deleted;
 *     of a backfill: their payload has expired, or their condition failed
 */
public record ReplayJob(
        String id,
        DeliveryQuery filter,
        boolean newIds,
        int perSecond,
        String actor,
        Instant createdAt,
        String maxId,
        State state,
        Instant endedAt,
        String position,
        long matched,
        long replayed,
        long leftOut) {

    /** The state of a job. */
    public enum State {
        RUNNING,
        DONE,
        CANCELED;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static State of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** Whether it makes the missing deliveries of its webhook. */
    public boolean isBackfill() {
        return filter.standing() == DeliveryQuery.Standing.MISSING;
    }

    /** A job that has not examined any delivery yet. */
    public static ReplayJob starting(
            String id,
            DeliveryQuery filter,
            boolean newIds,
            int perSecond,
            String actor,
            Instant now,
            String maxId,
            long matched) {
        return new ReplayJob(
                id, filter, newIds, perSecond, actor, now, maxId, State.RUNNING, null, null, matched, 0, 0);
    }

    /** A backfill that has not examined any event yet. @param to null: until its start */
    public static ReplayJob backfill(
            String id,
            WebhookId webhook,
            Instant from,
            Instant to,
            int perSecond,
            String actor,
            Instant now,
            long matched) {
        DeliveryQuery missing = new DeliveryQuery(
                webhook.account(),
                webhook.id(),
                null,
                null,
                DeliveryQuery.Standing.MISSING,
                null,
                from,
                to,
                null,
                false,
                null,
                null,
                0);
        return starting(id, missing, false, perSecond, actor, now, "", matched);
    }

    /** The job after a step. */
    public ReplayJob at(String examined) {
        return new ReplayJob(
                id, filter, newIds, perSecond, actor, createdAt, maxId, state, endedAt, examined, matched, replayed,
                leftOut);
    }
}
