package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.console.forms.Faults;
import io.engagementwebhooks.console.forms.FieldText;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.FormField;
import io.engagementwebhooks.console.forms.FormReader;
import io.engagementwebhooks.console.forms.OfferedKamelet;
import io.engagementwebhooks.console.forms.Pairs;
import io.engagementwebhooks.console.text.Messages;
import io.engagementwebhooks.console.webhooks.ConditionLines.Comparison;
import io.engagementwebhooks.console.webhooks.ConditionLines.Line;
import io.engagementwebhooks.webhook.EventCatalog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Converts between the builder's form and a webhook's definition. Parts of a definition that the form lacks stay as they
 * are. Immutable.
 *
 * @param catalog event types of the account, which are offered; others can be typed
 * @param kamelets that are offered
 */
public record WebhookForm(EventCatalog catalog, List<OfferedKamelet> kamelets) {

    /** The choice of a URL, and that of any third party, which show fields. */
    static final String HTTP = "http";

    static final String CONNECTION = "connection";

    /** The choice of another system, and the field with the name of its Kamelet. */
    static final String KAMELET = "kamelet";

    static final List<String> THIRD_PARTIES = List.of("salesforce", "contentsquare");

    private static final JsonMapper JSON = new JsonMapper();

    /** Fields of the request, which are folded at first. */
    public static final List<FormField> REQUEST = FormReader.ofBuilder("request");

    /** Fields of limits, rate, order and waiting, which are folded at first. */
    public static final List<FormField> LIMITS = FormReader.ofBuilder("limits");

    /** Fields with the value of one member each. */
    static final List<FormField> FIELDS = Stream.of(FormReader.ofBuilder("fields"), REQUEST, LIMITS)
            .flatMap(List::stream)
            .toList();

    public static final List<FormField> ALL = Stream.concat(FIELDS.stream(), FormReader.ofBuilder("parts").stream())
            .toList();

    /** Fields of members beside their own, by JSON pointer. */
    private static final Map<String, String> FURTHER = Map.of(
            "/delivery/format", "body",
            "/delivery/bodyJq", "body",
            "/delivery/form", "body",
            "/delivery/signed", "signature");

    private static final Pattern PART = Pattern.compile("(\"(?:[^\"\\\\]|\\\\.)*\")(?=[,\\s]|$)|[^,\\s]+");

    /** The form of a new webhook. */
    static Form fresh() {
        return new Form.Filling()
                .set("condition-kind", "none")
                .set("match", "all")
                .set("to", HTTP)
                .set("body-kind", "event")
                .set("auth", "none")
                .set("retry-kind", "standard")
                .done();
    }

    /** The form of a definition as shown by the API. */
    Form of(JsonNode definition) {
        JsonNode delivery = definition.path("delivery");
        JsonNode authentication = delivery.path("authentication");
        String type = authentication.path("type").asText("none");
        boolean isThirdParty = THIRD_PARTIES.contains(type);
        Form.Filling form = new Form.Filling();
        FIELDS.stream()
                .filter(field -> Collections.disjoint(THIRD_PARTIES, field.only())
                        || field.only().contains(type))
                .forEach(field -> field.fill(form, definition));
        kamelet(definition).ifPresent(kamelet -> kamelet.fields().forEach(field -> field.fill(form, definition)));
        form.set("to", isThirdParty ? type : delivery.has(KAMELET) ? KAMELET : HTTP);
        form.set("auth", isThirdParty ? "none" : authentication(authentication));
        if (!delivery.path("signed").asBoolean(true)) {
            form.set("signature", "none");
        }
        fillEvents(form, events(definition));
        fillCondition(form, definition.path("condition").asText(""), fields(events(definition)));
        fillBody(form, delivery);
        JsonNode retry = definition.path("retry");
        form.set("retry-kind", retry.isArray() ? "own" : retry.asText("standard"));
        form.set("retry", String.join(", ", retry.isArray() ? FieldText.texts(retry) : List.of()));
        return form.done();
    }

    /** The kind of an authentication in the form: its type, or a whole value. @param authentication as in a definition */
    static String authentication(JsonNode authentication) {
        String type = authentication.path("type").asText("none");
        return type.equals("header") && authentication.has("value") ? "value" : type;
    }

    private void fillEvents(Form.Filling form, List<String> events) {
        Set<String> offered = EventGroup.offered(catalog);
        events.stream().filter(offered::contains).forEach(event -> form.add("event", event));
        form.set(
                "other-events",
                events.stream()
                        .filter(event -> !offered.contains(event))
                        .map(WebhookForm::eventType)
                        .collect(Collectors.joining(", ")));
    }

    /** Event types of a definition. */
    public static List<String> events(JsonNode definition) {
        return FieldText.texts(definition.path("events"));
    }

    /** Event types of a form. */
    static List<String> events(Form form) {
        return Stream.concat(form.all("event").stream(), eventTypes(form.text("other-events")))
                .distinct()
                .toList();
    }

    /** Event types separated by commas or spaces; a type with a comma is quoted. */
    private static Stream<String> eventTypes(String text) {
        boolean isList = text.startsWith("[") && text.endsWith("]");
        Matcher parts = PART.matcher(isList ? text.substring(1, text.length() - 1) : text);
        return parts.results().map(part -> part.group(1) == null ? part.group() : unquoted(part.group(1)));
    }

    private static String unquoted(String text) {
        try {
            return JSON.readTree(text).asText();
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    /** The fields of the events of a form. */
    EventFields fields(Form form) {
        return fields(events(form));
    }

    private EventFields fields(List<String> events) {
        return new EventFields(catalog, events);
    }

    /** An event type as typed in a list: ambiguous ones are quoted. */
    private static String eventType(String type) {
        return type.matches(".*[,\"\\[\\]].*") ? TextNode.valueOf(type).toString() : type;
    }

    private static void fillCondition(Form.Filling form, String program, EventFields fields) {
        Optional<ConditionLines> lines = ConditionLines.of(program, fields);
        form.set("condition-kind", program.isBlank() ? "none" : lines.isPresent() ? "lines" : "jq");
        form.set("jq", program);
        form.set("match", lines.map(ConditionLines::all).orElse(true) ? "all" : "any");
        lines.ifPresent(known -> known.lines()
                .forEach(line -> form.add("field", line.field().path())
                        .add("comparison", line.comparison().name())
                        .add("value", line.value())));
    }

    /** The rules of a definition's condition in words; empty: it is not made of rules. */
    List<String> words(JsonNode definition) {
        return ConditionLines.of(definition.path("condition").asText(""), fields(events(definition)))
                .map(ConditionLines::words)
                .orElse(List.of());
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

    /** The submitted rules of the condition. */
    ConditionLines lines(Form form) {
        EventFields known = fields(form);
        List<String> fields = form.all("field");
        List<String> comparisons = form.all("comparison");
        List<String> values = form.all("value");
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            lines.add(Line.submitted(
                    fields.get(i),
                    known,
                    Comparison.of(i < comparisons.size() ? comparisons.get(i) : ""),
                    i < values.size() ? values.get(i) : ""));
        }
        return new ConditionLines(!form.text("match").equals("any"), lines);
    }

    /** The submitted rules, or one to fill in. */
    List<Line> shownLines(Form form) {
        List<Line> lines = lines(form).lines();
        return lines.isEmpty() ? List.of(Line.fresh(fields(form).offered().get(0))) : lines;
    }

    /** The Kamelet of a definition; empty: it has another target, or is not offered. */
    Optional<OfferedKamelet> kamelet(JsonNode definition) {
        return kamelets.stream().filter(kamelet -> kamelet.isOf(definition)).findFirst();
    }

    /** The Kamelet of a form; empty: another target, none is chosen, or it is not offered. */
    Optional<OfferedKamelet> kamelet(Form form) {
        return kamelets.stream()
                .filter(kamelet ->
                        form.text("to").equals(KAMELET) && kamelet.name().equals(form.text(KAMELET)))
                .findFirst();
    }

    /** Errors of the rules, if the condition has rules, and of the Kamelet. @param before the stored definition */
    Faults faults(Form form, JsonNode before) {
        Faults.Gathering faults = new Faults.Gathering();
        kamelet(form).ifPresent(kamelet -> kamelet.faults(form, before).fields().forEach(faults::add));
        if (form.text("to").equals(KAMELET) && form.text(KAMELET).isEmpty()) {
            faults.add(KAMELET, Messages.text("required.kamelet"));
        }
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

    /** Whether requests are signed with the account's keys, if it has any. */
    static boolean isSigned(Form form) {
        return form.text("to").equals(HTTP) && !form.text("signature").equals("none");
    }

    /** The jq program of the form; empty: every event. */
    String condition(Form form) {
        return switch (form.text("condition-kind")) {
            case "lines" -> lines(form).program();
            case "jq" -> form.text("jq");
            default -> "";
        };
    }

    /**
     * The definition of a form.
     *
     * @param before the definition it was created from, with parts that the form lacks; a missing node: there is none
     */
    ObjectNode definition(Form form, JsonNode before) {
        return new FilledWebhookForm(this, form, before).definition();
    }

    /** A field. @throws java.util.NoSuchElementException if the form has no such field */
    public static FormField field(String name) {
        return FormField.named(name, ALL);
    }

    /** The name of the field of a JSON pointer into the definition; null: none. */
    static String fieldAt(String pointer, Form form) {
        for (Map.Entry<String, String> further : FURTHER.entrySet()) {
            if ((pointer + "/").startsWith(further.getKey() + "/")) {
                return further.getValue();
            }
        }
        boolean isUser = pointer.equals("/delivery/authentication/value")
                && form.text("auth").equals("header");
        return isUser
                ? "user"
                : FormField.at(
                        pointer,
                        ALL.stream().filter(field -> isShown(field, form)).toList());
    }

    private static boolean isShown(FormField field, Form form) {
        String to = form.text("to");
        if (to.equals(KAMELET)) {
            return field.isOf(List.of(KAMELET));
        }
        boolean isThirdParty = THIRD_PARTIES.contains(to);
        return field.isOf(isThirdParty ? List.of(CONNECTION, to) : List.of(HTTP, form.text("auth")));
    }
}
