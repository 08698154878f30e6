package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.delivery.BackfillView;
import io.engagementwebhooks.api.delivery.EventSummary;
import io.engagementwebhooks.api.webhook.TestedView;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.FormField;
import io.engagementwebhooks.console.forms.OfferedKamelet;
import io.engagementwebhooks.console.forms.Picker;
import io.engagementwebhooks.console.webhooks.ConditionLines.Line;
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
 * @param past the number of past events, or null: they were not counted
 */
public record BuilderView(
        BuilderPages.Edited edited,
        Form form,
        Faults faults,
        WebhookForm webhooks,
        Choices choices,
        TestedView test,
        BackfillView past) {

    /**
     * Values to choose from.
     *
     * @param client an OAuth client of the account
     * @param connection a connection of the account
     * @param recent received events to test with
     * @param signs whether the account has a signing key
     * @param inboxes whether test inboxes are offered
     * @param listen the command that passes events to a receiver on the user's machine
     * @param inbox the page of the test inbox that the URL is of, or null: of none
     * @param note a notice about the form, or null
     */
    public record Choices(
            Picker client,
            Picker connection,
            List<EventSummary> recent,
            boolean signs,
            boolean inboxes,
            String listen,
            String inbox,
            String note) {}

    /** The label of the begin of past events. */
    public static final String SINCE = "Start with the events since";

    private static final String CUSTOM = "A custom destination";

    public boolean isNew() {
        return edited.isNew();
    }

    public String previewAction() {
        return isNew() ? PageRoutes.HOME + "/" + BuilderPages.PREVIEW : edited.path() + "/preview";
    }

    /** Notice about parts of the webhook that this page does not show, or null. */
    public String beyond() {
        boolean beyond = edited.definition().at("/delivery/salesforce").has("records")
                || edited.definition().at("/delivery/salesforce").has("path")
                || edited.definition().at("/delivery/contentsquare").has("path")
                || edited.definition().at("/delivery").has("tls");
        return beyond
                ? "This webhook has parts that this page does not show (records, a path of the third party, or"
                        + " certificates). Saving keeps them."
                : null;
    }

    /** Choices with their labels. @param name of the field */
    public Map<String, String> choices(String name) {
        Map<String, String> choices =
                new LinkedHashMap<>(WebhookForm.field(name).options());
        Map.of("other", "As configured", "custom", CUSTOM).forEach((choice, label) -> {
            if (form.text(name).equals(choice)) {
                choices.put(choice, label);
            }
        });
        if (kamelets().isEmpty() && !form.text(name).equals(WebhookForm.KAMELET)) {
            choices.remove(WebhookForm.KAMELET);
        }
        return choices;
    }

    /** What the form calls an authentication. @param authentication as in a definition */
    static String authentication(JsonNode authentication) {
        String kind = WebhookForm.authentication(authentication);
        Map<String, String> targets = WebhookForm.field("to").options();
        return WebhookForm.field("auth").options().getOrDefault(kind, targets.getOrDefault(kind, CUSTOM));
    }

    /** Kamelets to choose from. */
    public List<OfferedKamelet> kamelets() {
        return webhooks.kamelets();
    }

    /** The name of the webhook's Kamelet, if it is not offered any more; else null. */
    public String formerKamelet() {
        String name = edited.definition().at("/delivery/kamelet/name").asText();
        return name.isEmpty() || webhooks.kamelet(edited.definition()).isPresent() ? null : name;
    }

    /** Whether the value of a Kamelet's property is stored. */
    public boolean isSet(OfferedKamelet kamelet, FormField property) {
        return kamelet.isOf(edited.definition()) && property.isSetIn(edited.definition());
    }

    /** The fields for rules and templates. */
    public EventFields fields() {
        return webhooks.fields(form);
    }

    /** The rules of the condition, at least one. */
    public List<Line> lines() {
        return webhooks.shownLines(form);
    }

    public String program() {
        return new ConditionLines(!form.text("match").equals("any"), lines()).program();
    }

    /** Whether a secret is stored. @param name of its field */
    public boolean isSet(String name) {
        FormField field = WebhookForm.field(name);
        String kind = WebhookForm.authentication(edited.definition().at("/delivery/authentication"));
        return field.isOf(List.of(kind)) && field.isSetIn(edited.definition());
    }

    public List<EventGroup> events() {
        return EventGroup.of(webhooks.catalog());
    }

    /** Types with samples: those the webhook subscribes to, or all. */
    public List<EventCatalog.Type> samples() {
        List<EventCatalog.Type> types = webhooks.catalog().asked(WebhookForm.events(form));
        return types.isEmpty() ? webhooks.catalog().types() : types;
    }

    /** What the sample event is. */
    public String sampleLabel() {
        return TestEvent.label(form.raw(TestEvent.EVENT), webhooks.catalog());
    }

    /** Whether saving creates the account's first signing key. */
    public boolean makesKey() {
        return isNew() && !choices.signs();
    }
}
