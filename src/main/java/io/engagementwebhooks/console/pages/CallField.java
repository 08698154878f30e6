package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.webhook.EventCatalog;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A known field of call events, for conditions and templates.
 *
 * @param macro its name in a template, without braces
 * @param path its path in jq
 * @param label its name in the form
 * @param kind of its values
 */
record CallField(String macro, String path, String label, Kind kind) {

    /** Type of a value. */
    enum Kind {
        TEXT(".*"),
        NUMBER("-?\\d{1,15}(\\.\\d{1,15})?"),
        FLAG("true|false");

        private final Pattern values;

        Kind(String values) {
            this.values = Pattern.compile(values, Pattern.DOTALL);
        }

        boolean takes(String value) {
            return values.matcher(value).matches();
        }
    }

    /** In display order. */
    static final List<CallField> KNOWN = Stream.concat(
                    EventCatalog.BUILT_IN.offered().stream().map(CallField::of),
                    Stream.of(
                            event("type", "Event type"),
                            event("id", "Event id"),
                            event("time", "Event time"),
                            event("subject", "Event subject")))
            .toList();

    /** A dotted path of a template begins at the event. */
    private static CallField of(EventCatalog.Field field) {
        boolean isDeep = field.name().indexOf('.') >= 0;
        Kind kind =
                switch (field.type()) {
                    case "number", "integer" -> Kind.NUMBER;
                    case "boolean" -> Kind.FLAG;
                    default -> Kind.TEXT;
                };
        return new CallField(
                isDeep ? "data." + field.name() : field.name(), ".data." + field.name(), field.label(), kind);
    }

    private static CallField event(String name, String label) {
        return new CallField(name, "." + name, label, Kind.TEXT);
    }

    /** As written in a template or a program. */
    String written(boolean inProgram) {
        return inProgram ? path : "{" + macro + "}";
    }

    /** Whether a template or a program uses it. */
    boolean isIn(String text, boolean isProgram) {
        String written = Pattern.quote(written(isProgram));
        return Pattern.compile(isProgram ? "(?<![\\w.])" + written + "(?!\\w)" : written)
                .matcher(text)
                .find();
    }

    static Optional<CallField> of(String path) {
        return KNOWN.stream().filter(field -> field.path.equals(path)).findFirst();
    }
}
