package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import java.util.List;
import java.util.Set;

/**
 * Converts the submitted builder form to a definition. Unchanged fields keep what the definition had, even if the form
 * cannot show it. For one use.
 */
final class FilledWebhookForm {

    private static final JsonMapper JSON = new JsonMapper();
    /** Fields of several lines; browsers remove line breaks from all others. */
    private static final Set<String> OF_LINES = Set.of("jq", "body", "headers", "signing-keys", "fields");

    private final WebhookForm webhooks;
    private final Form form;
    private final JsonNode before;
    private final JsonNode deliveryBefore;
    private final String to;
    /** The form as shown. */
    private final Form shown;

    /** @param before the definition that the form was created from; a missing node: there is none */
    FilledWebhookForm(WebhookForm webhooks, Form form, JsonNode before) {
        this.webhooks = webhooks;
        this.form = form;
        this.before = before;
        this.deliveryBefore = before.path("delivery");
        this.to = form.text("to");
        this.shown = webhooks.of(before);
    }

    ObjectNode definition() {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        if (isChanged("other-events") || !Set.copyOf(form.all("event")).equals(Set.copyOf(shown.all("event")))) {
            ArrayNode events = definition.putArray("events");
            WebhookForm.events(form).forEach(events::add);
        }
        putCondition(definition);
        putRetry(definition);
        ObjectNode delivery = definition.withObject("/delivery");
        Set<String> groups = isThirdParty() ? putThirdParty(delivery) : putHttp(delivery);
        FormField.ALL.stream()
                .filter(field -> groups.contains(field.group()) && isChanged(field))
                .forEach(field -> field.put(definition, form, before));
        removeWithout("wait-field", "wait-most", delivery, "waitFor");
        removeWithout("fifo-key", "fifo-skip", delivery, "fifo");
        JsonNode target = delivery.path(to);
        if (isThirdParty() && target.isEmpty() && !target.equals(deliveryBefore.path(to))) {
            delivery.remove(to);
        }
        return definition;
    }

    private void putCondition(ObjectNode definition) {
        String condition = webhooks.condition(form);
        if (condition.equals(plain("jq", webhooks.condition(shown)))) {
            return;
        }
        if (condition.isEmpty()) {
            definition.remove("condition");
        } else {
            definition.put("condition", condition);
        }
    }

    /** Whether a field differs from its stored value for the chosen destination and authentication. */
    private boolean isChanged(FormField field) {
        boolean isOfMany = field.group().isEmpty() || field.group().equals(FormField.URL);
        return isChanged(field.name())
                || !isOfMany && isChanged("to")
                || field.group().startsWith(FormField.AUTH) && isChanged("auth");
    }

    private boolean isChanged(String field) {
        return !before.isObject() || !plain(field, form.raw(field)).equals(plain(field, shown.raw(field)));
    }

    /** A value as a browser submits it. */
    private static String plain(String field, String value) {
        if (field.equals("body")) {
            return value.replace('\r', '\n');
        }
        return (OF_LINES.contains(field) ? value.replace('\r', '\n') : value.replaceAll("[\r\n]", "")).strip();
    }

    private void putRetry(ObjectNode definition) {
        String kind = form.text("retry-kind");
        if (!isChanged("retry-kind") && !(kind.equals("own") && isChanged("retry"))) {
            return;
        }
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
        if (isChanged("signature")) {
            delivery.remove("signed");
        }
        putBody(delivery);
        putAuthentication(delivery);
        return Set.of("", FormField.URL, FormField.AUTH + form.text("auth"));
    }

    /** @return the groups of fields that the webhook uses */
    private Set<String> putThirdParty(ObjectNode delivery) {
        WebhookForm.THIRD_PARTIES.stream().filter(other -> !other.equals(to)).forEach(delivery::remove);
        if (isChanged("to") || isChanged("connection")) {
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
        boolean isChanged = isChanged("body-kind") || !kind.equals("event") && isChanged("body");
        if (!isChanged || kind.equals("other")) {
            return;
        }
        delivery.remove(List.of("format", "body", "bodyJq", "form"));
        switch (kind) {
            case "json" -> delivery.put("body", form.raw("body"));
            case "form" -> delivery.put("format", "form").put("body", form.raw("body"));
            case "fields" -> delivery.set("form", Pairs.TEXTS.object(form.raw("body"), deliveryBefore.path("form")));
            case "jq" -> delivery.put("bodyJq", form.raw("body"));
            default -> {
                // the whole event
            }
        }
    }

    private void putAuthentication(ObjectNode delivery) {
        JsonNode kept = deliveryBefore.path("authentication");
        String kind = form.text("auth");
        boolean isSame = !isChanged("to") && !isChanged("auth");
        if (isSame && kept.isMissingNode() || kind.equals("custom") && kept.isObject()) {
            return;
        }
        if (!isSame) {
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

    /** Removes members that need a field which is empty now. */
    private void removeWithout(String needed, String other, ObjectNode delivery, String member) {
        if (form.text(needed).isEmpty() && (isChanged(needed) || isChanged(other))) {
            delivery.remove(member);
        }
    }
}
