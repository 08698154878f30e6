package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.EventSummary;
import io.engagementwebhooks.console.TestedView;
import io.engagementwebhooks.console.pages.ConditionLines.Line;
import io.engagementwebhooks.webhook.EventCatalog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Model of the Engagement Builder's page.
 *
 * @param edited the webhook, without secrets
 * @param form its fields
 * @param faults their errors
 * @param webhooks converts the form, with the event types of the account
 * @param choices values to choose from
 * @param test result of a test, or null
 */
record BuilderView(
        BuilderPages.Edited edited, Form form, Faults faults, WebhookForm webhooks, Choices choices, TestedView test) {

    /**
     * Values to choose from.
     *
     * @param client an OAuth client of the account
     * @param connection a connection of the account
     * @param recent received events to test with
     * @param signs whether the account has a signing key
     * @param note a notice about the form, or null
     */
    record Choices(Picker client, Picker connection, List<EventSummary> recent, boolean signs, String note) {}

    static final List<String> METHODS = List.of("POST", "PUT", "PATCH");
    static final Map<String, String> CONDITIONS = options("none", "Always", "lines", "Rules", "jq", "jq program");
    static final Map<String, String> TARGETS =
            options("http", "URL", "salesforce", "Salesforce", "contentsquare", "Contentsquare");
    static final Map<String, String> SIGNATURES = options(
            "standard", "Standard Webhooks", "rfc9421", "HTTP Message Signatures", "both", "Both", "none", "None");
    static final Map<String, String> OPERATIONS = options(
            "", "Upsert if there is an external ID, otherwise create",
            "create", "Create",
            "upsert", "Upsert",
            "platform-event", "Publish a platform event");
    static final Map<String, String> RETRIES = options(
            "standard", "Standard: 10 attempts over three days",
            "every-30-min-for-7-days", "Every 30 minutes for a week",
            "own", "Custom delays");

    private static final Map<String, String> FORMATS = options(
            "event", "The event as JSON",
            "json", "JSON template",
            "fields", "Form fields",
            "form", "Form template",
            "jq", "jq program");
    private static final Map<String, String> AUTHENTICATIONS = options(
            "header", "Authorization Header: user and password",
            "value", "Authorization Header: whole value",
            "oauth2", "OAuth2",
            "api-key", "API key in another header",
            "none", "None (signed only)");
    private static final String CUSTOM = "A custom destination";

    /** Labels by key, in this order. */
    static Map<String, String> options(String... keysAndLabels) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < keysAndLabels.length; i += 2) {
            options.put(keysAndLabels[i], keysAndLabels[i + 1]);
        }
        return options;
    }

    boolean isNew() {
        return edited.isNew();
    }

    String previewAction() {
        return isNew() ? PageRoutes.HOME + "/" + BuilderPages.PREVIEW : edited.path() + "/preview";
    }

    /** Notice about parts of the webhook that this page does not show, or null. */
    String beyond() {
        boolean beyond = edited.definition().at("/delivery/salesforce").has("records")
                || edited.definition().at("/delivery/salesforce").has("path")
                || edited.definition().at("/delivery/contentsquare").has("path")
                || edited.definition().at("/delivery").has("tls");
        return beyond
                ? "This webhook has parts that this page does not show (records, a path of the third party, or"
                        + " certificates). Saving keeps them."
                : null;
    }

    Map<String, String> formats() {
        return form.text("body-kind").equals("other") ? with(FORMATS, "other", "As configured") : FORMATS;
    }

    Map<String, String> authentications() {
        return form.text("auth").equals("custom") ? with(AUTHENTICATIONS, "custom", CUSTOM) : AUTHENTICATIONS;
    }

    /** What the form calls an authentication. @param authentication as in a definition */
    static String authentication(JsonNode authentication) {
        String kind = WebhookForm.authentication(authentication);
        return AUTHENTICATIONS.getOrDefault(kind, TARGETS.getOrDefault(kind, CUSTOM));
    }

    private static Map<String, String> with(Map<String, String> options, String key, String label) {
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(key, label);
        return more;
    }

    /** The fields for rules and templates. */
    EventFields fields() {
        return webhooks.fields(form);
    }

    /** The rules of the condition, at least one. */
    List<Line> lines() {
        return webhooks.shownLines(form);
    }

    String program() {
        return new ConditionLines(!form.text("match").equals("any"), lines()).program();
    }

    /** The hint of a stored secret's field, or another hint. */
    String secretHint(String type, String key, String otherwise) {
        JsonNode authentication = edited.definition().at("/delivery/authentication");
        boolean isKept = type.equals(authentication.path("type").asText()) && authentication.has(key);
        return isKept ? "Leave empty to keep the stored value." : otherwise;
    }

    List<EventGroup> events() {
        return EventGroup.of(webhooks.catalog());
    }

    /** Types with samples: those the webhook subscribes to, or all. */
    List<EventCatalog.Type> samples() {
        List<EventCatalog.Type> types = webhooks.catalog().asked(WebhookForm.events(form));
        return types.isEmpty() ? webhooks.catalog().types() : types;
    }

    /** What the sample event is. */
    String sampleLabel() {
        return TestEvent.label(form.raw(TestEvent.EVENT), webhooks.catalog());
    }

    /** Whether saving creates the account's first signing key. */
    boolean makesKey() {
        return isNew() && !choices.signs();
    }
}
