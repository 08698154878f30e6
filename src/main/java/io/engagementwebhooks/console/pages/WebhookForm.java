package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.console.pages.ConditionLines.Comparison;
import io.engagementwebhooks.console.pages.ConditionLines.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The builder's form and a webhook's definition, each made of the other. What a definition holds beyond the form, and what
 * nobody changed in it, stays as it is. Thread-safe.
 */
final class WebhookForm {

    /** What is offered as event types; others can be typed. */
    private static final Set<String> OFFERED = offered();

    /** How a kept secret is shown by the API; sent back, it stays. */
    static final String KEPT = "***";

    static final List<String> THIRD_PARTIES = List.of("salesforce", "contentsquare");

    /** By the pointer to what they stand for. */
    private static final Map<String, String> FIELDS = fields();

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
        JsonNode delivery = definition.path("delivery");
        JsonNode authentication = delivery.path("authentication");
        String type = authentication.path("type").asText("none");
        boolean isThirdParty = THIRD_PARTIES.contains(type);
        boolean isReady = type.equals("header") && authentication.has("value");
        Form.Filling form = new Form.Filling();
        FormField.ALL.stream()
                .filter(field ->
                        !THIRD_PARTIES.contains(field.group()) || field.group().equals(type))
                .forEach(field -> form.set(field.name(), field.typed(definition)));
        form.set("to", isThirdParty ? type : FormField.URL);
        form.set("auth", isThirdParty ? "none" : isReady ? "value" : type);
        if (!delivery.path("signed").asBoolean(true)) {
            form.set("signature", "none");
        }
        fillEvents(form, definition.path("events"));
        fillCondition(form, definition.path("condition").asText(""));
        fillBody(form, delivery);
        JsonNode retry = definition.path("retry");
        form.set("retry-kind", retry.isArray() ? "own" : retry.asText("standard"));
        form.set("retry", String.join(", ", retry.isArray() ? texts(retry) : List.of()));
        return form.done();
    }

    private static void fillEvents(Form.Filling form, JsonNode events) {
        texts(events).stream().filter(OFFERED::contains).forEach(event -> form.add("event", event));
        form.set(
                "other-events",
                otherEvents(events).stream().map(WebhookForm::eventType).collect(Collectors.joining(", ")));
    }

    /** Event types that a definition asks for. */
    static List<String> events(JsonNode definition) {
        return texts(definition.path("events"));
    }

    /** Event types that are not offered. */
    static List<String> otherEvents(JsonNode events) {
        return texts(events).stream().filter(event -> !OFFERED.contains(event)).toList();
    }

    /** As it is typed among others: what would be read as several, or as a list, stands in quotes. */
    private static String eventType(String type) {
        return type.matches(".*[,\"\\[\\]].*") ? TextNode.valueOf(type).toString() : type;
    }

    /** The items of a list; a single value counts as a list of one. */
    static List<String> texts(JsonNode values) {
        return values.isValueNode() && !values.isNull()
                ? List.of(values.asText())
                : StreamSupport.stream(values.spliterator(), false)
                        .map(JsonNode::asText)
                        .toList();
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
        if (pointer.startsWith("/delivery/authentication/value")) {
            return form.text("auth").equals("api-key") ? "key-value" : "header-value";
        }
        if (pointer.equals("/delivery/fifo")) {
            return "fifo-key";
        }
        return FIELDS.entrySet().stream()
                .filter(known -> (pointer + "/").startsWith(known.getKey() + "/"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** The fields that a fault of a definition may belong to. */
    static Set<String> fieldNames() {
        return Stream.concat(FIELDS.values().stream(), Stream.of("header-value", "key-value"))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> fields() {
        Map<String, String> fields = new HashMap<>(Map.of(
                "/events", "event",
                "/condition", "jq",
                "/delivery/format", "body",
                "/delivery/body", "body",
                "/delivery/bodyJq", "body",
                "/delivery/form", "body",
                "/delivery/signed", "signature",
                "/delivery/authentication/password", "password",
                "/retry", "retry"));
        FormField.ALL.forEach(field -> fields.put(field.pointer(), field.name()));
        return fields;
    }
}
