package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import java.util.List;
import java.util.Set;

/**
 * Converts the submitted builder form to a definition, in which each member has one spelling and defaults are left out.
 * Members that the form lacks stay as they are. For one use.
 */
final class FilledWebhookForm {

    private static final JsonMapper JSON = new JsonMapper();

    private final WebhookForm webhooks;
    private final Form form;
    private final JsonNode before;
    private final JsonNode deliveryBefore;
    private final String to;

    /** @param before the definition that the form was created from; a missing node: there is none */
    FilledWebhookForm(WebhookForm webhooks, Form form, JsonNode before) {
        this.webhooks = webhooks;
        this.form = form;
        this.before = before;
        this.deliveryBefore = before.path("delivery");
        this.to = form.text("to");
    }

    ObjectNode definition() {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        ArrayNode events = definition.putArray("events");
        WebhookForm.events(form).forEach(events::add);
        String condition = webhooks.condition(form);
        if (condition.isEmpty()) {
            definition.remove("condition");
        } else {
            definition.put("condition", condition);
        }
        putRetry(definition);
        ObjectNode delivery = definition.withObject("/delivery");
        Set<String> groups = isThirdParty() ? putThirdParty(delivery) : putHttp(delivery);
        FormField.ALL.stream()
                .filter(field -> groups.contains(field.group()))
                .forEach(field -> field.put(definition, form, before));
        removeWithout("wait-field", delivery, "waitFor");
        removeWithout("fifo-key", delivery, "fifo");
        if (delivery.path(to).isEmpty()) {
            delivery.remove(to);
        }
        return definition;
    }

    private void putRetry(ObjectNode definition) {
        String kind = form.text("retry-kind");
        switch (kind) {
            case "own" -> {
                ArrayNode gaps = definition.putArray("retry");
                FormField.parts(form.text("retry")).forEach(gaps::add);
            }
            case "standard", "" -> definition.remove("retry");
            default -> definition.put("retry", kind);
        }
    }

    private boolean isThirdParty() {
        return WebhookForm.THIRD_PARTIES.contains(to);
    }

    /** @return the groups of fields that the webhook uses */
    private Set<String> putHttp(ObjectNode delivery) {
        delivery.remove(WebhookForm.THIRD_PARTIES);
        delivery.remove("signed");
        putBody(delivery);
        putAuthentication(delivery);
        return Set.of("", FormField.URL, FormField.AUTH + form.text("auth"));
    }

    /** @return the groups of fields that the webhook uses */
    private Set<String> putThirdParty(ObjectNode delivery) {
        WebhookForm.THIRD_PARTIES.stream().filter(other -> !other.equals(to)).forEach(delivery::remove);
        if (!deliveryBefore.at("/authentication/type").asText().equals(to)) {
            delivery.putObject("authentication").put("type", to);
        }
        JsonNode kept = deliveryBefore.path(to);
        if (kept.has("path") || kept.has("records")) {
            putBody(delivery);
            return Set.of("", FormField.CONNECTION);
        }
        delivery.remove(DefinitionReader.OF_REQUESTS_TO_A_URL);
        return Set.of("", FormField.CONNECTION, to);
    }

    private void putBody(ObjectNode delivery) {
        String kind = form.text("body-kind");
        if (kind.equals("other")) {
            return;
        }
        delivery.remove(List.of("format", "body", "bodyJq", "form"));
        switch (kind) {
            case "json" -> delivery.put("body", typed("body"));
            case "form" -> delivery.put("format", "form").put("body", typed("body"));
            case "fields" -> delivery.set("form", Pairs.TEXTS.object(form.raw("body"), deliveryBefore.path("form")));
            case "jq" -> delivery.put("bodyJq", typed("bodyJq"));
            default -> {
                // the whole event
            }
        }
    }

    /** The typed body; the stored one if they differ in line breaks only, which browsers change. */
    private String typed(String member) {
        String typed = form.raw("body");
        String kept = deliveryBefore.path(member).asText();
        return typed.equals(kept.replace("\r\n", "\n").replace('\r', '\n')) ? kept : typed;
    }

    private void putAuthentication(ObjectNode delivery) {
        JsonNode kept = deliveryBefore.path("authentication");
        String kind = form.text("auth");
        boolean isNone = before.isObject() && kept.isMissingNode() && kind.equals("none");
        if (isNone || kind.equals("custom") && kept.isObject()) {
            return;
        }
        if (!kept.isObject() || !kind.equals(WebhookForm.authentication(kept))) {
            delivery.putObject("authentication").put("type", kind.equals("value") ? "header" : kind);
        }
        ObjectNode authentication = delivery.withObject("/authentication");
        switch (kind) {
            case "header" -> putSecret(authentication, "password", form.raw("password"), kept);
            case "value" -> putSecret(authentication, "value", form.text("header-value"), kept);
            case "api-key" -> putSecret(authentication, "value", form.text("key-value"), kept);
            default -> {
                // this kind has no secret
            }
        }
    }

    /** An empty secret keeps its stored value. */
    private static void putSecret(ObjectNode authentication, String key, String typed, JsonNode before) {
        boolean kept = before.has(key) && before.path("type").equals(authentication.path("type"));
        if (!typed.isEmpty()) {
            authentication.put(key, typed);
        } else if (kept) {
            authentication.put(key, WebhookForm.KEPT);
        }
    }

    /** Removes a member that needs a field which is empty. */
    private void removeWithout(String needed, ObjectNode delivery, String member) {
        if (form.text(needed).isEmpty()) {
            delivery.remove(member);
        }
    }
}
