package io.engagementwebhooks.console;

import java.util.List;

/**
 * The statistics of a webhook over a range, from its newest deliveries.
 *
 * @param range 1h, 24h, 7d or 30d
 * @param from when it begins
 * @param to now
 * @param sample which deliveries it is worked out from
 * @param deliveries those accepted in the range
 * @param attempts those made in the range
 * @param waiting how many deliveries of the webhook wait, of whatever age
 * @param stepSeconds how long a point is
 * @param points the range by steps from its begin, or from the sample's where it has {@code limit} deliveries, the oldest first
 * @param responses the most frequent first
 * @param eventTypes the most frequent first
 * @param lastSuccess when the newest of the deliveries looked at arrived, or null: none did
 * @param lastError the newest of the attempts looked at that failed, or null: none did
 */
public record StatisticsView(
        String range,
        String from,
        String to,
        Sample sample,
        Deliveries deliveries,
        Attempts attempts,
        long waiting,
        long stepSeconds,
        List<Point> points,
        List<Response> responses,
        List<EventType> eventTypes,
        String lastSuccess,
        Error lastError) {

    /**
     * What was looked at.
     *
     * @param limit so many of the newest deliveries, and twice as many attempts, at most
     * @param complete whether these are all deliveries of the range, and all their attempts in it
     * @param since when the oldest was accepted, or null: there is none
     */
    public record Sample(int limit, boolean complete, String since) {}

    /**
     * Deliveries by their status.
     *
     * @param retrying failed so far
     * @param queued not tried yet
     * @param successRate {@code delivered} of delivered, failed and retrying; null: there is none of these
     */
    public record Deliveries(
            long total,
            long delivered,
            long failed,
            long retrying,
            long queued,
            long skipped,
            long canceled,
            Double successRate) {

        /** Those that were tried: what the success rate is of. */
        public long tried() {
            return delivered + failed + retrying;
        }
    }

    /**
     * Attempts.
     *
     * @param successRate null: there is none
     * @param p50 half of them took at most so many milliseconds; null: there is none
     * @param p99 99 of 100 took at most so many; null: there is none
     */
    public record Attempts(long total, long succeeded, long failed, Double successRate, Long p50, Long p99) {}

    /** Deliveries accepted in a step, by what became of them so far. */
    public record Point(String at, long delivered, long retrying, long failed, long queued) {}

    /**
     * What attempts met.
     *
     * @param kind see {@link ResponseKind}
     * @param status the HTTP status; null: none
     * @param attempts how many; tries that sent nothing count one for each delivery that waits for it
     * @param success whether it is one
     */
    public record Response(String kind, Integer status, long attempts, boolean success) {}

    /** Deliveries of an event type. @param failed of them, or retrying @param errorRate null: none was tried */
    public record EventType(String type, long deliveries, long failed, Double errorRate) {}

    /** An attempt that failed. @param reason our words */
    public record Error(String at, String kind, Integer status, String reason) {}
}
