package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Statistics of accounts and webhooks. The cost depends on the time range, not on the number of deliveries.
 * Thread-safe.
 */
public interface StatsStore {

    /**
     * The counts of a time step.
     *
     * @param at when it begins
     * @param events events accepted
     * @param delivered attempts that delivered
     * @param tryLater attempts that a retry follows
     * @param gaveUp deliveries that failed
     * @param skipped deliveries with nothing to send
     * @param latencies of the attempts
     */
    record Step(
            Instant at, long events, long delivered, long tryLater, long gaveUp, long skipped, Latencies latencies) {

        /** The sum of steps. */
        public static Step total(Instant at, List<Step> steps) {
            Latencies latencies = new Latencies();
            steps.forEach(step -> latencies.add(step.latencies()));
            return new Step(
                    at,
                    sum(steps, Step::events),
                    sum(steps, Step::delivered),
                    sum(steps, Step::tryLater),
                    sum(steps, Step::gaveUp),
                    sum(steps, Step::skipped),
                    latencies);
        }

        private static long sum(List<Step> steps, ToLongFunction<Step> count) {
            return steps.stream().mapToLong(count).sum();
        }
    }

    /**
     * The counts of an account per step. The store sums them, so that a week costs as much to fetch as an hour.
     *
     * @param from a full minute, inclusive
     * @param to a full minute, exclusive
     * @param step full minutes; steps begin at its multiples since 1970, so the first may begin before {@code from}
     * @return the steps with any count, oldest first
     */
    List<Step> steps(String account, Instant from, Instant to, Duration step);

    /**
     * The health of a webhook.
     *
     * @param recent its last attempts; successes since the last failure may be missing
     * @param degradedSince since when it is degraded, or null
     * @param failingSince since when it is failing, or null
     * @param trouble the reason of its last failure, or null
     * @param lastSeen when one of its newest deliveries was accepted or ended, or null: it has none
     * @param lastOutcome outcome of its newest attempted delivery, or null
     * @param lastDeliveries outcomes of its newest deliveries, oldest first; the state where none was attempted
     */
    record Health(
            AttemptWindow recent,
            Instant degradedSince,
            Instant failingSince,
            String trouble,
            Instant lastSeen,
            String lastOutcome,
            List<String> lastDeliveries) {

        public Health {
            lastDeliveries = List.copyOf(lastDeliveries);
        }

        /** The size of {@code lastDeliveries}. */
        public static final int LAST_COUNT = 12;

        /** The health of a webhook without attempts. */
        public static final Health UNKNOWN = new Health(AttemptWindow.EMPTY, null, null, null, null, null, List.of());
    }

    /** The health of the webhooks that have a row, in one query. */
    Map<WebhookId, Health> health(String account, Collection<WebhookId> webhooks);

    /** Why a webhook needs attention, most urgent first. */
    enum Trouble {
        FAILING,
        DISABLED,
        DEGRADED,
        PAUSED
    }

    /**
     * The webhooks of an account that need attention, most urgent first.
     *
     * @param each the most to return of each kind
     * @param isConfigured filters out deleted webhooks, whose state stays stored
     */
    Map<WebhookId, Trouble> troubled(String account, int each, Predicate<WebhookId> isConfigured);

    /**
     * Active webhooks of all accounts that are failing or degraded.
     *
     * @return true: failing; false: degraded
     */
    Map<WebhookId, Boolean> unhealthy(int limit);

    /**
     * Removes statistics older than a time, in one small step.
     *
     * @return the number of removed rows, of which a minute may have several; fewer than {@code rows}: there are no
     *     more
     */
    CompletionStage<Integer> removeBefore(Instant before, int rows);
}
