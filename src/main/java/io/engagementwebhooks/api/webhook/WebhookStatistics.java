package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.store.query.WebhookActivity.Recent;
import io.engagementwebhooks.store.query.WebhookActivity.RecentAttempt;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Computes the statistics of a webhook from its newest deliveries and their attempts. Thread-safe. */
public record WebhookStatistics(Store store, Clock clock) {

    /** Limit of evaluated deliveries. */
    static final int DELIVERIES = 1_000;

    private static final int ATTEMPTS = 2 * DELIVERIES;
    private static final int POINTS = 60;
    private static final String TRY_LATER = "try-later";

    /** Allowed lengths of an interval. */
    private static final List<Duration> STEPS = Stream.of(
                    "PT1S", "PT5S", "PT15S", "PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT3H", "PT6H", "PT12H", "P1D")
            .map(Duration::parse)
            .toList();

    /** Allowed ranges. */
    static final Map<String, Duration> RANGES = Map.of(
            "1h", Duration.ofHours(1),
            "24h", Duration.ofHours(24),
            "7d", Duration.ofDays(7),
            "30d", Duration.ofDays(30));

    /** @param range one of {@link #RANGES} */
    StatisticsView of(Webhook webhook, String range) {
        WebhookId id = webhook.id();
        Instant to = clock.instant();
        Instant from = to.minus(RANGES.get(range));
        List<Recent> newest = store.activity().deliveries(id, DELIVERIES);
        List<Recent> recent = newest.stream()
                .filter(delivery -> !delivery.acceptedAt().isBefore(from))
                .toList();
        List<RecentAttempt> attempts = store.activity().attempts(id, DELIVERIES, from, ATTEMPTS);
        List<Recent> counted = newest.stream()
                .filter(delivery -> !delivery.acceptedAt().isBefore(from) || isRetrying(delivery))
                .toList();
        boolean isComplete = newest.size() < DELIVERIES || recent.size() < newest.size();
        Instant oldest = recent.isEmpty() ? null : recent.get(recent.size() - 1).acceptedAt();
        Instant begin = isComplete ? from : oldest;
        Duration step = step(Duration.between(begin, to));
        long longest = webhook.delivery().timeout().toMillis();
        return new StatisticsView(
                range,
                DeliveryView.text(from),
                DeliveryView.text(to),
                new StatisticsView.Sample(
                        DELIVERIES, isComplete && attempts.size() < ATTEMPTS, DeliveryView.text(oldest)),
                deliveries(counted),
                attempts(attempts, longest),
                store.backlogs().pendingCounts(List.of(id)).getOrDefault(id, 0L),
                step.toSeconds(),
                points(recent, begin, to, step),
                responses(attempts, recent),
                eventTypes(counted),
                DeliveryView.text(lastSuccess(newest)),
                lastError(attempts, newest));
    }

    private static Duration step(Duration span) {
        return STEPS.stream()
                .filter(step -> span.dividedBy(step) <= POINTS)
                .findFirst()
                .orElse(Duration.ofDays(1));
    }

    private static boolean isRetrying(Recent delivery) {
        return delivery.state() == DeliveryState.WAITING && TRY_LATER.equals(delivery.outcome());
    }

    private static boolean isQueued(Recent delivery) {
        return delivery.state() == DeliveryState.WAITING && !isRetrying(delivery);
    }

    private static long of(List<Recent> deliveries, DeliveryState state) {
        return deliveries.stream().filter(delivery -> delivery.state() == state).count();
    }

    private static long retrying(List<Recent> deliveries) {
        return deliveries.stream().filter(WebhookStatistics::isRetrying).count();
    }

    static Double rate(long part, long all) {
        return all == 0 ? null : Double.valueOf((double) part / all);
    }

    private static StatisticsView.Deliveries deliveries(List<Recent> recent) {
        long delivered = of(recent, DeliveryState.DELIVERED);
        long failed = of(recent, DeliveryState.GAVE_UP);
        long retrying = retrying(recent);
        return new StatisticsView.Deliveries(
                recent.size(),
                delivered,
                failed,
                retrying,
                recent.stream().filter(WebhookStatistics::isQueued).count(),
                of(recent, DeliveryState.SKIPPED),
                of(recent, DeliveryState.DISCARDED),
                StatisticsView.Deliveries.successRate(delivered, failed, retrying));
    }

    private static boolean isSuccess(RecentAttempt attempt) {
        return attempt.outcome().equals(DeliveryState.DELIVERED.text());
    }

    /** @param longest in milliseconds: longer attempts ended with a timeout */
    private static StatisticsView.Attempts attempts(List<RecentAttempt> attempts, long longest) {
        long succeeded = attempts.stream().filter(WebhookStatistics::isSuccess).count();
        long[] times = attempts.stream()
                .mapToLong(attempt -> Math.min(longest, attempt.ms()))
                .sorted()
                .toArray();
        return new StatisticsView.Attempts(
                attempts.size(),
                succeeded,
                attempts.size() - succeeded,
                rate(succeeded, attempts.size()),
                percentile(times, 0.5),
                percentile(times, 0.99));
    }

    private static Long percentile(long[] sorted, double share) {
        return sorted.length == 0 ? null : Long.valueOf(sorted[(int) Math.ceil(sorted.length * share) - 1]);
    }

    private static List<StatisticsView.Point> points(List<Recent> recent, Instant begin, Instant to, Duration step) {
        long first = begin.toEpochMilli() / step.toMillis();
        List<List<Recent>> steps = new ArrayList<>();
        for (long at = first; at <= to.toEpochMilli() / step.toMillis(); at++) {
            steps.add(new ArrayList<>());
        }
        for (Recent delivery : recent) {
            long at = delivery.acceptedAt().toEpochMilli() / step.toMillis() - first;
            steps.get((int) Math.max(0, Math.min(steps.size() - 1, at))).add(delivery);
        }
        List<StatisticsView.Point> points = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            List<Recent> each = steps.get(i);
            points.add(new StatisticsView.Point(
                    DeliveryView.text(Instant.ofEpochMilli((first + i) * step.toMillis())),
                    of(each, DeliveryState.DELIVERED),
                    retrying(each),
                    of(each, DeliveryState.GAVE_UP),
                    each.stream().filter(WebhookStatistics::isQueued).count()));
        }
        return points;
    }

    private static List<StatisticsView.Response> responses(List<RecentAttempt> attempts, List<Recent> recent) {
        Stream<StatisticsView.Response> sent = attempts.stream()
                .map(attempt -> new StatisticsView.Response(
                        ResponseKind.of(attempt.status(), attempt.reason()).text(),
                        attempt.status(),
                        1,
                        isSuccess(attempt)));
        Stream<StatisticsView.Response> unsent = recent.stream()
                .filter(Recent::unsent)
                .map(delivery -> new StatisticsView.Response(
                        ResponseKind.unsent(delivery.reason()).text(), null, 1, false));
        return Stream.concat(sent, unsent)
                .collect(Collectors.groupingBy(Function.identity(), LinkedHashMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(each -> new StatisticsView.Response(
                        each.getKey().kind(),
                        each.getKey().status(),
                        each.getValue(),
                        each.getKey().success()))
                .sorted(Comparator.comparingLong(StatisticsView.Response::attempts)
                        .reversed())
                .toList();
    }

    private static List<StatisticsView.EventType> eventTypes(List<Recent> recent) {
        Map<String, List<Recent>> byType = recent.stream()
                .collect(Collectors.groupingBy(Recent::eventType, LinkedHashMap::new, Collectors.toList()));
        return byType.entrySet().stream()
                .map(each -> eventType(each.getKey(), deliveries(each.getValue())))
                .sorted(Comparator.comparingLong(StatisticsView.EventType::deliveries)
                        .reversed())
                .toList();
    }

    private static StatisticsView.EventType eventType(String type, StatisticsView.Deliveries of) {
        long failed = of.failed() + of.retrying();
        return new StatisticsView.EventType(type, of.total(), failed, rate(failed, of.tried()));
    }

    private static Instant lastSuccess(List<Recent> newest) {
        return newest.stream()
                .filter(delivery -> delivery.state() == DeliveryState.DELIVERED)
                .map(Recent::endedAt)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** A reason that stops deliveries now comes before errors of sent attempts. */
    private static StatisticsView.Error lastError(List<RecentAttempt> attempts, List<Recent> newest) {
        return newest.stream()
                .filter(Recent::unsent)
                .findFirst()
                .map(delivery -> new StatisticsView.Error(
                        DeliveryView.text(delivery.acceptedAt()),
                        ResponseKind.unsent(delivery.reason()).text(),
                        null,
                        delivery.reason()))
                .or(() -> attempts.stream()
                        .filter(attempt -> !isSuccess(attempt))
                        .max(Comparator.comparing(RecentAttempt::startedAt))
                        .map(attempt -> new StatisticsView.Error(
                                DeliveryView.text(attempt.startedAt()),
                                ResponseKind.of(attempt.status(), attempt.reason())
                                        .text(),
                                attempt.status(),
                                attempt.reason())))
                .orElse(null);
    }
}
