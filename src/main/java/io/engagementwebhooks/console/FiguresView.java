package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.engagementwebhooks.store.Figures;
import java.time.Duration;
import java.util.List;

/**
 * The statistics of an account.
 *
 * @param from when they begin
 * @param to when they end: that of the minute that has begun
 * @param stepMinutes how long a step is
 * @param total of all steps
 * @param points the steps in which something happened, the oldest first
 * @param troubled names of webhooks that need a person, the most urgent first
 * @param waiting where most deliveries wait
 * @param expiring client certificates of webhooks that end soon
 */
public record FiguresView(
        String from,
        String to,
        long stepMinutes,
        Point total,
        List<Point> points,
        List<String> troubled,
        List<Waiting> waiting,
        List<Expiring> expiring) {

    /**
     * What happened in a step.
     *
     * @param at when it begins; null: of all, and left out
     * @param successRate of the attempts, or null: there were none
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
            Double successRate,
            Long p50,
            Long p99) {

        /** @param longest no attempt is shown to have taken longer */
        static Point of(String at, Figures.Step step, Duration longest) {
            long attempts = step.delivered() + step.tryLater() + step.gaveUp();
            return new Point(
                    at,
                    step.events(),
                    step.delivered(),
                    step.tryLater(),
                    step.gaveUp(),
                    step.skipped(),
                    attempts == 0 ? null : (double) step.delivered() / attempts,
                    millis(step.latencies().percentile(0.5), longest),
                    millis(step.latencies().percentile(0.99), longest));
        }

        private static Long millis(long ms, Duration longest) {
            return ms < 0 ? null : Long.valueOf(Math.min(ms, longest.toMillis()));
        }
    }

    /** Where deliveries wait. */
    public record Waiting(String webhook, String webhookId, long deliveries) {}

    /** A client certificate. @param expires when it ends */
    public record Expiring(String webhook, String expires) {}
}
