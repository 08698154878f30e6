package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.api.webhook.ConditionParts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A condition as rules of field, comparison and value, of which all or any must match. Converts to a jq program and
 * back. Immutable.
 *
 * @param all whether every rule must match; else one is enough
 * @param lines in their order
 */
public record ConditionLines(boolean all, List<Line> lines) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String PATH = "(\\.[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*)";
    private static final Pattern FIELD = Pattern.compile(PATH);
    private static final String STRING = "(\"(?:[^\"\\\\]|\\\\.)*\")";
    private static final String VALUE = "(\"(?:[^\"\\\\]|\\\\.)*\"|-?\\d+(?:\\.\\d+)?|true|false)";

    /**
     * One rule.
     *
     * @param field as the catalog has it now
     * @param offered the type of the field's values when the form offered it
     * @param comparison of field and value
     * @param value as typed; not used by comparisons without one
     */
    public record Line(EventField field, EventField.Kind offered, Comparison comparison, String value) {

        Line(EventField field, Comparison comparison, String value) {
            this(field, field.kind(), comparison, value);
        }

        /** A submitted rule. @param chosen a path, and the type of its values if the form contains it */
        static Line submitted(String chosen, EventFields fields, Comparison comparison, String value) {
            String[] parts = chosen.split(" ", 2);
            EventField field = fields.of(parts[0]);
            return new Line(field, EventField.Kind.of(parts[parts.length - 1]).orElse(field.kind()), comparison, value);
        }

        /** The field as the form submits it, for {@link #submitted}. */
        public static String choice(EventField field, EventField.Kind offered) {
            return field.path() + " " + offered;
        }

        /** A rule to fill in. */
        static Line fresh(EventField field) {
            Comparison usual =
                    switch (field.kind()) {
                        case NUMBER, TIME -> Comparison.AT_LEAST;
                        case LIST -> Comparison.CONTAINS;
                        default -> Comparison.IS;
                    };
            return new Line(field, usual, "");
        }

        /** The rule in words, such as {@code Duration (seconds) is at least 120}; texts are quoted. */
        String words() {
            if (!comparison.takesValue()) {
                return field.label() + " " + comparison.label;
            }
            String values =
                    values().stream().map(each -> inWords(literal(this, each))).collect(Collectors.joining(", "));
            return field.label() + " " + comparison.label + " " + values + comparison.otherwise();
        }

        private List<String> values() {
            return comparison == Comparison.ONE_OF ? each(value) : List.of(value);
        }

        /** Whether a change of the field's type since the form offered it has changed the program. */
        public boolean hasOtherType() {
            return comparison.takesValue()
                    && !program(this).equals(program(new Line(field.as(offered), comparison, value)));
        }

        /** The message key of an invalid value, or null. With such a value no event, or every event, would match. */
        String fault() {
            if (!comparison.takesValue()) {
                return null;
            }
            if (hasOtherType()) {
                return "line.type";
            }
            List<String> values = values();
            if (values.isEmpty() || values.contains("")) {
                return "line.no-value";
            }
            EventField.Kind kind = field.kind();
            boolean isFine = kind == EventField.Kind.LIST
                    ? comparison == Comparison.CONTAINS
                    : comparison.isOfText()
                            || values.stream().map(String::strip).allMatch(kind::takes);
            return isFine ? null : kind.fault();
        }
    }

    /** Comparison of a field and a value. */
    public enum Comparison {
        IS("is", "%1$s == %2$s", PATH + " == " + VALUE),
        IS_NOT("is not", "%1$s != %2$s", PATH + " != " + VALUE),
        AT_LEAST("is at least", "%1$s >= %2$s", PATH + " >= " + VALUE),
        AT_MOST("is at most", "(%1$s != null and %1$s <= %2$s)", "\\(" + PATH + " != null and \\1 <= " + VALUE + "\\)"),
        MORE("is more than", "%1$s > %2$s", PATH + " > " + VALUE),
        LESS("is less than", "(%1$s != null and %1$s < %2$s)", "\\(" + PATH + " != null and \\1 < " + VALUE + "\\)"),
        /** In jq, null is less than every other value. */
        AT_MOST_OR_ABSENT("is at most", "%1$s <= %2$s", PATH + " <= " + VALUE),
        LESS_OR_ABSENT("is less than", "%1$s < %2$s", PATH + " < " + VALUE),
        CONTAINS(
                "contains",
                "(%1$s != null and (%1$s | tostring | contains(%2$s)))",
                "\\(" + PATH + " != null and \\(\\1 \\| tostring \\| contains\\(" + STRING + "\\)\\)\\)"),
        STARTS(
                "starts with",
                "(%1$s != null and (%1$s | tostring | startswith(%2$s)))",
                "\\(" + PATH + " != null and \\(\\1 \\| tostring \\| startswith\\(" + STRING + "\\)\\)\\)"),
        ONE_OF("is one of", null, null),
        PRESENT("has a value", "(%1$s != null and %1$s != \"\")", "\\(" + PATH + " != null and \\1 != \"\"\\)"),
        ABSENT("has no value", "(%1$s == null or %1$s == \"\")", "\\(" + PATH + " == null or \\1 == \"\"\\)");

        private final String label;
        private final String program;
        private final Pattern pattern;

        Comparison(String label, String program, String pattern) {
            this.label = label;
            this.program = program;
            this.pattern = pattern == null ? null : Pattern.compile(pattern);
        }

        public String label() {
            return label + otherwise();
        }

        private String otherwise() {
            return this == AT_MOST_OR_ABSENT || this == LESS_OR_ABSENT ? ", or has no value" : "";
        }

        boolean takesValue() {
            return this != PRESENT && this != ABSENT;
        }

        /** The kinds of values that the form offers it for, separated by spaces. */
        public String kinds() {
            return "ANY "
                    + switch (this) {
                        case IS, IS_NOT -> "TEXT NUMBER FLAG TIME";
                        case CONTAINS -> "TEXT LIST";
                        case STARTS -> "TEXT TIME";
                        case ONE_OF -> "TEXT NUMBER";
                        case PRESENT, ABSENT -> "TEXT NUMBER FLAG TIME LIST";
                        default -> "NUMBER TIME";
                    };
        }

        private boolean isOfText() {
            return this == CONTAINS || this == STARTS;
        }

        static Comparison of(String name) {
            return Arrays.stream(values())
                    .filter(comparison -> comparison.name().equals(name))
                    .findFirst()
                    .orElse(IS);
        }
    }

    public ConditionLines {
        lines = List.copyOf(lines);
    }

    /** The program; empty if there is no rule. A rule without a valid path is left out. */
    String program() {
        return String.join(
                all ? " and " : " or ",
                lines.stream()
                        .filter(line -> FIELD.matcher(line.field().path()).matches())
                        .map(ConditionLines::program)
                        .toList());
    }

    /** The rules in words, such as {@code Only when Duration (seconds) is at least 120}. */
    List<String> words() {
        return IntStream.range(0, lines.size())
                .mapToObj(i -> (i == 0 ? "Only when " : all ? "and " : "or ")
                        + lines.get(i).words())
                .toList();
    }

    private static String program(Line line) {
        String path = line.field().path();
        if (line.comparison() == Comparison.ONE_OF) {
            List<String> each = each(line.value()).stream()
                    .map(value -> path + " == " + literal(line, value))
                    .toList();
            return "(" + (each.isEmpty() ? path + " == \"\"" : String.join(" or ", each)) + ")";
        }
        return line.comparison().program.formatted(path, literal(line, line.value()));
    }

    /** Values separated by commas. */
    private static List<String> each(String values) {
        return Arrays.stream(values.split(","))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    /** A number or a boolean if the field may have these, else a string. */
    private static String literal(Line line, String value) {
        String stripped = value.strip();
        boolean plain = line.field().kind().isPlain()
                && (EventField.Kind.NUMBER.takes(stripped) || EventField.Kind.FLAG.takes(stripped));
        return plain && !line.comparison().isOfText()
                ? stripped
                : TextNode.valueOf(value).toString();
    }

    /** A text in quotes, as JSON if it contains these; other values as they are. */
    private static String inWords(String literal) {
        return literal.startsWith("\"") && !literal.contains("“") && !literal.contains("”")
                ? "“" + typed(literal) + "”"
                : literal;
    }

    /**
     * The rules of a program; empty: it was not created from rules, or from rules that are no longer accepted.
     *
     * @param fields of its events
     */
    static Optional<ConditionLines> of(String program, EventFields fields) {
        for (boolean all : new boolean[] {true, false}) {
            List<Line> lines = new ArrayList<>();
            for (String term : ConditionParts.of(program.strip(), all ? " and " : " or ")) {
                Optional<Line> line = line(term, fields);
                line.ifPresent(lines::add);
                if (line.isEmpty()) {
                    lines.clear();
                    break;
                }
            }
            ConditionLines found = new ConditionLines(all, lines);
            boolean isTaken = fitsFields(lines) && lines.stream().allMatch(line -> line.fault() == null);
            if (!lines.isEmpty() && isTaken && found.program().equals(program.strip())) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** One-line fields contain no line breaks. */
    private static boolean fitsFields(List<Line> lines) {
        return lines.stream().noneMatch(line -> line.value().matches("(?s).*[\r\n].*"));
    }

    private static Optional<Line> line(String term, EventFields fields) {
        for (Comparison comparison : Comparison.values()) {
            if (comparison.pattern == null) {
                continue;
            }
            Matcher matcher = comparison.pattern.matcher(term);
            if (matcher.matches()) {
                String value = comparison.takesValue() ? typed(matcher.group(2)) : "";
                return Optional.of(new Line(fields.of(matcher.group(1)), comparison, value));
            }
        }
        return oneOf(term, fields);
    }

    private static Optional<Line> oneOf(String term, EventFields fields) {
        if (!term.startsWith("(") || !term.endsWith(")")) {
            return Optional.empty();
        }
        String field = null;
        List<String> values = new ArrayList<>();
        for (String each : ConditionParts.of(term.substring(1, term.length() - 1), " or ")) {
            Matcher matcher = Comparison.IS.pattern.matcher(each);
            if (!matcher.matches() || field != null && !field.equals(matcher.group(1))) {
                return Optional.empty();
            }
            field = matcher.group(1);
            values.add(typed(matcher.group(2)));
        }
        return Optional.of(new Line(fields.of(field), Comparison.ONE_OF, String.join(", ", values)));
    }

    private static String typed(String literal) {
        try {
            JsonNode value = JSON.readTree(literal);
            return value.isTextual() ? value.textValue() : literal;
        } catch (JsonProcessingException e) {
            return literal;
        }
    }
}
