package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.webhook.HandledView;
import io.engagementwebhooks.api.webhook.TestedView;
import io.engagementwebhooks.api.webhook.WaitingWebhookView;
import io.engagementwebhooks.api.webhook.WebhookPage;
import io.engagementwebhooks.api.webhook.WebhookView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.Area;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.console.text.CountText;
import io.engagementwebhooks.console.text.DeliveryText;
import io.engagementwebhooks.console.text.NumberText;
import io.engagementwebhooks.console.text.WebhookText;
import io.engagementwebhooks.server.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Webhooks: the list, the page of each, and their actions. Thread-safe.
 *
 * @param hasInboxes whether the installation has test inboxes
 */
public record WebhookPages(Api api, Function<Session, WebhookForm> forms, PageRenderer renderer, boolean hasInboxes)
        implements Area {

    private static final String AREA = "webhooks";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    /** Limit of counted webhooks per health. */
    private static final int MOST = WebhookPage.Counts.MOST;

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String name = request.segment(1);
        if (request.isPost()) {
            return change(request, session, name);
        }
        return name.isEmpty()
                ? list(request, session)
                : new OneWebhookPage(api, forms, renderer).answer(request, session, name);
    }

    /**
     * A filter by health.
     *
     * @param count as shown
     */
    public record Chip(String label, String count, String link, boolean current) {}

    /**
     * Model of the list.
     *
     * @param next address of the next page, or null
     * @param moreGone likewise, of deleted webhooks
     */
    public record View(
            WebhookPage page,
            List<Chip> chips,
            String text,
            String health,
            String next,
            List<WaitingWebhookView> gone,
            String moreGone) {

        public boolean isNarrowed() {
            return !text.isEmpty() || !health.isEmpty();
        }
    }

    private PageAnswer list(PageRequest request, Session session) {
        Form query = request.query();
        String text = query.text("text");
        String health = query.text("health");
        Map<String, String> asked = Map.of(
                "cursor", query.text("cursor"), "text", text, "health", health, "sort", "health", "activity", "true");
        WebhookPage page = api.get(session, "list-webhooks", asked).as(WebhookPage.class);
        boolean isFirst = query.text("cursor").isEmpty() && health.isEmpty();
        ListView<WaitingWebhookView> gone =
                isFirst ? gone(session, text, query.text("gone")) : new ListView<>(List.of(), null);
        View view = new View(
                page,
                chips(page.counts(), health, text),
                text,
                health,
                page.next() == null ? null : address(text, health, "cursor", page.next()),
                gone.items(),
                gone.next() == null ? null : address(text, "", "gone", gone.next()) + "#gone");
        return renderer.page("webhooks", "Webhooks", AREA, session, Map.of("view", view, "inboxes", hasInboxes));
    }

    private static String address(String text, String health, String name, String value) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("text", text);
        all.put("health", health);
        all.put(name, value);
        return Api.address(PATH, all);
    }

    private static List<Chip> chips(WebhookPage.Counts counts, String health, String text) {
        Map<String, String> byHealth = new LinkedHashMap<>();
        byHealth.put("", NumberText.count(counts.all()));
        byHealth.put("failing", NumberText.count(counts.failing(), MOST));
        byHealth.put("degraded", NumberText.count(counts.degraded(), MOST));
        byHealth.put("paused", NumberText.count(counts.paused(), MOST));
        byHealth.put("disabled", NumberText.count(counts.disabled(), MOST));
        return byHealth.entrySet().stream()
                .map(each -> new Chip(
                        each.getKey().isEmpty() ? "All" : DeliveryText.label(each.getKey()),
                        each.getValue(),
                        address(text, each.getKey(), "", ""),
                        each.getKey().equals(health)))
                .toList();
    }

    /**
     * @param text part of their names, or empty
     * @param cursor of the page, or empty
     */
    private ListView<WaitingWebhookView> gone(Session session, String text, String cursor) {
        Map<String, String> query = Map.of("configured", "false", "text", text, "cursor", cursor);
        return api.list(session, "list-waiting", query, WaitingWebhookView.class);
    }

    private PageAnswer change(PageRequest request, Session session, String id) {
        String to = request.form().text("to");
        try {
            switch (request.segment(2)) {
                case "pause" -> {
                    api.post(session, "pause-webhook", null, id);
                    session.inform(
                            "Paused: '" + name(session, id) + "'. Its deliveries are queued until you resume it.");
                }
                case "resume" -> {
                    api.post(session, "resume-webhook", null, id);
                    session.inform("Resumed: '" + name(session, id) + "'.");
                }
                case "release" -> handle(session, "Retrying now", "release-deliveries", id);
                case "discard" -> handle(session, "Discarded", "discard-deliveries", id);
                case "test" -> test(session, id);
                case "delete" -> {
                    String name = name(session, id);
                    api.send(session, "delete-webhook", null, "*", id);
                    session.inform("Deleted: '" + name + "'.");
                    to = "list";
                }
                default -> session.warn("There is no such action for a webhook.");
            }
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return PageAnswer.goTo(
                request,
                switch (to) {
                    case "webhook" -> WebhookText.page(id);
                    case "deliveries" -> WebhookText.page(id) + "?tab=deliveries";
                    case "overview" -> PageRoutes.HOME + "/overview";
                    default -> PATH;
                });
    }

    private String name(Session session, String id) {
        return api.get(session, "show-webhook", id).as(WebhookView.class).name();
    }

    private void handle(Session session, String what, String step, String id) {
        HandledView handled = api.post(session, step, null, id).as(HandledView.class);
        session.inform(what + ": " + CountText.deliveries(handled.deliveries()) + " of '" + handled.webhook() + "'."
                + (handled.more() ? " There are more: repeat it." : ""));
    }

    private void test(Session session, String id) {
        TestedView tested = api.post(session, "test-webhook", Map.of(), id).as(TestedView.class);
        String name = name(session, id);
        if (tested.outcome().equals("delivered")) {
            String done = "Sample event delivered to '" + name + "' in " + NumberText.duration(tested.ms()) + ".";
            if (tested.delivery() == null) {
                session.inform(done);
            } else {
                session.inform(done, PageRoutes.HOME + "/deliveries/" + tested.delivery(), "Open");
            }
        } else {
            String why = tested.reason() == null ? "" : ": " + tested.reason();
            session.warn("Sample event not delivered to '" + name + "'" + why + ".");
        }
    }
}
