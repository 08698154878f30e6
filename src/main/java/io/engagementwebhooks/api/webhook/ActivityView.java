package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.store.query.WebhookActivity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Deliveries of a webhook in the last 24 hours.
 *
 * @param deliveries number of accepted deliveries
 * @param failed of these
 * @param retrying of these
 * @param complete false: there are more, and these are the newest
 * @param bars by intervals of two hours, oldest first
 */
public record ActivityView(long deliveries, long failed, long retrying, boolean complete, List<Bar> bars) {

    static final Duration SPAN = Duration.ofHours(24);

    /** Limit of counted deliveries per webhook. */
    static final int MOST = 1_000;

    private static final int BARS = 12;

    /** Two hours. @param deliveries accepted in them @param failed of these, failed or retrying */
    public record Bar(long deliveries, long failed) {}

    /** @param since read with a limit of one more than {@value #MOST} */
    static ActivityView of(WebhookActivity.Since since, Instant from) {
        long[] all = counts(since.all(), from);
        long[] failed = counts(since.failed(), from);
        long[] retrying = counts(since.retrying(), from);
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < BARS; i++) {
            bars.add(new Bar(Math.max(all[i], failed[i] + retrying[i]), failed[i] + retrying[i]));
        }
        return new ActivityView(
                Math.min(MOST, since.all().size()),
                Math.min(MOST, since.failed().size()),
                Math.min(MOST, since.retrying().size()),
                since.all().size() <= MOST,
                bars);
    }

    private static long[] counts(List<Instant> times, Instant from) {
        long[] counts = new long[BARS];
        for (Instant time : times) {
            long bar = Duration.between(from, time).dividedBy(SPAN.dividedBy(BARS));
            counts[(int) Math.max(0, Math.min(BARS - 1, bar))]++;
        }
        return counts;
    }
}
