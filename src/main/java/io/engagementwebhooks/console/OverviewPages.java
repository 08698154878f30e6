package io.engagementwebhooks.console;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.RoutesView;
import io.engagementwebhooks.api.delivery.DeliveryList;
import io.engagementwebhooks.api.webhook.FiguresView;
import io.engagementwebhooks.api.webhook.WebhookPage;
import io.engagementwebhooks.api.webhook.WebhookView;
import io.engagementwebhooks.console.deliveries.FailurePages;
import io.engagementwebhooks.console.settings.SettingsList;
import io.engagementwebhooks.console.settings.SettingsPages;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.ExpiryText;
import io.engagementwebhooks.console.text.NumberText;
import io.engagementwebhooks.console.text.StackedChart;
import io.engagementwebhooks.console.text.WebhookText;
import io.engagementwebhooks.console.text.Words;
import io.engagementwebhooks.store.query.Backlogs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The overview: whether deliveries succeed, and what needs attention. Thread-safe. */
public record OverviewPages(Api api, PageRenderer renderer, Clock clock) implements Area {

    /** Labels of the ranges, by hours. */
    public static final Map<String, String> HOURS =
            Words.labels("1", "1 hour", "6", "6 hours", "24", "24 hours", "168", "7 days");

    private static final int TROUBLED = 10;

    /** Credentials of a kind: the API's longest page. */
    private static final int MOST_COUNTED = 200;

    /** Listed client certificates of webhooks. */
    private static final int MOST_CERTIFICATES = 10;

    /** Badge of credentials that fail or have ended. */
    private static final String FAILS = "bad";

    /** An account with more webhooks sees no checklist. */
    private static final int BEGINS = 5;

    private static final Set<String> IN_TROUBLE = Set.of("failing", "disabled", "degraded", "paused");

    /** A step of the checklist. @param done whether it is complete @param link its page, or null: a command follows */
    record Step(String text, boolean done, String link) {}

    /**
     * What needs attention besides webhooks.
     *
     * @param state its badge
     * @param what its name
     * @param link its page
     * @param why the reason in words
     */
    record Attention(String state, String what, String link, String why) {}

    /**
     * Model of the overview.
     *
     * @param hours the range
     * @param troubled webhooks that need attention, most urgent first
     * @param more how many more there are, at least
     * @param steps of the checklist; empty: complete
     * @param type an event type that a webhook subscribes to
     * @param failures the largest groups of failures
     */
    record View(
            String hours,
            String updatedAt,
            String sentence,
            List<WebhookView> troubled,
            long more,
            List<Attention> attention,
            List<Step> steps,
            String type,
            FiguresView figures,
            StackedChart chart,
            FailurePages.View failures) {

        String label() {
            return WebhookText.past(HOURS.get(hours));
        }

        /** Sum over the webhooks with most queued deliveries. */
        String queuedInAll() {
            if (figures.waiting() == null) {
                return "…";
            }
            List<Long> counts = figures.waiting().stream()
                    .map(FiguresView.Waiting::deliveries)
                    .toList();
            boolean isMore = counts.stream().anyMatch(count -> count >= Backlogs.MAX_PENDING);
            return NumberText.count(counts.stream().mapToLong(count -> count).sum()) + (isMore ? "+" : "");
        }

        long attempts() {
            FiguresView.Point total = figures.total();
            return total.delivered() + total.gaveUp() + total.tryLater();
        }
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String asked = request.query().text("hours");
        String hours = HOURS.containsKey(asked) ? asked : "1";
        FiguresView figures =
                api.get(session, "show-figures", Map.of("hours", hours)).as(FiguresView.class);
        Map<String, String> query = Map.of("sort", "health", "activity", "true", "limit", String.valueOf(TROUBLED));
        WebhookPage first = api.get(session, "list-webhooks", query).as(WebhookPage.class);
        List<WebhookView> troubled = first.items().stream()
                .filter(webhook -> IN_TROUBLE.contains(webhook.health().status()))
                .toList();
        WebhookPage.Counts counts = first.counts();
        long inTrouble = counts.failing() + counts.disabled() + counts.degraded() + counts.paused();
        View view = new View(
                hours,
                clock.instant().toString(),
                sentence(counts, figures.total()),
                troubled,
                Math.max(0, inTrouble - troubled.size()),
                attention(session, figures.expiring()),
                steps(session, counts, figures),
                WebhookText.oneType(first.items()),
                figures,
                chart(figures),
                FailurePages.of(api, session, hours));
        RoutesView routes = api.get(session, "show-routes").as(RoutesView.class);
        return renderer.page(
                "overview",
                "Overview",
                "overview",
                session,
                Map.of("view", view, "routes", routes, "site", request.site()));
    }

    private static String sentence(WebhookPage.Counts counts, FiguresView.Point total) {
        if (counts.all() == 0) {
            return "No webhooks yet.";
        }
        if (counts.failing() > 0) {
            return webhooks(counts.failing()) + " of " + NumberText.count(counts.all())
                    + (counts.failing() == 1 ? " is failing." : " are failing.");
        }
        if (counts.disabled() > 0) {
            return webhooks(counts.disabled()) + (counts.disabled() == 1 ? " is disabled." : " are disabled.");
        }
        if (counts.degraded() > 0) {
            return "Deliveries succeed, but " + webhooks(counts.degraded())
                    + (counts.degraded() == 1 ? " is degraded." : " are degraded.");
        }
        String paused = counts.paused() == 0 ? "" : " " + webhooks(counts.paused()) + " paused.";
        return total.events() == 0
                ? "No webhook is failing. No events in this time." + paused
                : "No webhook is failing." + paused;
    }

    private static String webhooks(int count) {
        return NumberText.count(count, WebhookPage.Counts.MOST) + (count == 1 ? " webhook" : " webhooks");
    }

    /** Client certificates of webhooks that expire soon and the number of other credentials by kind, failing ones first. */
    private List<Attention> attention(Session session, List<FiguresView.Expiring> expiring) {
        ExpiryText ends = new ExpiryText(clock.instant());
        List<Attention> found = new ArrayList<>();
        for (FiguresView.Expiring each : expiring.subList(0, Math.min(expiring.size(), MOST_CERTIFICATES))) {
            String end = each.expires();
            found.add(new Attention(
                    ends.state(end), each.webhook(), WebhookText.page(each.webhook()), ends.ofCertificate(end)));
        }
        if (expiring.size() > MOST_CERTIFICATES) {
            found.add(new Attention(
                    ends.state(expiring.get(MOST_CERTIFICATES).expires()),
                    "More webhooks",
                    PageRoutes.HOME + "/webhooks#main",
                    "Their client certificates expire within 30 days too, or expired."));
        }
        for (SettingsList list : SettingsList.values()) {
            if (list.canBeNarrowed() && list.isReadBy(session)) {
                int needing = count(session, list, "true");
                int failing = needing == 0 ? 0 : count(session, list, "failing");
                if (needing > 0) {
                    found.add(attention(list, failing, needing));
                }
            }
        }
        found.sort(Comparator.comparing(one -> !one.state().equals(FAILS)));
        return found;
    }

    private int count(Session session, SettingsList list, String attention) {
        Map<String, String> query = Map.of("attention", attention, "limit", String.valueOf(MOST_COUNTED));
        ListView<?> found = api.list(session, list.step(), query, list.type(), list.names(session));
        return found.items().size();
    }

    /** @param needing those that fail, have ended or end soon */
    static Attention attention(SettingsList list, int failing, int needing) {
        String all = NumberText.count(needing, MOST_COUNTED) + ".";
        String fail = "Failing or ended: " + NumberText.count(failing, MOST_COUNTED) + ".";
        String why = failing == 0
                ? "Ending within 30 days: " + all
                : failing == needing ? fail : fail + " With those ending within 30 days: " + all;
        return new Attention(
                failing > 0 ? FAILS : "warning", list.title(), SettingsPages.path(list) + "?attention=true", why);
    }

    /** From creating a webhook to the first delivered event that is no test. */
    private List<Step> steps(Session session, WebhookPage.Counts counts, FiguresView figures) {
        if (counts.all() >= BEGINS) {
            return List.of();
        }
        boolean isDelivered = figures.total().delivered() > 0
                || hasDelivery(session, Map.of("limit", "1", "test", "false", "status", "delivered"));
        String sends = counts.all() > 0 ? "/webhooks" : "/builder";
        List<Step> steps = List.of(
                new Step("Create a webhook", counts.all() > 0, PageRoutes.HOME + "/builder"),
                new Step("Add a signing key", api.signs(session), PageRoutes.HOME + "/settings/signing-key"),
                new Step(
                        "Send a sample event",
                        isDelivered || hasDelivery(session, Map.of("limit", "1")),
                        PageRoutes.HOME + sends),
                new Step("Send your first event", isDelivered, null));
        return steps.stream().allMatch(Step::done) ? List.of() : steps;
    }

    private boolean hasDelivery(Session session, Map<String, String> query) {
        return !api.get(session, "list-deliveries", query)
                .as(DeliveryList.class)
                .items()
                .isEmpty();
    }

    /** A column per interval of the range, also without activity. */
    public static StackedChart chart(FiguresView figures) {
        Duration step = Duration.ofMinutes(figures.stepMinutes());
        Map<Instant, FiguresView.Point> points = new HashMap<>();
        figures.points().forEach(point -> points.put(Instant.parse(point.at()), point));
        List<StackedChart.Values> values = new ArrayList<>();
        Instant to = Instant.parse(figures.to());
        for (Instant at = Instant.parse(figures.from()); at.isBefore(to); at = at.plus(step)) {
            FiguresView.Point point = points.get(at);
            values.add(
                    point == null
                            ? new StackedChart.Values(at, 0, 0, 0)
                            : new StackedChart.Values(at, point.delivered(), point.tryLater(), point.gaveUp()));
        }
        return StackedChart.of(step, values);
    }
}
