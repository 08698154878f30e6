package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.console.pages.ConditionLines.Comparison;
import io.engagementwebhooks.console.pages.ConditionLines.Line;
import io.engagementwebhooks.webhook.Fifo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The builder's form and a webhook's definition, each made of the other. What a definition holds beyond the form stays as
 * it is. Thread-safe.
 */
final class WebhookForm {

    /** Event types that are offered; others can be typed. */
    static final Map<String, String> KNOWN_EVENTS = knownEvents();

    /** How a kept secret is shown by the API; sent back, it stays. */
    static final String KEPT = "***";

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> THIRD_PARTIES = List.of("salesforce", "contentsquare");

    private WebhookForm() {}

    private static Map<String, String> knownEvents() {
        Map<String, String> events = new java.util.LinkedHashMap<>();
        events.put("call.ended", "Call ended");
        events.put("call.missed", "Call missed");
        events.put("call.modified", "Call modified");
        events.put("recording.available", "Recording available");
        events.put("transcript.available", "Transcript available");
        events.put("callback.requested", "Callback requested");
        events.put("text.received", "Text received");
        events.put("text.sent", "Text sent");
        events.put("form.submitted", "Form submitted");
        return events;
    }

    /** The form of a webhook that is not there yet. */
    static Form fresh() {
        return new Form.Filling()
                .set("condition-kind", "none")
                .set("match", "all")
                .set("to", "http")
                .set("method", "POST")
                .set("body-kind", "event")
                .set("auth", "none")
                .set("signature", "standard")
                .set("retry-kind", "standard")
                .done();
    }

    /** The form of a definition as the API shows it. */
    static Form of(JsonNode definition) {
        Form.Filling form = new Form.Filling();
        form.set("name", definition.path("name").asText(""));
        fillEvents(form, definition.path("events"));
        fillCondition(form, definition.path("condition").asText(""));
        JsonNode delivery = definition.path("delivery");
        JsonNode authentication = delivery.path("authentication");
        String type = authentication.path("type").asText("none");
        form.set("to", THIRD_PARTIES.contains(type) ? type : "http");
        form.set("url", delivery.path("url").asText(""));
        form.set("method", delivery.path("method").asText("POST"));
        form.set("timeout", delivery.path("timeout").asText(""));
        form.set("signature", delivery.path("signature").asText("standard"));
        fillBody(form, delivery);
        form.set("headers", pairs(delivery.path("headers")));
        fillAuthentication(form, authentication, type);
        fillThirdParty(form, delivery, type);
        fillRetry(form, definition);
        form.set("rate-limit", delivery.path("rateLimit").asText(""));
        form.set("wait-field", delivery.path("waitFor").path("field").asText(""));
        form.set("wait-most", delivery.path("waitFor").path("atMost").asText(""));
        form.set(
                "fifo-key",
                delivery.has("fifo") ? delivery.path("fifo").path("key").asText(Fifo.DEFAULT_KEY) : "");
        form.set("fifo-skip", delivery.path("fifo").path("skipAfter").asText(""));
        return form.done();
    }

    private static void fillEvents(Form.Filling form, JsonNode events) {
        List<String> others = new ArrayList<>();
        for (JsonNode event : events.isTextual() ? JSON.createArrayNode().add(events) : events) {
            if (KNOWN_EVENTS.containsKey(event.asText())) {
                form.add("event", event.asText());
            } else {
                others.add(event.asText());
            }
        }
        form.set("other-events", String.join(", ", others));
    }

    private static void fillCondition(Form.Filling form, String program) {
        Optional<ConditionLines> lines = ConditionLines.of(program);
        form.set("condition-kind", program.isBlank() ? "none" : lines.isPresent() ? "lines" : "jq");
        form.set("jq", program);
        form.set("match", lines.map(ConditionLines::all).orElse(true) ? "all" : "any");
        lines.ifPresent(known -> known.lines().forEach(line -> form.add("field", line.field())
                .add("comparison", line.comparison().name())
                .add("value", line.value())));
    }

    private static void fillBody(Form.Filling form, JsonNode delivery) {
        boolean isForm = delivery.path("format").asText("json").equals("form");
        if (delivery.has("body")) {
            form.set("body-kind", isForm ? "form" : "json")
                    .set("body", delivery.path("body").asText());
        } else if (delivery.has("bodyJq")) {
            form.set("body-kind", isForm ? "other" : "jq")
                    .set("body", delivery.path("bodyJq").asText());
        } else {
            form.set("body-kind", delivery.has("form") ? "fields" : "event");
            form.set("body", pairs(delivery.path("form")));
        }
    }

    private static void fillAuthentication(Form.Filling form, JsonNode authentication, String type) {
        boolean ready = type.equals("header") && authentication.has("value");
        form.set("auth", THIRD_PARTIES.contains(type) ? "none" : ready ? "value" : type);
        form.set("user", authentication.path("user").asText(""));
        form.set("key-header", authentication.path("header").asText(""));
        form.set("client", authentication.path("client").asText(""));
        form.set("connection", authentication.path("connection").asText(""));
    }

    private static void fillThirdParty(Form.Filling form, JsonNode delivery, String type) {
        JsonNode target = delivery.path(type);
        form.set("operation", target.path("operation").asText(""))
                .set("object", target.path("object").asText(""));
        form.set("external-id", target.path("externalId").asText(""));
        form.set("external-value", target.path("externalIdValue").asText(""));
        form.set("session", target.path("session").asText(""));
        form.set("fields", pairs(target.path("fields")));
    }

    private static void fillRetry(Form.Filling form, JsonNode definition) {
        JsonNode retry = definition.path("retry");
        if (retry.isArray()) {
            List<String> gaps = new ArrayList<>();
            retry.forEach(gap -> gaps.add(gap.asText()));
            form.set("retry-kind", "own").set("retry", String.join(", ", gaps));
        } else {
            form.set("retry-kind", retry.asText("standard"));
        }
        form.set("max-age", definition.path("maxAge").asText(""));
        List<String> statuses = new ArrayList<>();
        definition.path("giveUpOn").forEach(status -> statuses.add(status.asText()));
        form.set("give-up-on", String.join(", ", statuses));
        form.set("disable-after", definition.path("disableAfter").asText(""));
    }

    /** {@code name: value} in lines. */
    private static String pairs(JsonNode object) {
        List<String> lines = new ArrayList<>();
        object.properties()
                .forEach(member -> lines.add(member.getKey() + ": "
                        + (member.getValue().isValueNode()
                                ? member.getValue().asText()
                                : member.getValue().toString())));
        return String.join("\n", lines);
    }

    /** The lines of the condition builder as they were sent. */
    static ConditionLines lines(Form form) {
        List<String> fields = form.all("field");
        List<String> comparisons = form.all("comparison");
        List<String> values = form.all("value");
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            lines.add(new Line(
                    fields.get(i),
                    Comparison.of(i < comparisons.size() ? comparisons.get(i) : ""),
                    i < values.size() ? values.get(i) : ""));
        }
        return new ConditionLines(!form.text("match").equals("any"), lines);
    }

    /** The jq program that the form means; empty: every event. */
    static String condition(Form form) {
        return switch (form.text("condition-kind")) {
            case "lines" -> lines(form).program();
            case "jq" -> form.text("jq");
            default -> "";
        };
    }

    /**
     * The definition that a form means.
     *
     * @param before the definition it was made of, with what the form does not show; a missing node: there is none
     */
    static ObjectNode definition(Form form, JsonNode before) {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        definition.put("name", form.text("name"));
        ArrayNode events = definition.putArray("events");
        events(form).forEach(events::add);
        put(definition, "condition", condition(form));
        definition.set("delivery", delivery(form, before.path("delivery")));
        switch (form.text("retry-kind")) {
            case "own" -> {
                ArrayNode gaps = definition.putArray("retry");
                parts(form.text("retry")).forEach(gaps::add);
            }
            case "standard", "" -> definition.remove("retry");
            default -> definition.put("retry", form.text("retry-kind"));
        }
        put(definition, "maxAge", form.text("max-age"));
        definition.remove("giveUpOn");
        List<String> statuses = parts(form.text("give-up-on"));
        if (!statuses.isEmpty()) {
            ArrayNode list = definition.putArray("giveUpOn");
            statuses.forEach(status -> addStatus(list, status));
        }
        put(definition, "disableAfter", form.text("disable-after"));
        return definition;
    }

    private static void addStatus(ArrayNode list, String status) {
        if (status.matches("\\d{1,9}")) {
            list.add(Integer.parseInt(status));
        } else {
            list.add(status);
        }
    }

    private static Set<String> events(Form form) {
        Set<String> events = new LinkedHashSet<>(form.all("event"));
        events.addAll(parts(form.text("other-events")));
        return events;
    }

    private static List<String> parts(String text) {
        return Arrays.stream(text.replaceAll("[\\[\\]]", "").split("[,\\s]+"))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static ObjectNode delivery(Form form, JsonNode before) {
        ObjectNode delivery = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        String to = form.text("to");
        boolean http = !THIRD_PARTIES.contains(to);
        if (http) {
            THIRD_PARTIES.forEach(delivery::remove);
            put(delivery, "url", form.text("url"));
            putUnless(delivery, "method", form.text("method"), "POST");
            putUnless(delivery, "signature", form.text("signature"), "standard");
            putBody(delivery, form);
            delivery.remove("headers");
            ObjectNode headers = object(form.raw("headers"), false);
            if (!headers.isEmpty()) {
                delivery.set("headers", headers);
            }
        } else {
            THIRD_PARTIES.stream().filter(other -> !other.equals(to)).forEach(delivery::remove);
            if (before.path(to).has("path") || before.path(to).has("records")) {
                putBody(delivery, form);
            } else {
                delivery.remove(List.of("url", "method", "signature", "format", "body", "bodyJq", "form", "headers"));
                delivery.remove(to);
                ObjectNode target = thirdParty(form, to);
                if (!target.isEmpty()) {
                    delivery.set(to, target);
                }
            }
        }
        put(delivery, "timeout", form.text("timeout"));
        put(delivery, "rateLimit", form.text("rate-limit"));
        delivery.set("authentication", authentication(form, to, before.path("authentication")));
        delivery.remove("waitFor");
        if (!form.text("wait-field").isEmpty()) {
            ObjectNode wait = delivery.putObject("waitFor").put("field", form.text("wait-field"));
            put(wait, "atMost", form.text("wait-most"));
        }
        delivery.remove("fifo");
        if (!form.text("fifo-key").isEmpty()) {
            ObjectNode fifo = delivery.putObject("fifo");
            boolean saidBefore = before.path("fifo").has("key");
            putUnless(fifo, "key", form.text("fifo-key"), saidBefore ? "" : Fifo.DEFAULT_KEY);
            put(fifo, "skipAfter", form.text("fifo-skip"));
        }
        return delivery;
    }

    private static void putBody(ObjectNode delivery, Form form) {
        String kind = form.text("body-kind");
        if (kind.equals("other")) {
            return;
        }
        delivery.remove(List.of("format", "body", "bodyJq", "form"));
        switch (kind) {
            case "json" -> delivery.put("body", form.raw("body"));
            case "form" -> delivery.put("format", "form").put("body", form.raw("body"));
            case "fields" -> delivery.set("form", object(form.raw("body"), false));
            case "jq" -> delivery.put("bodyJq", form.raw("body"));
            default -> {
                // the whole event
            }
        }
    }

    private static ObjectNode authentication(Form form, String to, JsonNode before) {
        ObjectNode authentication = JSON.createObjectNode();
        if (THIRD_PARTIES.contains(to)) {
            return authentication.put("type", to).put("connection", form.text("connection"));
        }
        String kind = form.text("auth");
        authentication.put("type", kind.equals("value") ? "header" : kind);
        switch (kind) {
            case "header" -> {
                put(authentication, "user", form.text("user"));
                putSecret(authentication, "password", form.raw("password"), before);
            }
            case "value" -> putSecret(authentication, "value", form.text("header-value"), before);
            case "api-key" -> {
                put(authentication, "header", form.text("key-header"));
                putSecret(authentication, "value", form.text("key-value"), before);
            }
            case "oauth2" -> {
                put(authentication, "client", form.text("client"));
                if (before.path("type").asText().equals("oauth2") && before.has("renewOn")) {
                    authentication.set("renewOn", before.get("renewOn"));
                }
            }
            case "custom" -> {
                return before.isObject() ? before.deepCopy() : authentication;
            }
            default -> {
                // nothing to add
            }
        }
        return authentication;
    }

    /** What was left empty stays as it is kept. */
    private static void putSecret(ObjectNode authentication, String key, String typed, JsonNode before) {
        boolean kept = before.has(key) && before.path("type").equals(authentication.path("type"));
        if (!typed.isEmpty()) {
            authentication.put(key, typed);
        } else if (kept) {
            authentication.put(key, KEPT);
        }
    }

    private static ObjectNode thirdParty(Form form, String to) {
        ObjectNode target = JSON.createObjectNode();
        ObjectNode fields = object(form.raw("fields"), true);
        if (to.equals("salesforce")) {
            put(target, "operation", form.text("operation"));
            put(target, "object", form.text("object"));
            put(target, "externalId", form.text("external-id"));
            put(target, "externalIdValue", form.text("external-value"));
        } else {
            put(target, "session", form.text("session"));
        }
        if (!fields.isEmpty()) {
            target.set("fields", fields);
        }
        return target;
    }

    /** @param programs whether a value may be an object, such as a jq program */
    private static ObjectNode object(String lines, boolean programs) {
        ObjectNode object = JSON.createObjectNode();
        for (String line : lines.split("\n")) {
            int colon = line.indexOf(':');
            if (!line.isBlank()) {
                String value = colon < 0 ? "" : line.substring(colon + 1).strip();
                String name = (colon < 0 ? line : line.substring(0, colon)).strip();
                object.set(name, programs ? value(value) : JSON.getNodeFactory().textNode(value));
            }
        }
        return object;
    }

    private static JsonNode value(String text) {
        if (text.startsWith("{\"")) {
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                // a text, then
            }
        }
        return JSON.getNodeFactory().textNode(text);
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

    /** The field of the form that a JSON pointer into the definition means; null: none. */
    static String field(String pointer, Form form) {
        String auth = form.text("auth");
        if (pointer.startsWith("/delivery/authentication/value")) {
            return auth.equals("api-key") ? "key-value" : "header-value";
        }
        if (pointer.equals("/delivery/fifo")) {
            return "fifo-key";
        }
        for (Map.Entry<String, String> known : FIELDS.entrySet()) {
            if (pointer.equals(known.getKey()) || pointer.startsWith(known.getKey() + "/")) {
                return known.getValue();
            }
        }
        return null;
    }

    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("/name", "name"),
            Map.entry("/events", "other-events"),
            Map.entry("/condition", "jq"),
            Map.entry("/delivery/url", "url"),
            Map.entry("/delivery/method", "method"),
            Map.entry("/delivery/format", "body"),
            Map.entry("/delivery/body", "body"),
            Map.entry("/delivery/bodyJq", "body"),
            Map.entry("/delivery/form", "body"),
            Map.entry("/delivery/headers", "headers"),
            Map.entry("/delivery/timeout", "timeout"),
            Map.entry("/delivery/signature", "signature"),
            Map.entry("/delivery/rateLimit", "rate-limit"),
            Map.entry("/delivery/fifo/skipAfter", "fifo-skip"),
            Map.entry("/delivery/fifo/key", "fifo-key"),
            Map.entry("/delivery/waitFor/field", "wait-field"),
            Map.entry("/delivery/waitFor/atMost", "wait-most"),
            Map.entry("/delivery/authentication/user", "user"),
            Map.entry("/delivery/authentication/password", "password"),
            Map.entry("/delivery/authentication/header", "key-header"),
            Map.entry("/delivery/authentication/client", "client"),
            Map.entry("/delivery/authentication/connection", "connection"),
            Map.entry("/delivery/salesforce/operation", "operation"),
            Map.entry("/delivery/salesforce/object", "object"),
            Map.entry("/delivery/salesforce/externalId", "external-id"),
            Map.entry("/delivery/salesforce/externalIdValue", "external-value"),
            Map.entry("/delivery/salesforce/fields", "fields"),
            Map.entry("/delivery/contentsquare/session", "session"),
            Map.entry("/delivery/contentsquare/fields", "fields"),
            Map.entry("/retry", "retry"),
            Map.entry("/maxAge", "max-age"),
            Map.entry("/giveUpOn", "give-up-on"),
            Map.entry("/disableAfter", "disable-after"));
}
