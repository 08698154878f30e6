package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.engagementwebhooks.api.delivery.DeliveryList;
import io.engagementwebhooks.store.query.StatsStore;
import java.time.Duration;
import java.util.List;

/**
 * Statistics of an account.
 *
 * @param from when they begin
 * @param to their end: the end of the current minute
 * @param stepMinutes length of an interval
 * @param deliveries that ended in the range, and those that are retrying now
 * @param total of all intervals
 * @param points intervals with activity, oldest first
 * @param troubled names of webhooks that need attention, most urgent first
 * @param waiting webhooks with most pending deliveries; null: they are counted for the first time
 * @param expiring client certificates of webhooks that expire soon
 */
public record FiguresView(
        String from,
        String to,
        long stepMinutes,
        Deliveries deliveries,
        Point total,
        List<Point> points,
        List<String> troubled,
        List<Waiting> waiting,
        List<Expiring> expiring) {

    /**
     * The success of deliveries.
     *
     * @param retrying failed so far, of any age; at most 10,000
     * @param more whether more may be retrying
     * @param successRate see {@link StatisticsView.Deliveries#successRate()}
     */
    public record Deliveries(long delivered, long failed, long retrying, boolean more, Double successRate) {

        static Deliveries of(StatsStore.Step total, DeliveryList.Count retrying) {
            long now = retrying.deliveries();
            return new Deliveries(
                    total.delivered(),
                    total.gaveUp(),
                    now,
                    retrying.more(),
                    StatisticsView.Deliveries.successRate(total.delivered(), total.gaveUp(), now));
        }
    }

    /**
     * Statistics of an interval.
     *
     * @param at when it begins; null: the total, and left out
     * @param attemptSuccessRate of the attempts, or null: there were none
     * @param p50 milliseconds, or null: there was no attempt
     * @param p99 likewise
     */
    public record Point(
            @JsonInclude(JsonInclude.Include.NON_NULL) String at,
            long events,
            long delivered,
            long tryLater,
            long gaveUp,
            long skipped,
            Double attemptSuccessRate,
            Long p50,
            Long p99) {

        /** @param longest upper limit of the shown durations */
        static Point of(String at, StatsStore.Step step, Duration longest) {
            long attempts = step.delivered() + step.tryLater() + step.gaveUp();
            return new Point(
                    at,
                    step.events(),
                    step.delivered(),
                    step.tryLater(),
                    step.gaveUp(),
                    step.skipped(),
                    WebhookStatistics.rate(step.delivered(), attempts),
                    millis(step.latencies().percentile(0.5), longest),
                    millis(step.latencies().percentile(0.99), longest));
        }

        private static Long millis(long ms, Duration longest) {
            return ms < 0 ? null : Long.valueOf(Math.min(ms, longest.toMillis()));
        }
    }

    /** Pending deliveries of a webhook. @param health one word of {@link HealthStatus}, or null: the webhook is deleted */
    public record Waiting(String webhook, String webhookId, long deliveries, String health) {}

    /** A client certificate. @param expires when it ends */
    public record Expiring(String webhook, String expires) {}
}
