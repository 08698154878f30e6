package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.console.pages.ConditionLines.Comparison;
import io.engagementwebhooks.console.pages.ConditionLines.Line;
import io.engagementwebhooks.webhook.Fifo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The builder's form and a webhook's definition, each made of the other. What a definition holds beyond the form, and what
 * nobody changed in it, stays as it is. Thread-safe.
 */
final class WebhookForm {

    /** What is offered as event types; others can be typed. */
    private static final Set<String> OFFERED = offered();

    /** How a kept secret is shown by the API; sent back, it stays. */
    static final String KEPT = "***";

    private static final JsonMapper JSON = new JsonMapper();
    static final List<String> THIRD_PARTIES = List.of("salesforce", "contentsquare");

    private WebhookForm() {}

    private static Set<String> offered() {
        Set<String> offered = new LinkedHashSet<>(Set.of(EventGroup.EVERY));
        EventGroup.ALL.forEach(group -> {
            offered.add(group.pattern());
            group.types().forEach(type -> offered.add(type.type()));
        });
        return offered;
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
        boolean signs = delivery.path("signed").asBoolean(true);
        form.set("signature", signs ? delivery.path("signature").asText("standard") : "none");
        form.set("signing-keys", signingKeys(delivery.path("signingKeys")));
        fillBody(form, delivery);
        form.set("headers", Pairs.TEXTS.lines(delivery.path("headers")));
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
        listed(events).forEach(event -> {
            if (OFFERED.contains(event.asText())) {
                form.add("event", event.asText());
            }
        });
        form.set(
                "other-events",
                otherEvents(events).stream().map(WebhookForm::eventType).collect(Collectors.joining(", ")));
    }

    /** Event types that a definition asks for. */
    static List<String> events(JsonNode definition) {
        List<String> events = new ArrayList<>();
        listed(definition.path("events")).forEach(event -> events.add(event.asText()));
        return events;
    }

    /** Event types that are not offered. */
    static List<String> otherEvents(JsonNode events) {
        List<String> others = new ArrayList<>();
        listed(events).forEach(event -> others.add(event.asText()));
        others.removeAll(OFFERED);
        return others;
    }

    /** As it is typed among others: what would be read as several, or as a list, stands in quotes. */
    private static String eventType(String type) {
        return type.matches(".*[,\"\\[\\]].*") ? TextNode.valueOf(type).toString() : type;
    }

    /** A single value counts as a list of one. */
    private static JsonNode listed(JsonNode values) {
        return values.isValueNode() && !values.isNull() ? JSON.createArrayNode().add(values) : values;
    }

    /** One in a line: ids of the account's keys, and keys of its own as JSON. */
    private static String signingKeys(JsonNode keys) {
        List<String> lines = new ArrayList<>();
        keys.forEach(key -> lines.add(Pairs.PROGRAMS.typed(key)));
        return String.join("\n", lines);
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
            form.set("body", Pairs.TEXTS.lines(delivery.path("form")));
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
        form.set("external-value", Pairs.PROGRAMS.typed(target.path("externalIdValue")));
        form.set("session", target.path("session").asText(""));
        form.set("fields", Pairs.PROGRAMS.lines(target.path("fields")));
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
        listed(definition.path("giveUpOn")).forEach(status -> statuses.add(status.asText()));
        form.set("give-up-on", String.join(", ", statuses));
        form.set("disable-after", definition.path("disableAfter").asText(""));
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

    /** What is wrong with the lines of the condition, where it is made of lines. */
    static Faults faults(Form form) {
        Faults.Gathering faults = new Faults.Gathering();
        List<Line> lines =
                form.text("condition-kind").equals("lines") ? lines(form).lines() : List.of();
        for (int i = 0; i < lines.size(); i++) {
            String fault = lines.get(i).fault();
            if (fault != null) {
                faults.add("value-" + i, Messages.text(fault, "number", i + 1));
            }
        }
        return faults.done();
    }

    /** Whether the requests are signed by the account's keys, where it has some. */
    static boolean isSigned(Form form) {
        return !THIRD_PARTIES.contains(form.text("to"))
                && !form.text("signature").equals("none");
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
        return new FilledWebhookForm(form, before).definition();
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

    /** The fields that a fault of a definition may belong to. */
    static Set<String> fieldNames() {
        return Stream.concat(FIELDS.values().stream(), Stream.of("header-value", "key-value"))
                .collect(Collectors.toSet());
    }

    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("/name", "name"),
            Map.entry("/events", "event"),
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
            Map.entry("/delivery/signed", "signature"),
            Map.entry("/delivery/signingKeys", "signing-keys"),
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
