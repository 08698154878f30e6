package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.AssertionKey;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.PemException;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.config.KeyRules.Keys;
import io.engagementwebhooks.webhook.config.YamlNode.Entries;
import io.engagementwebhooks.webhook.config.YamlNode.Entry;
import io.engagementwebhooks.webhook.config.YamlNode.Scalar;
import io.engagementwebhooks.webhook.config.YamlNode.Sequence;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A mapping of the configuration file, checked by its {@link Shape} when opened. An invalid value is a fault with its
 * line, and reads as absent; see {@link #isFaulty()}. Faults repeat values only as written in the file, and never
 * secret ones. Not thread-safe.
 */
final class Mapping implements Keys {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=\\s]+");
    private static final String FILE = "file:";
    private static final String ENV = "env:";
    private static final Pattern VARIABLE = Pattern.compile("[A-Z_][A-Z0-9_]*");
    private static final String QUOTE_IT = "write such a value in quotes: \"{{env:NAME}}\"";

    private final Shape shape;
    private final String resource;
    private final int line;
    private final ParseContext reading;
    private final int faultsBefore;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Valid values, with placeholders replaced. */
    private final Map<String, String> texts = new HashMap<>();

    private final Map<String, List<String>> lists = new HashMap<>();

    private Mapping(Shape shape, String resource, int line, ParseContext reading) {
        this.shape = shape;
        this.resource = resource;
        this.line = line;
        this.reading = reading;
        this.faultsBefore = reading.faults().count();
    }

    /**
     * Opens a mapping and checks keys, kinds of values, single values and lists by its shape. Nested mappings are
     * checked when opened.
     *
     * @param resource the subject of its faults
     */
    static Optional<Mapping> open(YamlNode node, Shape shape, String resource, ParseContext reading) {
        if (!(node instanceof Entries mappingNode)) {
            reading.faults().add(node.line(), resource, "is " + node.kind(), "it is a mapping of 'key: value'");
            return Optional.empty();
        }
        Mapping mapping = new Mapping(shape, resource, node.line(), reading);
        mappingNode.entries().forEach(mapping::add);
        mapping.check();
        return Optional.of(mapping);
    }

    private void check() {
        for (String key : entries.keySet()) {
            if (!shape.knows(key)) {
                refuseUnknown(key);
            }
        }
        for (String key : entries.keySet()) {
            if (shape.knows(key)) {
                check(key, shape.rule(key));
            }
        }
        shape.keyRules().check(this);
    }

    private void check(String key, ValueRule rule) {
        YamlNode node = entries.get(key).value();
        if (isNothing(node)) {
            if (!rule.isNullable()) {
                fault(key, "required", "'" + key + "' has no value", "give it one, or leave the key out");
            }
        } else if (node instanceof Scalar scalar && scalar.form() == Scalar.Form.TAGGED) {
            fault(
                    key,
                    "kind",
                    "'" + key + "' starts with '!', which YAML takes for a tag",
                    "write the value in quotes");
        } else if (node instanceof Sequence sequence && rule.isList()) {
            checkItems(key, rule, sequence);
        } else if (node instanceof Scalar scalar && rule.isSingle()) {
            checkText(key, rule, scalar);
        } else if (node instanceof Entries && rule.isJson()) {
            return; // whatever it holds, the reader of its owner checks it
        } else if (node instanceof Entries mapping && rule.isMapping()) {
            checkCount(key, rule, mapping);
        } else {
            fault(
                    key,
                    "kind",
                    "'" + key + "' is " + node.kind(),
                    rule.isSingle() ? hint(node, rule.kinds()) : rule.kinds());
        }
    }

    private void checkText(String key, ValueRule rule, Scalar scalar) {
        replaced(key, rule, scalar.value())
                .filter(text -> isFine(key, rule, line(key), "is", scalar.value(), text))
                .ifPresent(text -> {
                    texts.put(key, text);
                    if (rule.isList()) {
                        lists.put(key, List.of(text));
                    }
                });
    }

    private void checkItems(String key, ValueRule rule, Sequence sequence) {
        checkCount(key, rule, sequence.items().size());
        if (rule.items().isMapping()) {
            return;
        }
        List<String> checked = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            if (!(item instanceof Scalar scalar) || isNothing(item)) {
                fault(item.line(), "kind", "an item of '" + key + "' is " + item.kind(), hint(item, "it is a text"));
            } else {
                replaced(key, rule.items(), scalar.value())
                        .filter(text -> isFine(key, rule.items(), item.line(), "holds", scalar.value(), text))
                        .ifPresent(checked::add);
            }
        }
        lists.put(key, checked);
    }

    private boolean isFine(String key, ValueRule rule, int at, String verb, String shown, String text) {
        boolean isKept = rule.isName() && !text.isEmpty() && text.equals(reading.kept());
        String[] wrong = isKept ? null : rule.wrong("'" + key + "'", verb, shown, text);
        if (wrong != null) {
            fault(at, wrong[2], wrong[0], wrong[1]);
        }
        return wrong == null;
    }

    private void checkCount(String key, ValueRule rule, int items) {
        if (items == 0 && rule.fewest() > 0) {
            fault(key, "empty", "'" + key + "' is empty", rule.hint());
        } else if (items > rule.mostItems()) {
            fault(key, "too-many", "'" + key + "' has " + items + " items", "at most " + rule.mostItems());
        }
    }

    private void checkCount(String key, ValueRule rule, Entries mapping) {
        if (mapping.entries().size() < rule.shape().least()) {
            fault(key, "empty", "'" + key + "' is empty", rule.shape().hint().orElse(rule.hint()));
        }
    }

    /** Whether it or a nested mapping has a fault so far. */
    boolean isFaulty() {
        return reading.faults().count() > faultsBefore;
    }

    /** The text under a key of an unopened mapping, for its name in faults. */
    static Optional<String> peek(YamlNode node, String key) {
        return entry(node, key)
                .filter(value -> value instanceof Scalar && !isNothing(value))
                .map(value -> ((Scalar) value).value())
                .filter(text -> !text.isBlank());
    }

    private static Optional<YamlNode> entry(YamlNode node, String key) {
        return node instanceof Entries mapping
                ? mapping.entries().stream()
                        .filter(entry -> entry.key() instanceof Scalar name
                                && name.value().equals(key))
                        .map(Entry::value)
                        .findFirst()
                : Optional.empty();
    }

    @Override
    public Optional<String> peek(String key) {
        return Optional.ofNullable(texts.get(key));
    }

    @Override
    public Optional<Keys> inner(String key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::value).map(node -> new Keys() {
            @Override
            public boolean has(String inner) {
                return entry(node, inner).isPresent();
            }

            @Override
            public Optional<String> peek(String inner) {
                return Mapping.peek(node, inner).map(Mapping.this::quietlyReplaced);
            }

            @Override
            public Optional<Keys> inner(String inner) {
                return Optional.empty();
            }
        });
    }

    private String quietlyReplaced(String text) {
        Matcher placeholder = PLACEHOLDER.matcher(text);
        return reading.isLiteral() || !placeholder.matches()
                ? text
                : reading.placeholders().value(placeholder.group(1)).orElse(text);
    }

    private void add(Entry tuple) {
        if (!(tuple.key() instanceof Scalar key)) {
            fault(tuple.key().line(), "kind", "a key is " + tuple.key().kind(), QUOTE_IT);
            return;
        }
        Entry first = entries.putIfAbsent(key.value(), tuple);
        if (first != null) {
            fault(
                    key.line(),
                    "twice",
                    "'" + Shown.of(key.value()) + "' stands twice, first in line "
                            + first.key().line(),
                    "keep one of them");
        }
    }

    private void refuseUnknown(String key) {
        String wayOut = Nearest.to(key, shape.keys())
                .map(nearest -> "did you mean '" + nearest + "'?")
                .or(() -> Schema.onlyHolderOf(key).map(holder -> "it is a key of " + holder))
                .orElse("known here: " + String.join(", ", shape.keys()));
        fault(line(key), "unknown", "unknown key '" + Shown.of(key) + "'", wayOut);
    }

    /** Reports a missing required key. */
    void faultOfLacking(String key) {
        fault(key, "required", "lacks '" + key + "'", shape.rule(key).hint());
    }

    /** A value by the key that holds it, such as {@code login 'password'}, for faults. */
    String named(String key) {
        return (key.equals("type") ? shape.name() : key) + " '" + text(key).orElse("") + "'";
    }

    /** The keys, in the order of the file. */
    List<String> present() {
        return List.copyOf(entries.keySet());
    }

    @Override
    public boolean has(String key) {
        return entries.containsKey(known(key));
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

    /** @param code the kind of fault in one word, for which forms have their own text */
    void fault(String key, String code, String rule, String wayOut) {
        reading.faults()
                .add(
                        line(key),
                        new FaultCollector.Kind(entries.containsKey(key) ? null : key, code),
                        resource,
                        rule,
                        wayOut);
    }

    private void fault(int at, String code, String rule, String wayOut) {
        reading.faults().add(at, new FaultCollector.Kind(null, code), resource, rule, wayOut);
    }

    void warn(String key, String rule, String wayOut) {
        reading.faults().warn(line(key), resource, rule, wayOut);
    }

    /** A single value with placeholders replaced, or its default; empty if missing or invalid. */
    Optional<String> text(String key) {
        return Optional.ofNullable(has(key) ? texts.get(key) : shape.rule(key).defaultValue());
    }

    Optional<Secret> secret(String key) {
        return text(key).map(Secret::of);
    }

    /** A private key in PEM. */
    Optional<AssertionKey> privateKey(String key) {
        try {
            return secret(key).map(AssertionKey::of);
        } catch (PemException e) {
            fault(key, "private-key", "'" + key + "' " + e.getMessage(), e.wayOut());
            return Optional.empty();
        }
    }

    /** A single value as written in the file; may be shown, may be empty. */
    String literal(String key) {
        return entries.get(key).value() instanceof Scalar scalar ? scalar.value() : "";
    }

    /** A file that a placeholder names may hold bytes, or their Base64. */
    private Optional<String> content(String file) {
        return reading.placeholders()
                .value(FILE + file)
                .filter(text -> BASE64.matcher(text).matches())
                .or(() -> reading.placeholders().value(Placeholders.BYTES_OF_FILE + file));
    }

    /** A boolean; false if invalid. */
    boolean flag(String key) {
        return text(key).filter("true"::equals).isPresent();
    }

    Optional<Long> whole(String key) {
        return text(key).map(Long::parseLong);
    }

    Optional<Duration> duration(String key) {
        return text(key).map(Durations::parse);
    }

    /** A time with offset, or a date, which means midnight UTC. */
    Optional<Instant> time(String key) {
        return text(key)
                .map(text -> text.indexOf('T') < 0
                        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : OffsetDateTime.parse(text).toInstant());
    }

    /** A value of an enum, in lower case, with '-' for '_'. */
    <E extends Enum<E>> Optional<E> word(String key, Class<E> type) {
        return text(key).map(text -> Arrays.stream(type.getEnumConstants())
                .filter(each -> each.name().replace('_', '-').equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("the schema's word for '" + key + "' is none of " + type)));
    }

    /** A URL that the egress rules allow. */
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
            fault(key, "url", "'" + key + "' is not a URL: " + e.getReason() + " at index " + e.getIndex(), macros);
            return Optional.empty();
        }
        Optional<String[]> refusal = Optional.ofNullable(refusalOf(url));
        refusal.ifPresent(why -> fault(key, "wrong-url", "'" + key + "' " + why[0], why[1]));
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

    /** The mapping under a key; may be empty. */
    Optional<Mapping> mapping(String key) {
        return Optional.ofNullable(entries.get(known(key)))
                .map(Entry::value)
                .filter(Entries.class::isInstance)
                .flatMap(node -> open(node, shape.rule(key).shape(), resource, reading));
    }

    /** An object that is the user's own JSON; empty: there is none. */
    Optional<JsonNode> json(String key) {
        return Optional.ofNullable(entries.get(known(key)))
                .map(Entry::value)
                .filter(Entries.class::isInstance)
                .map(JsonTree::json);
    }

    boolean isList(String key) {
        return has(key) && entries.get(key).value() instanceof Sequence;
    }

    /** A jq program; its fault names the way out. */
    Optional<JqProgram> condition(String key, String wayOut) {
        return compiled(key, reading.compiled()::condition, "", wayOut);
    }

    /** What a text is compiled to. @param what stands in a fault before the compiler's own text, which never quotes secrets */
    <T> Optional<T> compiled(String key, Function<String, T> compiler, String what, String wayOut) {
        return text(key).flatMap(text -> {
            try {
                return Optional.of(compiler.apply(text));
            } catch (IllegalArgumentException e) {
                fault(key, "program", "'" + key + "'" + (what.isEmpty() ? ": " : " " + what) + e.getMessage(), wayOut);
                return Optional.empty();
            }
        });
    }

    /** What the items of a list of mappings may hold. */
    Shape shapeOfItems(String key) {
        return shape.rule(key).items().shape();
    }

    /** The items of a list; none if there is no list. */
    List<YamlNode> list(String key) {
        return entries.containsKey(known(key)) && entries.get(key).value() instanceof Sequence sequence
                ? sequence.items()
                : List.of();
    }

    /** A list of texts, those without a fault, or its default. A single text counts as a list of one. */
    List<String> texts(String key) {
        return has(key) && !isNothing(entries.get(key).value())
                ? lists.getOrDefault(key, List.of())
                : shape.rule(key).defaultItems();
    }

    private Optional<String> replaced(String key, ValueRule rule, String text) {
        if (reading.isLiteral() || rule.isLiteral() || !text.contains("{{")) {
            return Optional.of(text);
        }
        Matcher placeholder = PLACEHOLDER.matcher(text);
        if (!placeholder.find()) {
            return Optional.of(text);
        }
        String name = placeholder.group(1);
        if (rule.isBinary() && placeholder.matches() && name.startsWith(FILE)) {
            Optional<String> content = content(name.substring(FILE.length()));
            if (content.isPresent()) {
                return content;
            }
        }
        if (!placeholder.matches()) {
            fault(
                    key,
                    "placeholder",
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
        String rule;
        String wayOut;
        if (name.startsWith(ENV)) {
            rule = "environment variable '" + shownVariable(name.substring(ENV.length())) + "' is not set";
            wayOut = "set it and start again";
        } else if (name.startsWith(FILE)) {
            rule = "file '" + shownPath(name.substring(FILE.length())) + "' cannot be read as a value";
            wayOut = "it must exist, be readable, be UTF-8 and at most 64 KiB";
        } else {
            rule = "property '" + Shown.of(name) + "' is not set";
            wayOut = "set it in application.properties, or write {{env:NAME}} for an environment variable";
        }
        fault(key, "placeholder", "'" + key + "': " + rule, wayOut);
    }

    /** The text of a placeholder, which may be a key by mistake. */
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

    private String known(String key) {
        if (!shape.knows(key)) {
            shape.rule(key);
        }
        return key;
    }

    private static boolean isNothing(YamlNode node) {
        return node instanceof Scalar scalar && scalar.form() == Scalar.Form.NOTHING;
    }

    /** A hint if YAML reads an unquoted placeholder as a nested mapping. */
    private static String hint(YamlNode node, String otherwise) {
        boolean unquoted = node instanceof Entries mapping
                && mapping.entries().stream().anyMatch(tuple -> tuple.key() instanceof Entries);
        return unquoted ? QUOTE_IT : otherwise;
    }
}
