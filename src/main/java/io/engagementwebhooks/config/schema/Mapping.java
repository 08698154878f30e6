package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.Validation.Spot;
import io.engagementwebhooks.config.schema.YamlNode.Entries;
import io.engagementwebhooks.config.schema.YamlNode.Entry;
import io.engagementwebhooks.config.schema.YamlNode.Scalar;
import io.engagementwebhooks.config.schema.YamlNode.Sequence;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.PemException;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.schema.DataSchema.Misfit;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A mapping of a definition that the {@link Schema} has checked, with placeholders replaced. What its reader refuses is a
 * fault with its line. Not thread-safe.
 */
public final class Mapping {

    private final Spot spot;
    private final String resource;
    private final ParseContext reading;
    private final int faultsBefore;

    private Mapping(Spot spot, String resource, ParseContext reading, int faultsBefore) {
        this.spot = spot;
        this.resource = resource;
        this.reading = reading;
        this.faultsBefore = faultsBefore;
    }

    /** Opens a definition. Reports what does not fit the schema, which cannot be read; empty: not all was checked. @param resource the subject of its faults */
    public static Optional<Mapping> open(YamlNode node, String definition, String resource, ParseContext reading) {
        return open(node, definition, resource, reading, false);
    }

    /** As above, for a definition whose lists hold definitions of their own, which are not checked. */
    public static Optional<Mapping> openOuter(YamlNode node, String definition, String resource, ParseContext reading) {
        return open(node, definition, resource, reading, true);
    }

    private static Optional<Mapping> open(
            YamlNode node, String definition, String resource, ParseContext reading, boolean isOuter) {
        int before = reading.faults().count();
        if (!(node instanceof Entries entries)) {
            reading.faults().add(node.line(), resource, "is " + node.kind(), "it is a mapping of 'key: value'");
            return Optional.empty();
        }
        Rule rule = Schema.rule(definition);
        Set<String> faulty = new HashSet<>();
        ObjectNode values = new ValueTree(resource, reading, isOuter, faulty).object(entries, rule, "");
        Spot spot = new Spot(node, values, rule, definition, node.line(), "", false);
        List<Misfit> misfits = Schema.check(definition, values);
        new Validation(spot, resource, reading, faulty).report(misfits);
        return Schema.areAll(misfits) ? Optional.of(new Mapping(spot, resource, reading, before)) : Optional.empty();
    }

    /** Whether it has a fault so far. */
    public boolean isFaulty() {
        return reading.faults().count() > faultsBefore;
    }

    /** The text under a key of an unopened mapping, for its name in faults. */
    public static Optional<String> peek(YamlNode node, String key) {
        return YamlNode.entry(node, key)
                .map(Entry::value)
                .filter(value -> value instanceof Scalar scalar && scalar.form() != Scalar.Form.NOTHING)
                .map(value -> ((Scalar) value).value())
                .filter(text -> !text.isBlank());
    }

    /** The keys, in the order of the file. */
    public List<String> present() {
        List<String> keys = new ArrayList<>();
        spot.value().fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    public boolean has(String key) {
        return spot.value().has(key) || YamlNode.entry(spot.node(), key).isPresent();
    }

    /** The line of a key, or of the mapping if it lacks the key. */
    public int line(String key) {
        return spot.inner(key).line();
    }

    public String resource() {
        return resource;
    }

    public ParseContext reading() {
        return reading;
    }

    /** @param code the kind of fault in one word, for which forms have their own text */
    public void fault(String key, String code, String rule, String wayOut) {
        Spot at = spot.inner(key);
        reading.faults().add(at.line(), at.pointer(), code, resource, rule, wayOut);
    }

    /** As {@link #fault}, where its reader cannot go on. */
    public UnreadableException refused(String key, String code, String rule, String wayOut) {
        fault(key, code, rule, wayOut);
        return new UnreadableException();
    }

    /** What a reader makes; empty: it needs a value that is missing or does not fit. */
    public static <T> Optional<T> readable(Supplier<T> reader) {
        try {
            return Optional.of(reader.get());
        } catch (UnreadableException e) {
            return Optional.empty();
        }
    }

    public void warn(String key, String rule, String wayOut) {
        reading.faults().warn(line(key), resource, rule, wayOut);
    }

    /** @throws UnreadableException if it does not fit the schema */
    private JsonNode value(String key) {
        JsonNode value = spot.value().path(key);
        if (value.isMissingNode() && has(key)) {
            throw new UnreadableException();
        }
        return value;
    }

    /** A single value, or its default. @throws UnreadableException if there is none */
    public String text(String key) {
        return find(key).orElseThrow(UnreadableException::new);
    }

    /** A single value, or its default; empty: there is none. */
    public Optional<String> find(String key) {
        JsonNode value = value(key);
        return value.isMissingNode()
                ? Optional.ofNullable(spot.rule().of(key).defaultValue())
                : Optional.of(value).filter(JsonNode::isValueNode).map(JsonNode::asText);
    }

    public Secret secret(String key) {
        return Secret.of(text(key));
    }

    /** A private key in PEM. */
    public AssertionKey privateKey(String key) {
        try {
            return AssertionKey.of(secret(key));
        } catch (PemException e) {
            throw refused(key, "private-key", "'" + key + "' " + e.getMessage(), e.wayOut());
        }
    }

    /** A single value as written in the file; may be shown, may be empty. */
    public String literal(String key) {
        return spot.inner(key).text();
    }

    public boolean flag(String key) {
        return text(key).equals("true");
    }

    public int whole(String key) {
        return Integer.parseInt(text(key));
    }

    public Duration duration(String key) {
        return Durations.parse(text(key));
    }

    /** A time with offset, or a date, which means midnight UTC. */
    public Optional<Instant> time(String key) {
        return find(key)
                .map(text -> text.indexOf('T') < 0
                        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : OffsetDateTime.parse(text).toInstant());
    }

    /** A value of an enum, in lower case, with '-' for '_'. */
    public <E extends Enum<E>> E word(String key, Class<E> type) {
        String text = text(key);
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> each.name().replace('_', '-').equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the schema's word for '" + key + "' is none of " + type));
    }

    /** A URL that the egress rules allow. */
    public URI url(String key) {
        return url(key, text(key));
    }

    /** As {@link #url(String)}, for a text made of several keys; {@code key} is named in faults. */
    public URI url(String key, String text) {
        URI url;
        try {
            url = URI.create(new URI(text.strip()).toASCIIString());
        } catch (URISyntaxException e) {
            String macros = text.indexOf('{') >= 0 ? "macros are not replaced in URLs" : "write it percent-encoded";
            String rule = "'" + key + "' is not a URL: " + e.getReason() + " at index " + e.getIndex();
            throw refused(key, "url", rule, macros);
        }
        String[] why = refusalOf(url);
        if (why != null) {
            throw refused(key, "wrong-url", "'" + key + "' " + why[0], why[1]);
        }
        return url;
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

    /** The mapping under a key; empty: there is none. */
    public Optional<Mapping> mapping(String key) {
        return value(key).isObject() ? Optional.of(opened(spot.inner(key), resource)) : Optional.empty();
    }

    /** @throws UnreadableException if there is none */
    public Mapping inner(String key) {
        return mapping(key).orElseThrow(UnreadableException::new);
    }

    private Mapping opened(Spot inner, String subject) {
        return new Mapping(inner, subject, reading, reading.faults().count());
    }

    /** The mappings of a list; none if there is no list. */
    public List<Mapping> mappings(String key) {
        return IntStream.range(0, value(key).size())
                .mapToObj(index -> item(key, index, resource))
                .toList();
    }

    /** An item of a list of mappings. @param subject the subject of its faults */
    public Mapping item(String key, int index, String subject) {
        return opened(spot.inner(key).inner(Integer.toString(index)), subject);
    }

    /** An object that is the user's own JSON. */
    public JsonNode json(String key) {
        return value(key);
    }

    public boolean isList(String key) {
        return value(key).isArray();
    }

    /** A jq program; empty: there is none. @param wayOut that of its fault */
    public Optional<JqProgram> condition(String key, String wayOut) {
        return has(key) ? compiled(key, reading.compiled()::condition, wayOut) : Optional.empty();
    }

    /** What a text is compiled to; empty: it has a fault, in the compiler's words, which never quote secrets. */
    public <T> Optional<T> compiled(String key, Function<String, T> compiler, String wayOut) {
        try {
            return Optional.of(compiler.apply(text(key)));
        } catch (IllegalArgumentException e) {
            fault(key, "program", "'" + key + "': " + e.getMessage(), wayOut);
            return Optional.empty();
        }
    }

    /** The items of a list as they are in the file; none if there is no list. */
    public List<YamlNode> list(String key) {
        return spot.inner(key).node() instanceof Sequence sequence ? sequence.items() : List.of();
    }

    /** All texts, by their keys. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        present().forEach(key -> texts.put(key, text(key)));
        return texts;
    }

    /** A list of texts, or its default. A single text counts as a list of one. */
    public List<String> texts(String key) {
        JsonNode value = value(key);
        return value.isMissingNode() || value.isNull()
                ? spot.rule().of(key).defaultItems()
                : value.isArray() ? Rule.texts(value) : List.of(value.asText());
    }

    /** A list of integers, in their order, or its default. A single one counts as a list of one. */
    public SortedSet<Integer> numbers(String key) {
        return texts(key).stream().map(Integer::valueOf).collect(Collectors.toCollection(TreeSet::new));
    }
}
