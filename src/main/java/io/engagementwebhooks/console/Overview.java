package io.engagementwebhooks.console;

import io.engagementwebhooks.store.Figures;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** Statistics of the caller's account, and webhooks that need attention. Thread-safe. */
final class Overview {

    private static final int USUAL_HOURS = 6;
    private static final int MOST_HOURS = 168;
    private static final int MOST_POINTS = 360;
    private static final int MOST_TROUBLED = 50;

    private static final int MOST_WAITING = 10;
    private static final int MOST_EXPIRING = 50;

    private final Store store;
    private final Figures figures;
    private final Supplier<Config> config;
    private final CertificateEnds ends;
    private final Clock clock;

    Overview(Store store, Supplier<Config> config, Clock clock) {
        this.store = store;
        this.figures = store.figures();
        this.config = config;
        this.ends = new CertificateEnds(config);
        this.clock = clock;
    }

    /** {@code GET /v1/figures}. */
    public Processor figures() {
        return ApiStep.ok(request -> {
            int hours = request.parameters("hours").number("hours", 1, MOST_HOURS, USUAL_HOURS);
            Instant to = clock.instant().truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
            Duration step = step(hours);
            Instant from = Instant.ofEpochMilli(
                    to.minus(Duration.ofHours(hours)).toEpochMilli() / step.toMillis() * step.toMillis());
            List<Figures.Step> steps = figures.steps(request.account(), from, to, step);
            Duration longest = longest(request.account());
            return new FiguresView(
                    DeliveryView.text(from),
                    DeliveryView.text(to),
                    step.toMinutes(),
                    FiguresView.Point.of(null, Figures.Step.total(from, steps), longest),
                    steps.stream()
                            .map(each -> FiguresView.Point.of(DeliveryView.text(each.at()), each, longest))
                            .toList(),
                    figures
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

    /** Upper limit of shown durations: the histogram's classes are wide, so a percentile could exceed every timeout. */
    private Duration longest(String account) {
        return config.get().webhooks(account).stream()
                .map(webhook -> webhook.delivery().timeout())
                .max(Comparator.naturalOrder())
                .orElse(Duration.ofDays(1));
    }

    /** Webhooks with most pending deliveries, deleted ones included. */
    private List<FiguresView.Waiting> waiting(String account) {
        List<FiguresView.Waiting> waiting = new ArrayList<>();
        store.deliveries()
                .largestBacklogs(account, MOST_WAITING)
                .forEach((webhook, deliveries) ->
                        waiting.add(new FiguresView.Waiting(webhook.name(), webhook.id(), deliveries)));
        return waiting;
    }

    /** Webhooks whose client certificate expires soon, soonest first. */
    private List<FiguresView.Expiring> expiring(String account) {
        Instant now = clock.instant();
        return ends.of(account).stream()
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
