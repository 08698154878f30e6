package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.console.text.Messages;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.kamelet.KameletDefinition;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.webhook.Target;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Kamelet that the Engagement Builder offers, with a field for each property that the operator opened. Immutable.
 *
 * @param fields in the order of the Kamelet's file
 */
public record OfferedKamelet(Kamelets.Allowed allowed, List<FormField> fields) {

    /** The start of the names of all fields, and of the choice that shows them. */
    static final String PREFIX = "kamelet.";

    private static final String AT = "/delivery/kamelet/";

    /** All that webhooks may use, by title. */
    public static List<OfferedKamelet> of(Kamelets kamelets) {
        return kamelets.byName().values().stream()
                .map(OfferedKamelet::of)
                .sorted(Comparator.comparing(OfferedKamelet::title, String.CASE_INSENSITIVE_ORDER))
                .toList();
    }

    private static OfferedKamelet of(Kamelets.Allowed allowed) {
        return new OfferedKamelet(
                allowed,
                allowed.definition().properties().stream()
                        .filter(allowed.open()::contains)
                        .map(property -> field(allowed, property))
                        .toList());
    }

    private static FormField field(Kamelets.Allowed allowed, String property) {
        KameletDefinition definition = allowed.definition();
        JsonNode schema = definition.property(property);
        boolean isRequired = allowed.required().contains(property);
        return new FormField(
                PREFIX + definition.name() + "." + property,
                AT + "properties/" + property,
                label(definition, property),
                schema.path("type").asText().equals("integer") ? FormField.Kind.NUMBER : FormField.Kind.TEXT,
                schema.path("description").textValue(),
                schema.path("example").asText(schema.path("default").asText(null)),
                null,
                isRequired,
                // so the API masks
                Redactor.isSensitive(property),
                0,
                null,
                options(schema, isRequired),
                false,
                Set.of(choice(definition.name())));
    }

    private static Map<String, String> options(JsonNode schema, boolean isRequired) {
        Map<String, String> values = new LinkedHashMap<>();
        if (schema.path("type").asText().equals("boolean")) {
            values.put("true", "Yes");
            values.put("false", "No");
        }
        schema.path("enum").forEach(value -> values.put(value.asText(), value.asText()));
        if (values.isEmpty()) {
            return values;
        }
        String usual = values.get(schema.path("default").asText());
        Map<String, String> options = new LinkedHashMap<>();
        options.put("", usual != null ? "Default: " + usual : isRequired ? "Choose one" : "Not set");
        options.putAll(values);
        return options;
    }

    private static String label(KameletDefinition definition, String property) {
        return definition.property(property).path("title").asText(property);
    }

    /** The label of a property, opened or not; its name if it has none. */
    public String label(String property) {
        return label(allowed.definition(), property);
    }

    /** The choice of the builder that shows the fields of a Kamelet. */
    public static String choice(String name) {
        return PREFIX + name;
    }

    public String name() {
        return allowed.definition().name();
    }

    /** What webhooks and deliveries show as the URL. */
    public String url() {
        return Target.Kamelet.DESTINATION + ":" + name();
    }

    public String title() {
        return allowed.definition().title();
    }

    public String summary() {
        return allowed.definition().summary();
    }

    /** What a user must enter, in words; empty: nothing. */
    public String needs() {
        return fields.stream().filter(FormField::required).map(FormField::label).collect(Collectors.joining(", "));
    }

    /** Whether a definition sends to it. */
    public boolean isOf(JsonNode definition) {
        return definition.at(AT + "name").asText().equals(name());
    }

    /** Errors of a form's values. @param before the stored definition, whose secrets stay unless others are typed */
    public Faults faults(Form form, JsonNode before) {
        Faults.Gathering faults = new Faults.Gathering();
        for (FormField field : fields) {
            String value = field.isSecret() ? form.raw(field.name()) : form.text(field.name());
            boolean isKept = field.isSecret() && isOf(before) && field.isSetIn(before);
            if (!value.isEmpty()) {
                allowed.violation(field.name().substring(choice(name()).length() + 1), value)
                        .ifPresent(rule -> faults.add(field.name(), field.label() + " " + rule + "."));
            } else if (field.required() && !isKept) {
                faults.add(field.name(), Messages.text("required", "label", field.label()));
            }
        }
        return faults.done();
    }
}
