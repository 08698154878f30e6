package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.forms.FormField;
import io.engagementwebhooks.console.forms.OfferedKamelet;
import io.engagementwebhooks.console.text.DeliveryText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A webhook's definition in the sections of the builder. */
public final class ConfigurationView {

    private static final Map<String, String> LABELS = labels();

    /** The members whose values the form lets choose, with what it calls the values. */
    private static final Map<String, Map<String, String>> CHOICES = choices();

    private static final Set<String> ON_TOP = Set.of("events", "condition", "delivery", "name");

    private ConfigurationView() {}

    /**
     * A section.
     *
     * @param step anchor of the builder's section
     * @param words what its lines mean; empty: nothing beside them
     * @param otherwise text if it has no line
     */
    public record Section(String title, String step, List<String> words, List<Line> lines, String otherwise) {

        Section(String title, String step, List<Line> lines, String otherwise) {
            this(title, step, List.of(), lines, otherwise);
        }
    }

    /** A value. @param isLong whether it has several lines or many characters */
    public record Line(String label, String value, boolean isLong) {}

    private static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        WebhookForm.FIELDS.forEach(field -> labels.put(key(field), field.label()));
        labels.put("events", "Event types");
        labels.put("condition", "Condition");
        labels.put("bodyJq", "Body (jq program)");
        labels.put("retry", "Retry schedule");
        return labels;
    }

    private static Map<String, Map<String, String>> choices() {
        Map<String, Map<String, String>> choices =
                new HashMap<>(Map.of("retry", WebhookForm.field("retry-kind").options()));
        WebhookForm.FIELDS.forEach(field -> choices.put(key(field), field.options()));
        return choices;
    }

    private static String key(FormField field) {
        return field.pointer()
                .replaceFirst("^/(delivery/(authentication/)?)?", "")
                .replace('/', '.');
    }

    /** @param definition as in the API; a missing node: there is none to show @param webhooks reads its condition */
    static List<Section> of(JsonNode definition, WebhookForm webhooks) {
        if (!definition.isObject()) {
            return List.of();
        }
        List<Line> events = new ArrayList<>();
        add(events, "events", definition.get("events"));
        List<Line> condition = new ArrayList<>();
        add(condition, "condition", definition.get("condition"));
        List<Line> delivery = new ArrayList<>();
        List<Line> authentication = new ArrayList<>();
        JsonNode method = definition.get("delivery");
        if (method != null) {
            method.properties().forEach(member -> {
                if (member.getKey().equals("authentication")) {
                    addAuthentication(authentication, member.getValue());
                } else if (member.getKey().equals(WebhookForm.KAMELET)) {
                    addKamelet(delivery, member.getValue(), webhooks.kamelet(definition));
                } else {
                    add(delivery, member.getKey(), member.getValue());
                }
            });
        }
        List<Line> rest = new ArrayList<>();
        definition.properties().forEach(member -> {
            if (!ON_TOP.contains(member.getKey())) {
                add(rest, member.getKey(), member.getValue());
            }
        });
        return List.of(
                new Section("Events", "step-events", events, ""),
                new Section(
                        "Condition",
                        "step-condition",
                        webhooks.words(definition),
                        condition,
                        "Every event of these types is sent."),
                new Section("Delivery Method", "step-delivery", delivery, ""),
                new Section("Authentication", "step-authentication", authentication, unauthenticated(definition)),
                new Section("Retries", "step-retries", rest, "Standard: 10 attempts over about three days."));
    }

    private static void add(List<Line> lines, String key, JsonNode value) {
        if (value == null || value.isNull()) {
            return;
        }
        if (value.isObject()) {
            value.properties().forEach(member -> add(lines, key + "." + member.getKey(), member.getValue()));
        } else if (value.isArray()) {
            List<String> all = new ArrayList<>();
            value.forEach(item -> all.add(item.isValueNode() ? item.asText() : item.toString()));
            lines.add(line(key, String.join(", ", all)));
        } else {
            lines.add(line(key, CHOICES.getOrDefault(key, Map.of()).getOrDefault(value.asText(), value.asText())));
        }
    }

    private static void addAuthentication(List<Line> lines, JsonNode authentication) {
        authentication.properties().forEach(member -> {
            if (member.getKey().equals("type")) {
                lines.add(line("type", BuilderView.authentication(authentication)));
            } else {
                add(lines, member.getKey(), member.getValue());
            }
        });
    }

    private static String unauthenticated(JsonNode definition) {
        return definition.path("delivery").has(WebhookForm.KAMELET)
                ? "Set under Delivery Method, or by the operator of this installation."
                : "None (signed only)";
    }

    private static void addKamelet(List<Line> lines, JsonNode kamelet, Optional<OfferedKamelet> offered) {
        String name = kamelet.path("name").asText();
        lines.add(line(
                WebhookForm.KAMELET + ".name",
                offered.map(OfferedKamelet::title).orElse(name)));
        kamelet.path("properties")
                .properties()
                .forEach(property -> lines.add(new Line(
                        offered.map(one -> one.label(property.getKey())).orElse(property.getKey()),
                        property.getValue().asText(),
                        false)));
    }

    private static Line line(String key, String value) {
        return new Line(label(key), value, value.contains("\n") || value.length() > 80);
    }

    private static String label(String key) {
        String known = LABELS.get(key);
        if (known != null) {
            return known;
        }
        String words = key.matches("[a-z]+([A-Z][a-z]+)*")
                ? key.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT)
                : key;
        return DeliveryText.label(words);
    }
}
