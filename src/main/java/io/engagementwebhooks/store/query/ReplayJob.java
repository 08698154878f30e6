package io.engagementwebhooks.store.query;

import java.time.Instant;

/**
 * A job that replays many deliveries in steps.
 *
 * @param id a ULID
 * @param filter the deliveries to replay
 * @param newIds whether each replay is a new delivery with a new id
 * @param perSecond the most deliveries per second
 * @param actor the name of the API key that started it
 * @param createdAt when it was started
 * @param maxId the greatest delivery id that it includes
 * @param state its state
 * @param endedAt when it ended, or null
 * @param position the last examined delivery, or null: none yet
 * @param matched the number of matches when it was started, counted up to a limit
 * @param replayed the number replayed so far
 * @param leftOut the number of matches left out: they are pending already, or their payload or webhook is deleted
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
        RUNNING("running"),
        DONE("done"),
        CANCELED("canceled");

        private final String text;

        State(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        public static State of(String text) {
            for (State state : values()) {
                if (state.text.equals(text)) {
                    return state;
                }
            }
            throw new IllegalArgumentException("unknown state of a replay '" + text + "'");
        }
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
}
