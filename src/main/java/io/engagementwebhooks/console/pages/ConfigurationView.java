package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A webhook's definition in the sections of the builder. */
final class ConfigurationView {

    private static final Map<String, String> LABELS = labels();
    private static final Set<String> ON_TOP = Set.of("events", "condition", "delivery", "name");

    private ConfigurationView() {}

    /** A section. @param step anchor of the builder's section @param otherwise text if it has no line */
    record Section(String title, String step, List<Line> lines, String otherwise) {}

    /** A value. @param isLong whether it has several lines or many characters */
    record Line(String label, String value, boolean isLong) {}

    private static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("events", "Event types");
        labels.put("condition", "Condition");
        labels.put("url", "URL");
        labels.put("bodyJq", "Body (jq program)");
        labels.put("maxAge", "Maximum age");
        labels.put("giveUpOn", "Do not retry on statuses");
        labels.put("rateLimit", "Rate limit");
        labels.put("disableAfter", "Disable after failing for");
        labels.put("timeout", "Timeout");
        labels.put("client", "OAuth client");
        labels.put("retry", "Retry schedule");
        return labels;
    }

    /** @param definition as in the API, or null: there is none to show */
    static List<Section> of(JsonNode definition) {
        if (definition == null || !definition.isObject()) {
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
                boolean isAuthentication = member.getKey().equals("authentication");
                add(
                        isAuthentication ? authentication : delivery,
                        isAuthentication ? "" : member.getKey(),
                        member.getValue());
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
                new Section("Condition", "step-condition", condition, "Every event of these types is sent."),
                new Section("Delivery Method", "step-delivery", delivery, ""),
                new Section("Authentication", "step-authentication", authentication, "None (signed only)"),
                new Section("Retries", "step-retries", rest, "Standard: 10 attempts over about three days."));
    }

    private static void add(List<Line> lines, String key, JsonNode value) {
        if (value == null || value.isNull()) {
            return;
        }
        if (value.isObject()) {
            value.properties()
                    .forEach(member -> add(
                            lines, key.isEmpty() ? member.getKey() : key + "." + member.getKey(), member.getValue()));
        } else if (value.isArray()) {
            List<String> all = new ArrayList<>();
            value.forEach(item -> all.add(item.isValueNode() ? item.asText() : item.toString()));
            lines.add(line(key, String.join(", ", all)));
        } else {
            lines.add(line(key, value.asText()));
        }
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
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
