package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.store.query.WebhookActivity;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/**
 * Groups failed and retrying deliveries by webhook and cause, from the newest ones. Thread-safe.
 *
 * @param limit of requests at a time
 */
public record Failures(Store store, Supplier<Config> config, ConcurrencyLimit limit, Clock clock) {

    /** Limit of examined deliveries: of failed ones, of retrying ones, of those that could not be sent. */
    static final int EXAMINED = 2_000;

    private static final int MOST_HOURS = 168;
    private static final int USUAL_HOURS = 24;
    private static final int MOST_GROUPS = 50;
    private static final int MOST_ENDPOINTS = 5;
    private static final int LONGEST_LINE = 200;

    /** Webhooks whose deliveries could not be sent. */
    private static final int MOST_UNSENT = 100;

    private record Cause(WebhookId webhook, Integer status, ResponseKind kind) {}

    /** {@code GET /v1/failures}. */
    public Processor groups() {
        return ApiStep.ok(request -> {
            int hours = request.parameters("hours").number("hours", 1, MOST_HOURS, USUAL_HOURS);
            return limit.run(request.account(), () -> of(request.account(), hours));
        });
    }

    private FailuresView of(String account, int hours) {
        Instant to = clock.instant().truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
        Instant from = to.minus(Duration.ofHours(hours));
        WebhookActivity.Failures found = store.activity().failures(account, unsent(account), from, EXAMINED);
        Map<Cause, List<WebhookActivity.Failure>> causes = found.deliveries().stream()
                .filter(each -> !each.acceptedAt().isBefore(from))
                .collect(Collectors.groupingBy(each -> new Cause(each.webhook(), each.status(), each.kind())));
        return new FailuresView(
                DeliveryView.text(from),
                DeliveryView.text(to),
                EXAMINED,
                found.complete(),
                causes.entrySet().stream()
                        .sorted(Comparator.comparingInt(each -> -each.getValue().size()))
                        .limit(MOST_GROUPS)
                        .map(each -> group(account, each.getKey(), each.getValue()))
                        .toList());
    }

    /** Webhooks that may have deliveries that could not be sent. */
    private Collection<WebhookId> unsent(String account) {
        return Stream.concat(
                        store
                                .stats()
                                .troubled(account, MOST_UNSENT, webhook -> config.get()
                                        .webhook(webhook)
                                        .isPresent())
                                .keySet()
                                .stream(),
                        store.backlogs().webhooksWithPending(account, MOST_UNSENT).orElse(List.of()).stream())
                .distinct()
                .toList();
    }

    private FailuresView.Group group(String account, Cause cause, List<WebhookActivity.Failure> of) {
        Comparator<WebhookActivity.Failure> age = Comparator.comparing(WebhookActivity.Failure::acceptedAt);
        WebhookActivity.Failure newest = of.stream().max(age).orElseThrow();
        List<FailuresView.Count> endpoints = counts(of, WebhookActivity.Failure::endpoint)
                .sorted(Comparator.comparingLong(FailuresView.Count::deliveries).reversed())
                .toList();
        long retrying = of.stream().filter(WebhookActivity.Failure::retrying).count();
        return new FailuresView.Group(
                cause.webhook().name(),
                cause.webhook().id(),
                config.get().webhook(cause.webhook()).isEmpty(),
                cause.status(),
                cause.status() == null ? cause.kind().text() : null,
                of.size() - retrying,
                retrying,
                DeliveryView.text(of.stream().min(age).orElseThrow().acceptedAt()),
                DeliveryView.text(newest.acceptedAt()),
                DeliveryView.PREFIX + newest.id(),
                store.deliveries()
                        .delivery(account, newest.id())
                        .map(row -> row.reason())
                        .orElse(null),
                cause.status() == null ? null : response(account, newest.id()).orElse(null),
                endpoints.stream().limit(MOST_ENDPOINTS).toList(),
                Math.max(0, endpoints.size() - MOST_ENDPOINTS),
                counts(of, each -> DeliveryView.text(each.acceptedAt().truncatedTo(ChronoUnit.HOURS)))
                        .toList());
    }

    /** By value, sorted; null is left out. */
    private static Stream<FailuresView.Count> counts(
            List<WebhookActivity.Failure> of, Function<WebhookActivity.Failure, String> value) {
        return of.stream()
                .map(value)
                .filter(Objects::nonNull)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(each -> new FailuresView.Count(each.getKey(), each.getValue()));
    }

    private Optional<String> response(String account, String delivery) {
        List<AttemptRow> attempts = store.deliveries().attempts(account, delivery);
        byte[] body =
                attempts.isEmpty() ? null : attempts.get(attempts.size() - 1).body();
        return Optional.ofNullable(body)
                .flatMap(DeliveryView::utf8)
                .flatMap(text -> text.lines().filter(line -> !line.isBlank()).findFirst())
                .map(String::strip)
                .map(line -> line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line);
    }
}
