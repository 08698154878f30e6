package io.engagementwebhooks.console.pages;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A field that events of calls are known to have: one to ask for in a condition, and a macro to put into a template.
 *
 * @param macro how a template names it, without braces
 * @param path how jq names it
 * @param label for people
 * @param kind what its values are
 */
record CallField(String macro, String path, String label, Kind kind) {

    /** What a value is. */
    enum Kind {
        TEXT(".*", ""),
        NUMBER(
                "-?\\d{1,15}(\\.\\d{1,15})?",
                "a number, and this field has numbers: write digits alone, no more than 15, such as 120"),
        FLAG("true|false", "true or false, and this field has nothing else: write one of these");

        private final Pattern values;
        private final String rule;

        Kind(String values, String rule) {
            this.values = Pattern.compile(values, Pattern.DOTALL);
            this.rule = rule;
        }

        boolean takes(String value) {
            return values.matcher(value).matches();
        }

        /** What a value must be, and the way out, to stand behind "is not". */
        String rule() {
            return rule;
        }
    }

    /** In the order in which they are offered. */
    static final List<CallField> KNOWN = List.of(
            data("duration", "Duration (seconds)", Kind.NUMBER),
            data("outcome", "Outcome", Kind.TEXT),
            data("answered", "Answered", Kind.FLAG),
            data("direction", "Direction", Kind.TEXT),
            data("anum", "Caller's number", Kind.TEXT),
            data("anum_ndc_name", "Caller's area", Kind.TEXT),
            data("bnum", "Tracking number", Kind.TEXT),
            data("cnum", "Number called", Kind.TEXT),
            data("source_name", "Source", Kind.TEXT),
            data("source_media", "Source's medium", Kind.TEXT),
            data("source_id", "Source id", Kind.NUMBER),
            data("customer_id", "Customer id", Kind.NUMBER),
            data("class", "Class", Kind.TEXT),
            data("quarantined", "Quarantined", Kind.FLAG),
            data("cdr_id", "Call id", Kind.NUMBER),
            data("start", "Start", Kind.TEXT),
            data("duration_adjusted", "Duration, adjusted", Kind.NUMBER),
            data("recording_id", "Recording id", Kind.TEXT),
            deep("agent.id", "Agent id"),
            deep("agent.email", "Agent's e-mail"),
            deep("web.url", "Web page"),
            deep("web.utm.source", "UTM source"),
            deep("web.utm.medium", "UTM medium"),
            deep("web.utm.campaign", "UTM campaign"),
            deep("web.utm.content", "UTM content"),
            deep("web.utm.term", "UTM term"),
            event("type", "Event type"),
            event("id", "Event id"),
            event("time", "Event time"),
            event("subject", "Event subject"));

    private static CallField data(String name, String label, Kind kind) {
        return new CallField(name, ".data." + name, label, kind);
    }

    private static CallField deep(String path, String label) {
        return new CallField("data." + path, ".data." + path, label, Kind.TEXT);
    }

    private static CallField event(String name, String label) {
        return new CallField(name, "." + name, label, Kind.TEXT);
    }

    /** How a template or a program has it. */
    String written(boolean inProgram) {
        return inProgram ? path : "{" + macro + "}";
    }

    /** Whether a template or a program has it. */
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
