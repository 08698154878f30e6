package io.engagementwebhooks.console.settings;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.definition.EventTypeView;
import io.engagementwebhooks.webhook.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Webhooks that notify people: they subscribe to system events, with a body for a chat, or by e-mail. */
public final class Notifications {

    /** The events of notifications. */
    static final List<String> EVENTS = List.of("webhook.failing", "webhook.recovered", "webhook.disabled");

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private Notifications() {}

    /**
     * A notification webhook.
     *
     * @param events which of {@link #EVENTS} it subscribes to
     */
    public record Notifier(String id, String name, List<String> events) {}

    /** Webhooks that subscribe to {@link #EVENTS}, by name. */
    static List<Notifier> of(List<EventTypeView> eventTypes) {
        Map<String, Notifier> byName = new TreeMap<>();
        for (EventTypeView asked : eventTypes) {
            if (EVENTS.contains(asked.type())) {
                asked.webhooks().forEach(user -> byName.computeIfAbsent(
                                user.name(), name -> new Notifier(user.id(), name, new ArrayList<>()))
                        .events()
                        .add(asked.type()));
            }
        }
        return List.copyOf(byName.values());
    }

    /**
     * A chat product, or e-mail.
     *
     * @param path its segment of the page's address
     * @param label of the field for the URL or addresses
     * @param body jq program of the body, around one sentence; null: an e-mail
     */
    public record Recipe(String path, String title, String label, String placeholder, String help, String body) {

        private static final Recipe SLACK = new Recipe(
                "slack",
                "Slack",
                "Webhook URL",
                "https://hooks.slack.com/services/…",
                "In Slack: Apps → Incoming Webhooks → Add to Slack, choose a channel, copy the Webhook URL.",
                "{text: (%s), unfurl_links: false}");
        private static final Recipe TEAMS = new Recipe(
                "teams",
                "Microsoft Teams",
                "Workflow URL",
                "https://….logic.azure.com/workflows/…",
                "In Teams: open the channel's menu → Workflows → \"Post to a channel when a webhook request is received\","
                        + " copy the URL.",
                "{type: \"message\", attachments: [{contentType: \"application/vnd.microsoft.card.adaptive\", content:"
                        + " {type: \"AdaptiveCard\", version: \"1.4\", body: [{type: \"TextBlock\", wrap: true, text: (%s)}]}}]}");
        public static final Recipe EMAIL = new Recipe(
                "email",
                "E-mail",
                "E-mail addresses",
                "ops@example.com, it@example.com",
                "At most " + Target.Email.MOST
                        + " addresses, with commas between them. The messages go through the mail server of this"
                        + " installation.",
                null);

        /**
         * jq expression of one sentence for all {@link #EVENTS}. Text of a receiver cannot create links or mentions.
         */
        private static final String SENTENCE =
                "\"Webhook \" + .data.webhook + (if .type == \"webhook.failing\" then \" is failing. \" elif .type =="
                        + " \"webhook.recovered\" then \" has recovered. \" else \" was disabled. \" end) + (.data.reason | split(\"<\")"
                        + " | join(\"(\") | split(\">\") | join(\")\") | split(\"[\") | join(\"(\") | split(\"]\") | join(\")\"))"
                        + " + \" (\" + (.data.waiting | tostring) + \" deliveries queued, since \" + .data.since + \")\"";

        /** Those that can be picked. @param email whether the installation sends e-mail */
        public static List<Recipe> offered(boolean email) {
            return email ? List.of(SLACK, TEAMS, EMAIL) : List.of(SLACK, TEAMS);
        }

        /** Suggested name of the webhook. */
        String usualName() {
            return "notify-" + path;
        }

        /** The definition of a notification webhook. @param to the URL from the chat product, or addresses */
        ObjectNode webhook(String name, String to) {
            ObjectNode webhook = JSON.createObjectNode();
            webhook.put("name", name);
            EVENTS.forEach(webhook.putArray("events")::add);
            deliver(webhook.putObject("delivery"), to);
            return webhook;
        }

        private void deliver(ObjectNode delivery, String to) {
            if (body == null) {
                delivery.put("url", "mailto:" + to.strip());
                delivery.putObject("authentication").put("type", "custom").put("destination", Target.Email.DESTINATION);
                return;
            }
            delivery.put("url", to);
            delivery.put("bodyJq", body.formatted(SENTENCE));
            delivery.putObject("authentication").put("type", "none");
        }
    }
}
