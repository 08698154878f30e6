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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** How the caller's account does: what was accepted and sent over the last hours, and what needs a person. Thread-safe. */
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
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("from", DeliveryView.text(from));
            view.put("to", DeliveryView.text(to));
            view.put("stepMinutes", step.toMinutes());
            view.put("total", view(new LinkedHashMap<>(), Figures.Step.total(from, steps)));
            List<Map<String, Object>> shown = new ArrayList<>();
            for (Figures.Step each : steps) {
                Map<String, Object> point = new LinkedHashMap<>();
                point.put("at", DeliveryView.text(each.at()));
                shown.add(view(point, each));
            }
            view.put("points", shown);
            view.put(
                    "troubled",
                    figures.troubled(request.account(), MOST_TROUBLED).stream()
                            .flatMap(webhook -> config.get().webhook(webhook).stream())
                            .map(Webhook::name)
                            .toList());
            view.put("waiting", waiting(request.account()));
            view.put("expiring", expiring(request.account()));
            return view;
        });
    }

    /** Where most waits, also of webhooks that are set up no more. */
    private List<Map<String, Object>> waiting(String account) {
        List<Map<String, Object>> waiting = new ArrayList<>();
        store.deliveries().mostWaiting(account, MOST_WAITING).forEach((webhook, deliveries) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("webhook", webhook.name());
            one.put("webhookId", webhook.id());
            one.put("deliveries", deliveries);
            waiting.add(one);
        });
        return waiting;
    }

    /** Webhooks whose own client certificate ends soon, the soonest first. */
    private List<Map<String, Object>> expiring(String account) {
        Instant now = clock.instant();
        return ends.of(account).stream()
                .takeWhile(end -> Severity.atEnd(end.at(), now) != Severity.NONE)
                .limit(MOST_EXPIRING)
                .map(end -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("webhook", end.webhook());
                    one.put("expires", DeliveryView.text(end.at()));
                    return one;
                })
                .toList();
    }

    /** Minutes, or so many of them that the points fit on a chart. */
    private static Duration step(int hours) {
        for (int minutes : new int[] {1, 5, 15}) {
            if (hours * 60 / minutes <= MOST_POINTS) {
                return Duration.ofMinutes(minutes);
            }
        }
        return Duration.ofMinutes(30);
    }

    private static Map<String, Object> view(Map<String, Object> view, Figures.Step step) {
        long tries = step.delivered() + step.tryLater() + step.gaveUp();
        view.put("events", step.events());
        view.put("delivered", step.delivered());
        view.put("tryLater", step.tryLater());
        view.put("gaveUp", step.gaveUp());
        view.put("skipped", step.skipped());
        view.put("successRate", tries == 0 ? null : (double) step.delivered() / tries);
        view.put("p50", millis(step.latencies().percentile(0.5)));
        view.put("p99", millis(step.latencies().percentile(0.99)));
        return view;
    }

    private static Long millis(long ms) {
        return ms < 0 ? null : ms;
    }
}
