package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.pages.ConditionLines.Comparison;
import io.engagementwebhooks.console.pages.ConditionLines.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the builder's page shows.
 *
 * @param name of the webhook that is edited; empty: a new one
 * @param form its fields
 * @param faults what is wrong with them
 * @param tag the version that is edited
 * @param definition as it is kept, without secrets; a missing node: there is none
 * @param choices what can be picked
 * @param trial what came of trying it
 */
record BuilderView(
        String name, Form form, Faults faults, String tag, JsonNode definition, Choices choices, Trial trial) {

    /**
     * What can be picked.
     *
     * @param client an OAuth client of the account
     * @param connection a connection of the account
     * @param recent deliveries whose events can be tried with
     * @param readOnly why it cannot be saved, or null
     */
    record Choices(Picker client, Picker connection, JsonNode recent, String readOnly) {}

    /**
     * What came of trying it.
     *
     * @param preview what would be sent
     * @param exchange what was sent as a test and what came back, or null
     */
    record Trial(JsonNode preview, JsonNode exchange) {}

    static final List<String> METHODS = List.of("POST", "PUT", "PATCH");
    static final Map<String, String> CONDITIONS =
            options("none", "Every event", "lines", "Lines of field and value", "jq", "A jq program");
    static final Map<String, String> TARGETS =
            options("http", "A URL", "salesforce", "Salesforce", "contentsquare", "Contentsquare");
    static final Map<String, String> SIGNATURES = options(
            "standard", "Standard Webhooks", "rfc9421", "HTTP Message Signatures", "both", "Both", "none", "None");
    static final Map<String, String> OPERATIONS = options(
            "",
            "Usual: upsert with an external id, else create",
            "create",
            "Create",
            "upsert",
            "Upsert",
            "platform-event",
            "Publish a platform event");
    static final Map<String, String> RETRIES = options(
            "standard",
            "Standard: 10 attempts over three days",
            "every-30-min-for-7-days",
            "Every 30 minutes for a week",
            "own",
            "Gaps of your own");

    private static final Map<String, String> FORMATS = options(
            "event",
            "The event as it is",
            "json",
            "JSON template",
            "form",
            "Form template",
            "fields",
            "Form fields",
            "jq",
            "A jq program");
    private static final Map<String, String> AUTHENTICATIONS = options(
            "none",
            "By the signature alone",
            "header",
            "Authorization header: user and password",
            "value",
            "Authorization header: a ready value",
            "api-key",
            "API key",
            "oauth2",
            "OAuth2");

    private static Map<String, String> options(String... keysAndLabels) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < keysAndLabels.length; i += 2) {
            options.put(keysAndLabels[i], keysAndLabels[i + 1]);
        }
        return options;
    }

    static String label(Comparison comparison) {
        return comparison.label();
    }

    boolean isNew() {
        return name.isEmpty();
    }

    String action() {
        return PageRoutes.HOME + "/builder" + (isNew() ? "" : "/" + Api.encoded(name));
    }

    String previewAction() {
        return isNew() ? PageRoutes.HOME + "/" + BuilderPages.PREVIEW : action() + "/preview";
    }

    String readOnly() {
        return choices.readOnly();
    }

    /** Says what of the webhook this page does not show, or null. */
    String beyond() {
        boolean beyond = definition.path("delivery").path("salesforce").has("records")
                || definition.path("delivery").path("salesforce").has("path")
                || definition.path("delivery").path("contentsquare").has("path")
                || definition.path("delivery").has("tls");
        return beyond
                ? "This webhook has parts that this page does not show (records, a path of its own, or certificates)."
                        + " They stay as they are."
                : null;
    }

    Map<String, String> formats() {
        return form.text("body-kind").equals("other") ? with(FORMATS, "other", "As it is set up") : FORMATS;
    }

    Map<String, String> authentications() {
        return form.text("auth").equals("custom")
                ? with(AUTHENTICATIONS, "custom", "A destination of your own")
                : AUTHENTICATIONS;
    }

    private static Map<String, String> with(Map<String, String> options, String key, String label) {
        Map<String, String> more = new LinkedHashMap<>(options);
        more.put(key, label);
        return more;
    }

    /** The lines of the condition, one to begin with at least. */
    List<Line> lines() {
        List<Line> lines = WebhookForm.lines(form).lines();
        return lines.isEmpty() ? List.of(new Line(CallField.KNOWN.get(0).path(), Comparison.AT_LEAST, "")) : lines;
    }

    String program() {
        return new ConditionLines(!form.text("match").equals("any"), lines()).program();
    }

    /** Whether a secret is kept that an empty field leaves as it is. */
    boolean keeps(String type, String key) {
        JsonNode authentication = definition.path("delivery").path("authentication");
        return authentication.path("type").asText().equals(type) && authentication.has(key);
    }

    Picker client() {
        return choices.client();
    }

    Picker connection() {
        return choices.connection();
    }

    JsonNode recent() {
        return choices.recent();
    }

    JsonNode preview() {
        return trial.preview();
    }

    JsonNode exchange() {
        return trial.exchange();
    }
}
