package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.BackgroundCounts;
import io.engagementwebhooks.api.delivery.DeliverySearch;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.StatsStore;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Statistics of the caller's account, and webhooks that need attention. Thread-safe.
 *
 * @param backlogs the largest {@link #MOST_WAITING} by account
 */
public record Overview(
        Store store,
        Outbox outbox,
        Supplier<Config> config,
        AccountWebhooks webhooks,
        DeliverySearch search,
        BackgroundCounts<Map<WebhookId, Long>> backlogs,
        Clock clock) {

    private static final int USUAL_HOURS = 6;
    private static final int MOST_HOURS = 168;
    private static final int MOST_POINTS = 360;
    private static final int MOST_TROUBLED = 50;

    /** The most webhooks with pending deliveries. */
    public static final int MOST_WAITING = 10;

    private static final int MOST_EXPIRING = 50;

    /** {@code GET /v1/figures}. */
    public Processor figures() {
        return ApiStep.ok(request -> {
            int hours = request.parameters("hours").number("hours", 1, MOST_HOURS, USUAL_HOURS);
            Instant to = clock.instant().truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
            Duration step = step(hours);
            Instant from = Instant.ofEpochMilli(
                    to.minus(Duration.ofHours(hours)).toEpochMilli() / step.toMillis() * step.toMillis());
            List<StatsStore.Step> steps = store.stats().steps(request.account(), from, to, step);
            // the histogram's classes are wide, so a percentile could exceed every timeout
            Duration longest = webhooks.longestTimeout(request.account());
            StatsStore.Step total = StatsStore.Step.total(from, steps);
            return new FiguresView(
                    DeliveryView.text(from),
                    DeliveryView.text(to),
                    step.toMinutes(),
                    FiguresView.Deliveries.of(total, search.retrying(request.account())),
                    FiguresView.Point.of(null, total, longest),
                    steps.stream()
                            .map(each -> FiguresView.Point.of(DeliveryView.text(each.at()), each, longest))
                            .toList(),
                    store
                            .stats()
                            .troubled(request.account(), MOST_TROUBLED, webhook -> config.get()
                                    .webhook(webhook)
                                    .isPresent())
                            .keySet()
                            .stream()
                            .flatMap(webhook -> config.get().webhook(webhook).stream())
                            .map(Webhook::name)
                            .limit(MOST_TROUBLED)
                            .toList(),
                    waiting(request.account()),
                    expiring(request.account()));
        });
    }

    /** Webhooks with most pending deliveries, deleted ones included; null: they are counted for the first time. */
    private List<FiguresView.Waiting> waiting(String account) {
        Map<WebhookId, Long> most = backlogs.of(List.of(account)).get(account);
        if (most == null) {
            return null;
        }
        Map<WebhookId, StatsStore.Health> health = store.stats().health(account, most.keySet());
        return most.entrySet().stream()
                .map(each -> new FiguresView.Waiting(
                        each.getKey().name(),
                        each.getKey().id(),
                        each.getValue(),
                        status(each.getKey(), health.getOrDefault(each.getKey(), StatsStore.Health.UNKNOWN))))
                .toList();
    }

    /** @return null: the webhook is deleted */
    private String status(WebhookId webhook, StatsStore.Health health) {
        return config.get().webhook(webhook).isEmpty()
                ? null
                : HealthView.of(outbox.state(webhook), health, clock.instant()).status();
    }

    /** Webhooks whose client certificate expires soon, soonest first. */
    private List<FiguresView.Expiring> expiring(String account) {
        Instant now = clock.instant();
        return webhooks.certificateEnds(account).stream()
                .takeWhile(end -> Severity.atEnd(end.at(), now) != Severity.NONE)
                .limit(MOST_EXPIRING)
                .map(end -> new FiguresView.Expiring(end.webhook(), DeliveryView.text(end.at())))
                .toList();
    }

    /** Interval length: a multiple of a minute that gives a chart few enough points. */
    private static Duration step(int hours) {
        for (int minutes : new int[] {1, 5, 15}) {
            if (hours * 60 / minutes <= MOST_POINTS) {
                return Duration.ofMinutes(minutes);
            }
        }
        return Duration.ofMinutes(30);
    }
}
