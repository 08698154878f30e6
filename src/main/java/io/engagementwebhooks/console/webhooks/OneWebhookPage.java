package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.api.definition.SigningKeyView;
import io.engagementwebhooks.api.delivery.DeliveryList;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.delivery.ReplayView;
import io.engagementwebhooks.api.webhook.StatisticsView;
import io.engagementwebhooks.api.webhook.WebhookView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.StackedChart;
import io.engagementwebhooks.console.text.WebhookText;
import io.engagementwebhooks.console.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The page of a webhook: overview, deliveries, configuration and signing. Thread-safe. */
public record OneWebhookPage(Api api, Function<Session, WebhookForm> forms, PageRenderer renderer) {

    /** Labels of the ranges. */
    public static final Map<String, String> RANGES =
            Words.labels("1h", "1 hour", "24h", "24 hours", "7d", "7 days", "30d", "30 days");

    private static final Set<String> TABS = Set.of("overview", "deliveries", "configuration", "signing");
    private static final int DELIVERIES = 20;
    private static final int RUNS = 20;

    /** Limit of shown keys. */
    private static final int KEYS = 10;

    /**
     * Model of all tabs.
     *
     * @param tab the open one
     * @param range of the overview
     */
    public record View(WebhookView webhook, String tab, String range) {

        public String path() {
            return WebhookText.page(webhook().id());
        }

        public String path(String otherTab) {
            return path() + "?tab=" + otherTab;
        }

        public String label() {
            return WebhookText.past(RANGES.get(range));
        }

        /** For {@code aria-current}. */
        public String current(String other) {
            return other.equals(tab) ? "page" : null;
        }

        /** Whether it can be changed here: it is not defined in the configuration file. */
        public boolean isOfApi() {
            return webhook().managedBy().equals("api");
        }
    }

    PageAnswer answer(PageRequest request, Session session, String name) {
        WebhookView webhook = api.get(session, "show-webhook", name).as(WebhookView.class);
        String tab = request.query().text("tab");
        String range = request.query().text("range");
        View view = new View(webhook, TABS.contains(tab) ? tab : "overview", RANGES.containsKey(range) ? range : "24h");
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("view", view);
        parameters.put(
                "site",
                request.site() + "/.well-known/jwks.json?account="
                        + Api.encoded(session.caller().account().id()));
        switch (view.tab()) {
            case "deliveries" -> parameters.put("deliveries", deliveries(session, webhook));
            case "configuration" ->
                parameters.put(
                        "sections", ConfigurationView.of(webhook.defined().json(), forms.apply(session)));
            case "signing" -> parameters.put("keys", keys(session, webhook));
            default -> {
                if (webhook.inEffect()) {
                    StatisticsView statistics = api.get(session, "show-statistics", Map.of("range", view.range()), name)
                            .as(StatisticsView.class);
                    parameters.put("statistics", statistics);
                    parameters.put("chart", chart(statistics));
                    parameters.put("backfill", backfill(session, webhook));
                }
            }
        }
        return renderer.page("webhook", webhook.name(), "webhooks", session, parameters);
    }

    /** The newest of the last runs that is a backfill of the webhook, or null. */
    private ReplayView backfill(Session session, WebhookView webhook) {
        Map<String, String> query = Map.of("limit", String.valueOf(RUNS));
        return api.list(session, "list-replays", query, ReplayView.class).items().stream()
                .filter(run -> run.kind().equals("backfill") && run.webhookId().equals(webhook.id()))
                .findFirst()
                .orElse(null);
    }

    private static StackedChart chart(StatisticsView statistics) {
        return StackedChart.of(
                Duration.ofSeconds(statistics.stepSeconds()),
                statistics.points().stream()
                        .map(point -> new StackedChart.Values(
                                Instant.parse(point.at()), point.delivered(), point.retrying(), point.failed()))
                        .toList());
    }

    private List<DeliveryView> deliveries(Session session, WebhookView webhook) {
        Map<String, String> query = Map.of("webhook", webhook.id(), "limit", String.valueOf(DELIVERIES));
        return api.get(session, "list-deliveries", query).as(DeliveryList.class).items();
    }

    private List<SigningKeyView> keys(Session session, WebhookView webhook) {
        return webhook.signingKeys().stream()
                .limit(KEYS)
                .map(id -> api.get(session, "show-signing-key", id).as(SigningKeyView.class))
                .toList();
    }
}
