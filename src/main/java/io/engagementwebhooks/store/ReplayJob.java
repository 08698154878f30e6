package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * Many deliveries that are sent again, piece by piece.
 *
 * @param id a ULID
 * @param filter which
 * @param newIds whether each becomes a new delivery with a new id
 * @param perSecond how many in a second at most
 * @param actor who started it: the name of an API key
 * @param createdAt when
 * @param upto deliveries with greater ids are none of its business
 * @param state how it stands
 * @param endedAt when it ended, or null
 * @param position the last delivery that was examined, or null: none yet
 * @param matched how many there were when it was started, counted up to a limit
 * @param replayed how many were sent again
 * @param leftOut how many that match could not be: they wait anyway, their payload is gone or their webhook is
 */
public record ReplayJob(
        String id,
        ReplayFilter filter,
        boolean newIds,
        int perSecond,
        String actor,
        Instant createdAt,
        String upto,
        State state,
        Instant endedAt,
        String position,
        long matched,
        long replayed,
        long leftOut) {

    /** How a job stands. */
    public enum State {
        RUNNING("running"),
        DONE("done"),
        CANCELLED("cancelled");

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

    /** One that is to be started. */
    public static ReplayJob starting(
            String id,
            ReplayFilter filter,
            boolean newIds,
            int perSecond,
            String actor,
            Instant now,
            String upto,
            long matched) {
        return new ReplayJob(id, filter, newIds, perSecond, actor, now, upto, State.RUNNING, null, null, matched, 0, 0);
    }
}
