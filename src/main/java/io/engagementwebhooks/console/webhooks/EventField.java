package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.template.Template;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A field of events, for conditions and templates.
 *
 * @param macro its name in a template, without braces
 * @param path its path in jq
 * @param label its name in the form
 * @param hint what it means, or null
 * @param kind of its values
 * @param values those that it can have; empty: they are not listed
 */
public record EventField(String macro, String path, String label, String hint, Kind kind, List<String> values) {

    private static final int LONGEST_OFFERED = 100;

    /** Type of a value. */
    public enum Kind {
        TEXT(".*", null),
        NUMBER("-?\\d{1,15}(\\.\\d{1,15})?", "line.number"),
        FLAG("true|false", "line.flag"),
        TIME("\\d{4}-\\d{2}-\\d{2}(T.*)?", "line.time"),
        /** Several values. */
        LIST(".*", "line.list"),
        /** Of an unknown field. */
        ANY(".*", null);

        private final Pattern values;
        private final String fault;

        Kind(String values, String fault) {
            this.values = Pattern.compile(values, Pattern.DOTALL);
            this.fault = fault;
        }

        boolean takes(String value) {
            return values.matcher(value).matches();
        }

        static Optional<Kind> of(String name) {
            return Stream.of(values()).filter(kind -> kind.name().equals(name)).findFirst();
        }

        /** The message key of a rule that does not fit values of this type. */
        String fault() {
            return fault;
        }

        /** Whether a value that looks like a number, true or false is one. */
        boolean isPlain() {
            return this == NUMBER || this == FLAG || this == ANY;
        }
    }

    public EventField {
        values = List.copyOf(values);
    }

    /** A dotted path of a template begins at the event. */
    static EventField of(EventCatalog.Field field) {
        boolean isBare = field.name().indexOf('.') < 0 && !Template.isOfTheEvent(field.name());
        Kind kind =
                switch (field.type()) {
                    case "number", "integer" -> Kind.NUMBER;
                    case "boolean" -> Kind.FLAG;
                    case "array" -> Kind.LIST;
                    case "string" -> field.isTime() ? Kind.TIME : Kind.TEXT;
                    default -> Kind.ANY;
                };
        return new EventField(
                isBare ? field.name() : "data." + field.name(),
                ".data." + field.name(),
                field.label(),
                field.description().isBlank() ? null : field.description(),
                kind,
                kind == Kind.FLAG ? List.of("true", "false") : field.values());
    }

    /** An attribute of the event. */
    static EventField attribute(String name, String label) {
        return new EventField(name, "." + name, label, null, Kind.TEXT, List.of());
    }

    /** A field that no event type is known to have. */
    static EventField unknown(String path) {
        return new EventField(path.substring(Math.min(1, path.length())), path, path, null, Kind.ANY, List.of());
    }

    /** Its values in an event, as texts; of a list, those of its items. */
    Stream<String> in(JsonNode event) {
        if (!path.startsWith(".")) {
            return Stream.of();
        }
        JsonNode value = event.at(path.replace('.', '/'));
        Stream<JsonNode> each = value.isArray() ? StreamSupport.stream(value.spliterator(), false) : Stream.of(value);
        return each.filter(one -> one.isValueNode() && !one.isNull())
                .map(JsonNode::asText)
                .filter(text -> !text.isBlank() && text.length() <= LONGEST_OFFERED);
    }

    /** The same field with values of another type. */
    EventField as(Kind other) {
        return new EventField(macro, path, label, hint, other, values);
    }

    /** The same field with another label. */
    EventField labeled(String other) {
        return new EventField(macro, path, other, hint, kind, values);
    }

    /** As written in a template or a program. */
    public String written(boolean inProgram) {
        return inProgram ? path : "{" + macro + "}";
    }

    /** Whether a template or a program uses it. */
    public boolean isIn(String text, boolean isProgram) {
        String written = Pattern.quote(written(isProgram));
        return Pattern.compile(isProgram ? "(?<![\\w.])" + written + "(?!\\w)" : written)
                .matcher(text)
                .find();
    }
}
