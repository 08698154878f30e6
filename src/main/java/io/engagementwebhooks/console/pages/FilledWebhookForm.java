package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The builder's form as it was sent, beside the definition that it was made of: what nobody changed stays as it was
 * written, whatever the form can show of it. For one use.
 */
final class FilledWebhookForm {

    private static final JsonMapper JSON = new JsonMapper();
    /** Fields of several lines; browsers take line ends out of all others. */
    private static final Set<String> OF_LINES = Set.of("jq", "body", "headers", "signing-keys", "fields");

    private static final Pattern PART = Pattern.compile("(\"(?:[^\"\\\\]|\\\\.)*\")(?=[,\\s]|$)|[^,\\s]+");

    private final Form form;
    private final JsonNode before;
    private final JsonNode deliveryBefore;
    /** The form as it was shown. */
    private final Form shown;

    /** @param before the definition that the form was made of; a missing node: there is none */
    FilledWebhookForm(Form form, JsonNode before) {
        this.form = form;
        this.before = before;
        this.deliveryBefore = before.path("delivery");
        this.shown = WebhookForm.of(before);
    }

    ObjectNode definition() {
        ObjectNode definition = copy(before);
        if (isChanged("name")) {
            definition.put("name", form.text("name"));
        }
        if (isChanged("other-events") || !Set.copyOf(form.all("event")).equals(Set.copyOf(shown.all("event")))) {
            definition.set("events", events());
        }
        if (!WebhookForm.condition(form).equals(plain("jq", WebhookForm.condition(shown)))) {
            put(definition, "condition", WebhookForm.condition(form));
        }
        definition.set("delivery", delivery());
        putRetry(definition);
        putChanged(definition, "maxAge", "max-age");
        if (isChanged("give-up-on")) {
            putGiveUpOn(definition);
        }
        putChanged(definition, "disableAfter", "disable-after");
        return definition;
    }

    private boolean isChanged(String field) {
        return !before.isObject() || !plain(field, form.raw(field)).equals(plain(field, shown.raw(field)));
    }

    /** A value as a browser sends it. */
    private static String plain(String field, String value) {
        if (field.equals("body")) {
            return value.replace('\r', '\n');
        }
        return (OF_LINES.contains(field) ? value.replace('\r', '\n') : value.replaceAll("[\r\n]", "")).strip();
    }

    private ArrayNode events() {
        ArrayNode events = JSON.createArrayNode();
        new LinkedHashSet<>(form.all("event")).forEach(events::add);
        if (isChanged("other-events")) {
            new LinkedHashSet<>(types(form.text("other-events"))).forEach(events::add);
        } else {
            WebhookForm.otherEvents(before.path("events")).forEach(events::add);
        }
        return events;
    }

    /** Event types with commas or spaces between them; one that holds a comma stands in quotes. */
    private static List<String> types(String text) {
        boolean isList = text.startsWith("[") && text.endsWith("]");
        Matcher parts = PART.matcher(isList ? text.substring(1, text.length() - 1) : text);
        return parts.results()
                .map(part -> part.group(1) == null ? part.group() : unquoted(part.group(1)))
                .toList();
    }

    private static String unquoted(String text) {
        try {
            return JSON.readTree(text).asText();
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    private void putRetry(ObjectNode definition) {
        String kind = form.text("retry-kind");
        if (!isChanged("retry-kind") && !(kind.equals("own") && isChanged("retry"))) {
            return;
        }
        switch (kind) {
            case "own" -> {
                ArrayNode gaps = definition.putArray("retry");
                parts(form.text("retry")).forEach(gaps::add);
            }
            case "standard", "" -> definition.remove("retry");
            default -> definition.put("retry", kind);
        }
    }

    private void putGiveUpOn(ObjectNode definition) {
        definition.remove("giveUpOn");
        List<String> statuses = parts(form.text("give-up-on"));
        if (!statuses.isEmpty()) {
            ArrayNode list = definition.putArray("giveUpOn");
            statuses.forEach(status -> addStatus(list, status));
        }
    }

    private static void addStatus(ArrayNode list, String status) {
        if (status.matches("\\d{1,9}")) {
            list.add(Integer.parseInt(status));
        } else {
            list.add(status);
        }
    }

    private static List<String> parts(String text) {
        return Arrays.stream(text.replaceAll("[\\[\\]]", "").split("[,\\s]+"))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private ObjectNode delivery() {
        ObjectNode delivery = copy(deliveryBefore);
        if (isThirdParty()) {
            putThirdParty(delivery);
        } else {
            putHttp(delivery);
        }
        putChanged(delivery, "timeout", "timeout");
        putChanged(delivery, "rateLimit", "rate-limit");
        if (isThirdParty()) {
            putConnection(delivery);
        } else {
            putAuthentication(delivery);
        }
        putWaitFor(delivery);
        putFifo(delivery);
        return delivery;
    }

    private boolean isThirdParty() {
        return WebhookForm.THIRD_PARTIES.contains(form.text("to"));
    }

    private void putHttp(ObjectNode delivery) {
        WebhookForm.THIRD_PARTIES.forEach(delivery::remove);
        putChanged(delivery, "url", "url");
        if (isChanged("method")) {
            putUnless(delivery, "method", form.text("method"), "POST");
        }
        if (isChanged("signature")) {
            delivery.remove("signed");
            putUnless(delivery, "signature", form.text("signature"), "standard");
        }
        if (isChanged("signing-keys")) {
            putSigningKeys(delivery);
        }
        putBody(delivery);
        if (isChanged("headers")) {
            putOrRemove(delivery, "headers", Pairs.TEXTS.object(form.raw("headers"), deliveryBefore.path("headers")));
        }
    }

    private void putSigningKeys(ObjectNode delivery) {
        delivery.remove("signingKeys");
        List<String> lines =
                form.text("signing-keys").lines().map(String::strip).toList();
        lines.stream().filter(line -> !line.isEmpty()).forEach(line -> delivery.withArray("/signingKeys")
                .add(Pairs.PROGRAMS.value(line)));
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

    private void putThirdParty(ObjectNode delivery) {
        String to = form.text("to");
        WebhookForm.THIRD_PARTIES.stream().filter(other -> !other.equals(to)).forEach(delivery::remove);
        JsonNode kept = deliveryBefore.path(to);
        if (kept.has("path") || kept.has("records")) {
            putBody(delivery);
            return;
        }
        delivery.remove(DefinitionReader.OF_REQUESTS_TO_A_URL);
        ObjectNode target = copy(kept);
        if (to.equals("salesforce")) {
            putTarget(target, "operation", "operation");
            putTarget(target, "object", "object");
            putTarget(target, "externalId", "external-id");
            putTarget(target, "externalIdValue", "external-value");
        } else {
            putTarget(target, "session", "session");
        }
        if (isOther("fields")) {
            putOrRemove(target, "fields", Pairs.PROGRAMS.object(form.raw("fields"), kept.path("fields")));
        }
        if (target.isEmpty() && !kept.equals(target)) {
            delivery.remove(to);
        } else {
            delivery.set(to, target);
        }
    }

    private void putTarget(ObjectNode target, String key, String field) {
        if (isOther(field)) {
            String text = form.text(field);
            target.remove(key);
            if (!text.isEmpty()) {
                target.set(key, key.equals("externalIdValue") ? Pairs.PROGRAMS.value(text) : TextNode.valueOf(text));
            }
        }
    }

    /** Whether a field of a third party says something else than what is kept for that one. */
    private boolean isOther(String field) {
        return isChanged("to") || isChanged(field);
    }

    private void putConnection(ObjectNode delivery) {
        if (isOther("connection")) {
            delivery.putObject("authentication")
                    .put("type", form.text("to"))
                    .put("connection", form.text("connection"));
        }
    }

    private void putAuthentication(ObjectNode delivery) {
        JsonNode kept = deliveryBefore.path("authentication");
        String kind = form.text("auth");
        boolean isSame = !isChanged("to") && !isChanged("auth");
        if (isSame && kept.isMissingNode() || kind.equals("custom") && kept.isObject()) {
            return;
        }
        ObjectNode authentication = isSame ? copy(kept) : JSON.createObjectNode();
        if (!isSame) {
            authentication.put("type", kind.equals("value") ? "header" : kind);
        }
        switch (kind) {
            case "header" -> {
                putMember(authentication, isSame, "user", "user");
                putSecret(authentication, "password", form.raw("password"), kept);
            }
            case "value" -> putSecret(authentication, "value", form.text("header-value"), kept);
            case "api-key" -> {
                putMember(authentication, isSame, "header", "key-header");
                putSecret(authentication, "value", form.text("key-value"), kept);
            }
            case "oauth2" -> putMember(authentication, isSame, "client", "client");
            default -> {
                // nothing to add
            }
        }
        delivery.set("authentication", authentication);
    }

    private void putMember(ObjectNode object, boolean isSame, String key, String field) {
        if (!isSame || isChanged(field)) {
            put(object, key, form.text(field));
        }
    }

    /** What was left empty stays as it is kept. */
    private static void putSecret(ObjectNode authentication, String key, String typed, JsonNode before) {
        boolean kept = before.has(key) && before.path("type").equals(authentication.path("type"));
        if (!typed.isEmpty()) {
            authentication.put(key, typed);
        } else if (kept) {
            authentication.put(key, WebhookForm.KEPT);
        }
    }

    private void putWaitFor(ObjectNode delivery) {
        if (!isChanged("wait-field") && !isChanged("wait-most")) {
            return;
        }
        if (form.text("wait-field").isEmpty()) {
            delivery.remove("waitFor");
        } else {
            ObjectNode wait = delivery.withObject("/waitFor");
            putChanged(wait, "field", "wait-field");
            putChanged(wait, "atMost", "wait-most");
        }
    }

    private void putFifo(ObjectNode delivery) {
        if (!isChanged("fifo-key") && !isChanged("fifo-skip")) {
            return;
        }
        if (form.text("fifo-key").isEmpty()) {
            delivery.remove("fifo");
        } else {
            boolean saidBefore = deliveryBefore.path("fifo").has("key");
            ObjectNode fifo = delivery.withObject("/fifo");
            if (isChanged("fifo-key")) {
                putUnless(fifo, "key", form.text("fifo-key"), saidBefore ? "" : Fifo.DEFAULT_KEY);
            }
            putChanged(fifo, "skipAfter", "fifo-skip");
        }
    }

    private void putChanged(ObjectNode object, String key, String field) {
        if (isChanged(field)) {
            put(object, key, form.text(field));
        }
    }

    private static ObjectNode copy(JsonNode object) {
        return object.isObject() ? object.deepCopy() : JSON.createObjectNode();
    }

    private static void putOrRemove(ObjectNode owner, String key, ObjectNode value) {
        if (value.isEmpty()) {
            owner.remove(key);
        } else {
            owner.set(key, value);
        }
    }

    private static void put(ObjectNode object, String key, String text) {
        if (text.isEmpty()) {
            object.remove(key);
        } else {
            object.put(key, text);
        }
    }

    private static void putUnless(ObjectNode object, String key, String text, String usual) {
        put(object, key, text.equals(usual) ? "" : text);
    }
}
