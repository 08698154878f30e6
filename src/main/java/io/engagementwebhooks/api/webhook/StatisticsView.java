package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.store.query.ResponseKind;
import java.util.List;

/**
 * The statistics of a webhook over a range, from its newest deliveries.
 *
 * @param range 1h, 24h, 7d or 30d
 * @param from when it begins
 * @param to now
 * @param sample the evaluated deliveries
 * @param deliveries accepted in the range, or retrying
 * @param attempts of the range
 * @param waiting pending deliveries of the webhook, of any age
 * @param stepSeconds length of an interval
 * @param points intervals since the range began, or since the sample began if it has {@code limit} deliveries, oldest
 *     first
 * @param responses most frequent first
 * @param eventTypes most frequent first
 * @param lastSuccess when the newest successful delivery of the sample ended, or null: none
 * @param lastError the newest failed attempt of the sample, or null: none
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
     * The evaluated deliveries.
     *
     * @param limit of deliveries; twice as many attempts
     * @param complete whether these are all deliveries and attempts of the range
     * @param since when the oldest was accepted, or null: there is none
     */
    public record Sample(int limit, boolean complete, String since) {}

    /**
     * Deliveries by status.
     *
     * @param retrying failed so far, of any age
     * @param queued without an attempt
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

        /** Deliveries with an attempt, the base of the success rate. */
        public long tried() {
            return delivered + failed + retrying;
        }

        /** The one definition of success: delivered ÷ (delivered + failed + retrying); null: there is none of these. */
        static Double successRate(long delivered, long failed, long retrying) {
            return WebhookStatistics.rate(delivered, delivered + failed + retrying);
        }
    }

    /**
     * Attempts.
     *
     * @param successRate null: there is none
     * @param p50 median duration in milliseconds; null: there is none
     * @param p99 99th percentile in milliseconds; null: there is none
     */
    public record Attempts(long total, long succeeded, long failed, Double successRate, Long p50, Long p99) {}

    /** Deliveries accepted in an interval, by their current status. */
    public record Point(String at, long delivered, long retrying, long failed, long queued) {}

    /**
     * Attempts by result.
     *
     * @param kind see {@link ResponseKind}
     * @param status the HTTP status; null: none
     * @param attempts their number; an attempt that sent nothing counts once per delivery that waits because of it
     * @param success whether it is a success
     */
    public record Response(String kind, Integer status, long attempts, boolean success) {}

    /**
     * Deliveries of an event type.
     *
     * @param failed of them, failed or retrying
     * @param errorRate null: none had an attempt
     */
    public record EventType(String type, long deliveries, long failed, Double errorRate) {}

    /** A failed attempt. @param reason the stored reason */
    public record Error(String at, String kind, Integer status, String reason) {}
}
