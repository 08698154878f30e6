package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** How accounts and webhooks do. What it costs depends on the time that is asked about, not on how much was sent. Thread-safe. */
public interface Figures {

    /**
     * What happened in a step of time.
     *
     * @param at when it begins
     * @param events events accepted
     * @param delivered attempts that arrived
     * @param tryLater attempts that are followed by another
     * @param gaveUp deliveries that gave up
     * @param skipped deliveries with nothing to send
     * @param latencies of the attempts
     */
    record Step(
            Instant at, long events, long delivered, long tryLater, long gaveUp, long skipped, Latencies latencies) {

        /** All steps as one. */
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
     * What happened to an account, summed up by the store, so that a week costs as much to fetch as an hour.
     *
     * @param from a full minute, itself included
     * @param to a full minute, itself left out
     * @param step of full minutes; steps begin at its multiples since 1970, so that the first may begin before {@code from}
     * @return the steps in which something happened, the first first
     */
    List<Step> steps(String account, Instant from, Instant to, Duration step);

    /**
     * How a webhook does.
     *
     * @param recent which of its last attempts failed; successes since the last failure may be missing
     * @param degradedSince since when too many of them fail, or null: they do not
     * @param failingSince since when its deliveries do not arrive, or null: they do
     * @param trouble why its last failure was one, or null: none is known
     * @param lastSeen when one of its newest deliveries was accepted or ended, or null: it has none
     * @param lastOutcome of its newest delivery that was tried, or null
     * @param lastDeliveries outcomes of its newest deliveries, of those that were not tried yet their states, the oldest first
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

        /** Outcomes as a store joins them, the newest first. @param joined by commas, or null: there are none */
        public static List<String> last(String joined) {
            List<String> outcomes = joined == null ? new ArrayList<>() : new ArrayList<>(List.of(joined.split(",")));
            Collections.reverse(outcomes);
            return outcomes;
        }

        /** The number of last deliveries whose outcomes are returned. */
        public static final int LAST = 12;

        /** Of one that was never tried. */
        public static final Health UNKNOWN = new Health(AttemptWindow.EMPTY, null, null, null, null, null, List.of());
    }

    /** By those that have a row, in one query. */
    Map<WebhookId, Health> health(String account, Collection<WebhookId> webhooks);

    /** Why a webhook needs a person, the most urgent first. */
    enum Trouble {
        FAILING,
        DISABLED,
        DEGRADED,
        PAUSED
    }

    /**
     * The webhooks of an account that need a person, the most urgent first.
     *
     * @param each how many of each kind at most
     * @param isConfigured the others are left out: a deleted webhook keeps its state
     */
    Map<WebhookId, Trouble> troubled(String account, int each, Predicate<WebhookId> isConfigured);

    /** Active webhooks of all accounts whose attempts fail. @return true: it is failing; false: it is degraded */
    Map<WebhookId, Boolean> unhealthy(int limit);

    /**
     * Removes minutes before a time, in one small step.
     *
     * @return how many rows it removed, of which a minute may have several; fewer than {@code rows}: there are no more
     */
    CompletionStage<Integer> forget(Instant before, int rows);
}
