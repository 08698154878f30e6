package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.config.YamlNode.Entries;
import io.engagementwebhooks.webhook.config.YamlNode.Entry;
import io.engagementwebhooks.webhook.config.YamlNode.Scalar;
import io.engagementwebhooks.webhook.config.YamlNode.Sequence;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One mapping of the file, asked for its values by key and type. A value that breaks its rule is put to the faults, with
 * its line, and answered as if it were absent: whoever builds something of it looks at the count of faults first. Values
 * themselves are never repeated in a fault, except as they stand in the file and only where they cannot be secret.
 */
final class Mapping {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\s]+");
    private static final Pattern FILE = Pattern.compile("\\{\\{file:([^{}]+)}}");
    private static final String ENV = "env:";
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]*");
    private static final String QUOTE_IT = "write such a value in quotes: \"{{env:NAME}}\"";

    private final Part part;
    private final String resource;
    private final int line;
    private final ParseContext reading;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Mapping(Part part, String resource, int line, ParseContext reading) {
        this.part = part;
        this.resource = resource;
        this.line = line;
        this.reading = reading;
    }

    /**
     * Opens a mapping; keys that the part does not know, and keys that stand twice, are faults.
     *
     * @param part whose keys it may hold
     * @param resource what its faults are about
     */
    static Optional<Mapping> open(YamlNode node, Part part, String resource, ParseContext reading) {
        return open(node, part, resource, "", reading);
    }

    private static Optional<Mapping> open(
            YamlNode node, Part part, String resource, String what, ParseContext reading) {
        Optional<Mapping> mapping = free(node, part, resource, what, reading);
        mapping.ifPresent(Mapping::refuseUnknownKeys);
        return mapping;
    }

    private static Optional<Mapping> free(
            YamlNode node, Part part, String resource, String what, ParseContext reading) {
        if (!(node instanceof Entries mappingNode)) {
            reading.faults().add(node.line(), resource, what + "is " + node.kind(), "it is a mapping of 'key: value'");
            return Optional.empty();
        }
        Mapping mapping = new Mapping(part, resource, node.line(), reading);
        mappingNode.entries().forEach(mapping::add);
        return Optional.of(mapping);
    }

    /** The text under a key, before the mapping is opened: to know what to call it. */
    static Optional<String> peek(YamlNode node, String key) {
        if (node instanceof Entries mapping) {
            for (Entry tuple : mapping.entries()) {
                if (tuple.key() instanceof Scalar name
                        && name.value().equals(key)
                        && tuple.value() instanceof Scalar value
                        && !value.value().isBlank()) {
                    return Optional.of(value.value());
                }
            }
        }
        return Optional.empty();
    }

    /** The text under a key, without a fault if there is none. */
    Optional<String> peek(String key) {
        return Optional.ofNullable(entries.get(known(key)))
                .map(Entry::value)
                .filter(value -> value instanceof Scalar && !isNothing(value))
                .map(value -> ((Scalar) value).value());
    }

    /** As {@link #peek(String)}, of a mapping under a key. */
    Optional<String> peek(String key, String inner) {
        return Optional.ofNullable(entries.get(known(key))).map(Entry::value).flatMap(value -> peek(value, inner));
    }

    private void add(Entry tuple) {
        if (!(tuple.key() instanceof Scalar key)) {
            fault(tuple.key().line(), "a key is " + tuple.key().kind(), QUOTE_IT);
            return;
        }
        Entry first = entries.putIfAbsent(key.value(), tuple);
        if (first != null) {
            fault(
                    key.line(),
                    "'" + Shown.of(key.value()) + "' stands twice, first in line "
                            + first.key().line(),
                    "keep one of them");
        }
    }

    private void refuseUnknownKeys() {
        entries.keySet().stream()
                .filter(key -> !part.keys().contains(key))
                .toList()
                .forEach(key -> fault(line(key), "unknown key '" + Shown.of(key) + "'", insteadOf(key)));
    }

    private String insteadOf(String key) {
        Optional<String> nearest = Nearest.to(key, part.keys());
        if (nearest.isPresent()) {
            return "did you mean '" + nearest.get() + "'?";
        }
        return Part.onlyHolderOf(key)
                .map(holder -> "it is a key of " + holder.schemaName())
                .orElse("known here: " + String.join(", ", part.keys()));
    }

    boolean has(String key) {
        return entries.containsKey(known(key));
    }

    int line() {
        return line;
    }

    /** The line of a key, or of the mapping if it lacks the key. */
    int line(String key) {
        Entry entry = entries.get(key);
        return entry == null ? line : entry.key().line();
    }

    String resource() {
        return resource;
    }

    ParseContext reading() {
        return reading;
    }

    void fault(String key, String rule, String wayOut) {
        reading.faults().add(line(key), entries.containsKey(key) ? null : key, resource, rule, wayOut);
    }

    private void fault(int at, String rule, String wayOut) {
        reading.faults().add(at, resource, rule, wayOut);
    }

    void warn(String key, String rule, String wayOut) {
        reading.faults().warn(line(key), resource, rule, wayOut);
    }

    /** A text, its placeholder replaced. */
    Optional<String> text(String key) {
        return scalar(key).flatMap(node -> replaced(key, node.value()));
    }

    /** Bytes, as Base64: a file that a placeholder names may hold them either way. */
    Optional<String> binary(String key) {
        return scalar(key).flatMap(node -> {
            Matcher file = FILE.matcher(node.value());
            return file.matches() && !reading.isLiteral()
                    ? content(file.group(1)).or(() -> replaced(key, node.value()))
                    : replaced(key, node.value());
        });
    }

    private Optional<String> content(String file) {
        return reading.placeholders()
                .value("file:" + file)
                .filter(text -> BASE64.matcher(text).matches())
                .or(() -> reading.placeholders().value(Placeholders.BYTES_OF_FILE + file));
    }

    /** A text as it stands in the file: nothing is replaced in it. */
    Optional<String> literal(String key) {
        return scalar(key).map(Scalar::value);
    }

    /** A text that must be there and not be empty. */
    Optional<String> need(String key, String what) {
        if (!has(key)) {
            fault(key, "lacks '" + key + "'", what);
            return Optional.empty();
        }
        return text(key).filter(text -> notEmpty(key, text, what));
    }

    Optional<Secret> needSecret(String key, String what) {
        return need(key, what).map(Secret::of);
    }

    private boolean notEmpty(String key, String text, String what) {
        if (text.isBlank()) {
            fault(key, "'" + key + "' is empty", what);
            return false;
        }
        return true;
    }

    Optional<Boolean> flag(String key) {
        return choice(key, Map.of("true", true, "false", false), Map.of());
    }

    Optional<Long> whole(String key, long least, long most) {
        return text(key).flatMap(text -> {
            Optional<Long> number = text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
            return number.filter(n -> n >= least && n <= most).or(() -> {
                String way = most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
                fault(key, "'" + key + "' is " + shown(key) + ", which is no such number", "a whole number, " + way);
                return Optional.empty();
            });
        });
    }

    Optional<Duration> duration(String key, Duration least, Duration most) {
        return text(key).flatMap(text -> duration(key, shown(key), text, line(key), least, most));
    }

    /** A moment: a time with its offset, or a day, which begins at midnight UTC. */
    Optional<Instant> time(String key) {
        return text(key).flatMap(text -> {
            try {
                return Optional.of(
                        text.indexOf('T') < 0
                                ? LocalDate.parse(text)
                                        .atStartOfDay(ZoneOffset.UTC)
                                        .toInstant()
                                : OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeParseException e) {
                fault(
                        key,
                        "'" + key + "' is " + shown(key) + ", not a time",
                        "write 2027-01-31T12:00:00Z or 2027-01-31");
                return Optional.empty();
            }
        });
    }

    /** A duration within bounds, wherever it stands. */
    Optional<Duration> duration(String key, String shown, String text, int at, Duration least, Duration most) {
        try {
            Duration duration = Durations.parse(text);
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return Optional.of(duration);
            }
            fault(
                    at,
                    "'" + key + "' is " + shown + ", out of its bounds",
                    "from " + Durations.text(least) + " to " + Durations.text(most));
        } catch (IllegalArgumentException e) {
            fault(at, "'" + key + "' is " + shown + ", not a duration", "write 300ms, 5s, 1m, 2h or 7d");
        }
        return Optional.empty();
    }

    /**
     * One of the known words.
     *
     * @param later words that are named in the documentation but cannot be chosen yet
     */
    <E> Optional<E> choice(String key, Map<String, E> known, Map<String, String> later) {
        return text(key).flatMap(text -> {
            E chosen = known.get(text);
            if (chosen == null && later.containsKey(text)) {
                fault(key, "'" + key + "' " + text + " is not built yet", "supported now: " + names(known));
            } else if (chosen == null) {
                fault(key, "'" + key + "' is " + shown(key) + ", which is not known", "known: " + names(known));
            }
            return Optional.ofNullable(chosen);
        });
    }

    /** A URL that may be called: https or http, a host, and whatever the egress rules ask. */
    Optional<URI> url(String key) {
        return text(key).flatMap(text -> url(key, text));
    }

    /** As {@link #url(String)}, for a text made of several keys; {@code key} is named in faults. */
    Optional<URI> url(String key, String text) {
        URI url;
        try {
            url = URI.create(new URI(text.strip()).toASCIIString());
        } catch (URISyntaxException e) {
            String macros = text.indexOf('{') >= 0 ? "macros are not replaced in URLs" : "write it percent-encoded";
            fault(key, "'" + key + "' is not a URL: " + e.getReason() + " at index " + e.getIndex(), macros);
            return Optional.empty();
        }
        Optional<String[]> refusal = Optional.ofNullable(refusalOf(url));
        refusal.ifPresent(why -> fault(key, "'" + key + "' " + why[0], why[1]));
        return refusal.isPresent() ? Optional.empty() : Optional.of(url);
    }

    private String[] refusalOf(URI url) {
        if (url.getScheme() == null || !url.getScheme().matches("(?i)https?")) {
            return new String[] {"is not an http URL", "start it with https://"};
        }
        if (url.getHost() == null || url.getPort() == 0 || url.getPort() > 65535) {
            return new String[] {"names no host and port that can be called", "write https://host.example.com/path"};
        }
        if (url.getRawUserInfo() != null) {
            return new String[] {"holds a user or password", "give them under 'authentication' with type: header"};
        }
        if (url.getRawFragment() != null) {
            return new String[] {"holds a '#' part, which is never sent", "leave it out, or write it as %23"};
        }
        return reading.urlRule()
                .apply(url)
                .map(reason -> new String[] {"is refused: " + reason, "see webhooks.egress in application.properties"})
                .orElse(null);
    }

    /** A mapping with keys of its own. */
    Optional<Mapping> mapping(String key, Part inner) {
        return node(key).flatMap(node -> open(node, inner, resource, "'" + key + "' ", reading));
    }

    /** A mapping with keys of the user's choice. */
    Optional<Mapping> names(String key) {
        return node(key).flatMap(node -> free(node, null, resource, "'" + key + "' ", reading));
    }

    /** The keys, in the order of the file. */
    Iterable<String> keys() {
        return List.copyOf(entries.keySet());
    }

    /** The items of a list; none if the key is absent or holds nothing, as when all its items are commented out. */
    List<YamlNode> list(String key) {
        Entry entry = entries.get(known(key));
        if (entry == null || isNothing(entry.value())) {
            return List.of();
        }
        if (entry.value() instanceof Sequence sequence) {
            return sequence.items();
        }
        fault(key, "'" + key + "' is " + entry.value().kind(), "it is a list: items start with '- '");
        return List.of();
    }

    /** A list of texts, their placeholders replaced. A single text counts as a list of one. */
    List<String> texts(String key) {
        Optional<YamlNode> single = Optional.ofNullable(entries.get(known(key))).map(Entry::value);
        List<YamlNode> items = single.isPresent() && single.get() instanceof Scalar scalar && !isNothing(scalar)
                ? List.of(scalar)
                : list(key);
        return items.stream()
                .flatMap(item -> itemText(key, item).flatMap(text -> replaced(key, text)).stream())
                .toList();
    }

    private Optional<String> itemText(String key, YamlNode item) {
        if (item instanceof Scalar scalar && !isNothing(item)) {
            return Optional.of(scalar.value());
        }
        fault(item.line(), "an item of '" + key + "' is " + item.kind(), hint(item, "it is a text"));
        return Optional.empty();
    }

    /** The value's node; no value at all is a fault. */
    Optional<YamlNode> node(String key) {
        Entry entry = entries.get(known(key));
        if (entry == null) {
            return Optional.empty();
        }
        if (isNothing(entry.value())) {
            fault(key, "'" + key + "' has no value", "give it one, or leave the key out");
            return Optional.empty();
        }
        return Optional.of(entry.value());
    }

    private Optional<Scalar> scalar(String key) {
        return node(key).flatMap(node -> {
            if (node instanceof Scalar scalar && scalar.form() == Scalar.Form.TAGGED) {
                fault(key, "'" + key + "' starts with '!', which YAML takes for a tag", "write the value in quotes");
                return Optional.empty();
            }
            if (node instanceof Scalar scalar) {
                return Optional.of(scalar);
            }
            fault(key, "'" + key + "' is " + node.kind(), hint(node, "it is a single value"));
            return Optional.empty();
        });
    }

    private Optional<String> replaced(String key, String text) {
        Matcher placeholder = PLACEHOLDER.matcher(text);
        if (reading.isLiteral() || !placeholder.find()) {
            return Optional.of(text);
        }
        String name = placeholder.group(1);
        if (!placeholder.matches()) {
            fault(
                    key,
                    "'" + key + "' holds {{" + shownName(name) + "}} inside a longer text, where it is not replaced",
                    "put the whole value into one variable or file");
            return Optional.empty();
        }
        Optional<String> value = reading.placeholders().value(name);
        if (value.isEmpty()) {
            faultOfMissing(key, name);
        }
        return value;
    }

    private void faultOfMissing(String key, String name) {
        if (name.startsWith(ENV)) {
            String variable = name.substring(ENV.length());
            fault(
                    key,
                    "'" + key + "': environment variable '" + shownVariable(variable) + "' is not set",
                    "set it and start again");
        } else if (name.startsWith("file:")) {
            String file = name.substring("file:".length());
            fault(
                    key,
                    "'" + key + "': file '" + shownPath(file) + "' cannot be read as a value",
                    "it must exist, be readable, be UTF-8 and at most 64 KiB");
        } else {
            fault(
                    key,
                    "'" + key + "': property '" + Shown.of(name) + "' is not set",
                    "set it in application.properties, or write {{env:NAME}} for an environment variable");
        }
    }

    /** What stands in a placeholder, where a key itself may have been put. */
    private static String shownName(String name) {
        int colon = name.indexOf(':') + 1;
        String what = name.substring(colon);
        return name.startsWith(ENV) ? ENV + shownVariable(what) : Shown.of(name.substring(0, colon)) + Shown.of(what);
    }

    /** Each of its names as it may be shown, so that it can be found. */
    private static String shownPath(String path) {
        return Arrays.stream(path.split("/", -1)).map(Shown::of).collect(Collectors.joining("/"));
    }

    private static String shownVariable(String variable) {
        return VARIABLE.matcher(variable).matches() ? variable : Shown.of(variable);
    }

    /** The value as it stands in the file, so that what a placeholder brings is never shown. */
    private String shown(String key) {
        String value = ((Scalar) entries.get(key).value()).value();
        return "'" + Shown.of(value) + "'";
    }

    private String known(String key) {
        if (part != null && !part.keys().contains(key)) {
            throw new IllegalStateException("the reader asks for '" + key + "', which " + part + " does not list");
        }
        return key;
    }

    private static boolean isNothing(YamlNode node) {
        return node instanceof Scalar scalar && scalar.form() == Scalar.Form.NOTHING;
    }

    /** A placeholder without quotes is a mapping in a mapping to YAML. */
    private static String hint(YamlNode node, String otherwise) {
        boolean unquoted = node instanceof Entries mapping
                && mapping.entries().stream().anyMatch(tuple -> tuple.key() instanceof Entries);
        return unquoted ? QUOTE_IT : otherwise;
    }

    private static String names(Map<String, ?> known) {
        return String.join(", ", new TreeSet<>(known.keySet()));
    }
}
