package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Shown;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rule of a value, by the {@link Schema}: a single value, a list, a mapping, or alternatives. Alternatives are
 * merged by kind; placeholders are replaced before. Thread-safe.
 */
public final class ValueRule {

    private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");
    /** Lone surrogates, controls, line separators, and format characters such as those of the direction of text. */
    private static final Pattern HIDDEN = Pattern.compile("[\\p{Cs}\\p{Cc}\\p{Zl}\\p{Zp}[\\p{Cf}&&[^\\u200c\\u200d]]]");

    private static final Set<String> FLAGS = Set.of("true", "false");

    private final Schema schema;

    private boolean isText;
    private final Set<String> words = new TreeSet<>();
    private final Set<String> refused = new TreeSet<>();
    private boolean isWhole;
    private long least = Long.MIN_VALUE;
    private long most = Long.MAX_VALUE;
    private Pattern pattern;
    private String format = "";
    private Duration shortest;
    private Duration longest;
    private Consumer<String> parser;
    private int maxLength = Integer.MAX_VALUE;
    private boolean isLiteral;
    private boolean isBinary;
    private boolean isSecret;
    private boolean isSecretByName;
    private String fault;
    private String hint;
    private String fallback;
    private String defaultValue;
    private List<String> defaultItems = List.of();

    private boolean isNullable;
    private boolean isJson;
    private boolean isList;
    private ValueRule items;
    private int fewest;
    private int mostItems = Integer.MAX_VALUE;

    private String mapping;
    private Shape free;

    ValueRule(JsonNode node, Schema schema) {
        this.schema = schema;
        read(node);
    }

    private void read(JsonNode node) {
        Schema.checked(node);
        if (node.has("$ref")) {
            refer(node);
            return;
        }
        readTexts(node);
        readKinds(node);
        node.path("enum").forEach(word -> words.add(word.asText()));
        if (node.has("const")) {
            words.add(node.path("const").asText());
        }
        node.path("not").path("enum").forEach(word -> refused.add(word.asText()));
        if (node.path("not").has("const")) {
            refused.add(node.path("not").path("const").asText());
        }
        node.path("allOf").forEach(this::read);
        node.path("anyOf").forEach(this::read);
    }

    private void refer(JsonNode node) {
        String name = schema.referred(node);
        JsonNode definition = schema.definitionOf(node);
        if (definition.has("properties")) {
            mapping = name;
        } else if (!name.equals("placeholder")) {
            read(definition);
        }
    }

    /** Its own keys override those of a reference. */
    private void readTexts(JsonNode node) {
        fault = fault == null ? node.path("x-fault").textValue() : fault;
        hint = hint == null ? node.path("x-hint").textValue() : hint;
        fallback = fallback == null ? node.path("description").textValue() : fallback;
        shortest = node.has("x-least") ? Durations.parse(node.path("x-least").asText()) : shortest;
        longest = node.has("x-most") ? Durations.parse(node.path("x-most").asText()) : longest;
        format = node.path("x-format").asText(format);
        parser = parserOf(format);
        JsonNode given = node.path("default");
        defaultValue = given.isValueNode() ? given.asText() : defaultValue;
        defaultItems = given.isArray() ? Schema.texts(given) : defaultItems;
        maxLength = node.path("maxLength").asInt(maxLength);
        isLiteral |= node.path("x-literal").asBoolean();
        isBinary |= node.has("contentEncoding");
        isJson |= node.path("x-json").asBoolean();
        isSecret |= node.path("x-secret").asBoolean();
        isSecretByName |= node.path("x-secret").asText().equals("by-name");
    }

    private void readKinds(JsonNode node) {
        JsonNode type = node.path("type");
        Set<String> types = type.isArray() ? Set.copyOf(Schema.texts(type)) : Set.of(type.asText());
        isNullable |= types.contains("null");
        if (types.contains("integer")) {
            isWhole = true;
            least = node.path("minimum").asLong(least);
            most = node.path("maximum").asLong(most);
        }
        if (types.contains("array")) {
            isList = true;
            items = node.has("items") ? new ValueRule(node.path("items"), schema) : items;
            fewest = node.path("minItems").asInt(0);
            mostItems = node.path("maxItems").asInt(mostItems);
        }
        if (types.contains("object") && !isJson) {
            free = new Shape("mapping", node, schema);
        }
        boolean flag = types.equals(Set.of("boolean"));
        if (flag) {
            words.addAll(FLAGS);
        }
        if ((types.contains("string") || types.contains("boolean") && !flag) && !node.has("enum")) {
            pattern = node.has("pattern") ? whole(node.path("pattern").asText()) : pattern;
            isText |= !node.has("pattern");
        }
    }

    /** A whole-text pattern: in Java a final {@code $} allows a line break. */
    private static Pattern whole(String pattern) {
        return Pattern.compile(pattern.endsWith("$") ? pattern.substring(0, pattern.length() - 1) + "\\z" : pattern);
    }

    boolean isSingle() {
        return isText || isWhole || pattern != null || !format.isEmpty() || !words.isEmpty();
    }

    public boolean isList() {
        return isList;
    }

    /** Whether it may be empty, as when all items of a list are commented out. */
    boolean isNullable() {
        return isNullable;
    }

    /** The rule of a list's items. */
    public ValueRule items() {
        return items;
    }

    int fewest() {
        return fewest;
    }

    int mostItems() {
        return mostItems;
    }

    public boolean isMapping() {
        return mapping != null || free != null;
    }

    /** Whether it is an object of the user's own JSON, which no shape says more about. */
    public boolean isJson() {
        return isJson;
    }

    /** The shape of a mapping. */
    public Shape shape() {
        return mapping == null ? free : Schema.shape(mapping);
    }

    /** Whether placeholders in it are not replaced. */
    boolean isLiteral() {
        return isLiteral;
    }

    /** Whether it is bytes, as Base64. */
    boolean isBinary() {
        return isBinary;
    }

    /** Whether it is never shown. */
    public boolean isSecret() {
        return isSecret;
    }

    /** Whether masking depends on its key, which the user chooses. */
    public boolean isSecretByName() {
        return isSecretByName;
    }

    /** Whether it is the name of a resource. */
    boolean isName() {
        return format.equals("name");
    }

    /** Whether it is a URL, whose query may hold secrets. */
    public boolean isUrl() {
        return format.equals("url");
    }

    /** The expected value, for the remedy of a fault. */
    String hint() {
        return hint == null ? fallback : hint;
    }

    /**
     * Checks a single value.
     *
     * @param subject the subject, such as {@code 'timeout'}
     * @param verb the verb between subject and value, such as {@code is}
     * @param shown the value as written in the file
     * @return rule, remedy and code of the fault; null if valid
     */
    String[] wrong(String subject, String verb, String shown, String text) {
        if (refused.contains(text)) {
            return described("refused", subject, verb, shown, fault == null ? "is not taken" : fault, hint());
        }
        if (words.contains(text)) {
            return null;
        }
        if (text.codePointCount(0, text.length()) > maxLength) {
            return described("too-long", subject, verb, shown, "is longer than " + maxLength + " characters", hint());
        }
        if (parser != null) {
            return wrongFormat(subject, verb, shown, text);
        }
        if (isText && pattern == null) {
            return null;
        }
        if (isWhole) {
            return isWithin(text) ? null : described("number", subject, verb, shown, "is no such number", number());
        }
        if (pattern != null) {
            return !pattern.matcher(text).find()
                    ? wrongForm(subject, verb, shown, text)
                    : isName() ? wrongName(subject, text) : null;
        }
        return described("unknown-value", subject, verb, shown, "is not known", "known: " + String.join(", ", words));
    }

    private String[] wrongForm(String subject, String verb, String shown, String text) {
        if (text.isBlank()) {
            return new String[] {subject + " is empty", hint(), "required"};
        }
        return described(
                "pattern",
                subject,
                verb,
                shown,
                fault == null ? "does not have the form that it must have" : fault,
                hint());
    }

    /** Names are Unicode scalar values in NFC that can be seen, so that two that look alike are one. */
    private static String[] wrongName(String subject, String text) {
        Matcher hidden = HIDDEN.matcher(text);
        if (hidden.find()) {
            String holds = String.format(
                    " holds U+%04X, which cannot be seen in a name",
                    hidden.group().codePointAt(0));
            return new String[] {subject + holds, "remove it", "hidden-character"};
        }
        String nfc = Normalizer.normalize(text, Normalizer.Form.NFC);
        String isNot = subject + " is not in Unicode Normalization Form C";
        return nfc.equals(text) ? null : new String[] {isNot, "write it as " + nfc, "not-nfc"};
    }

    private String[] described(String code, String subject, String verb, String shown, String what, String wayOut) {
        return isSecret
                ? new String[] {subject + " " + what, wayOut, code}
                : new String[] {subject + " " + verb + " '" + Shown.of(shown) + "', which " + what, wayOut, code};
    }

    private boolean isWithin(String text) {
        if (!DIGITS.matcher(text).matches()) {
            return false;
        }
        long number = Long.parseLong(text);
        return number >= least && number <= most;
    }

    private String number() {
        if (hint != null) {
            return hint;
        }
        return "a whole number, " + (most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most);
    }

    /** The parser of a format, or null if it has none. */
    private Consumer<String> parserOf(String format) {
        return switch (format) {
            case "duration" -> this::duration;
            case "time" -> ValueRule::time;
            case "day" -> text -> LocalDate.parse(text.strip());
            case "zone" -> text -> ZoneId.of(text.strip());
            default -> null;
        };
    }

    private static void time(String text) {
        if (text.indexOf('T') < 0) {
            LocalDate.parse(text);
        } else {
            OffsetDateTime.parse(text);
        }
    }

    private String[] wrongFormat(String subject, String verb, String shown, String text) {
        try {
            parser.accept(text);
            return null;
        } catch (OutOfBounds e) {
            return new String[] {
                start(subject, verb, shown) + "out of its bounds",
                "from " + Durations.text(shortest) + " to " + Durations.text(longest),
                "out-of-bounds"
            };
        } catch (DateTimeException | IllegalArgumentException e) {
            return new String[] {
                start(subject, verb, shown) + "not a " + (format.equals("zone") ? "time zone" : format),
                switch (format) {
                    case "duration" -> "write 300ms, 5s, 1m, 2h or 7d";
                    case "time" -> "write 2027-01-31T12:00:00Z or 2027-01-31";
                    default -> hint();
                },
                format
            };
        }
    }

    private static String start(String subject, String verb, String shown) {
        return subject + " " + verb + " '" + Shown.of(shown) + "', ";
    }

    private static final class OutOfBounds extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void duration(String text) {
        Duration duration = Durations.parse(text);
        if (shortest != null && (duration.compareTo(shortest) < 0 || duration.compareTo(longest) > 0)) {
            throw new OutOfBounds();
        }
    }

    /** The expected kind, for a value of the wrong kind. */
    String kinds() {
        return isList
                ? "it is a list: items start with '- '"
                : isSingle() ? "it is a single value" : "it is a mapping of 'key: value'";
    }

    /** The default value, or null. */
    String defaultValue() {
        return defaultValue;
    }

    /** The default items. */
    List<String> defaultItems() {
        return defaultItems;
    }
}
