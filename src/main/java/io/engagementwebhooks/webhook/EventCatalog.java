package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.ledger.BundledFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The event types that an account knows, with their fields and samples: the product's and its own. Events of other types are
 * accepted and delivered alike. Immutable and thread-safe.
 */
public final class EventCatalog {

    private static final String RESOURCE = "/io/engagementwebhooks/event-types.json";

    /** The source of samples. */
    private static final String SAMPLES = "/samples";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode SOURCE = BundledFile.json(RESOURCE);

    private static final Map<String, Field> FIELDS = fields();

    /** The built-in types only. */
    public static final EventCatalog BUILT_IN = new EventCatalog(builtIn());

    /** How many fields of own types are offered for a webhook. */
    private static final int MOST_OFFERED = 100;

    private final List<Type> types;

    private EventCatalog(List<Type> types) {
        this.types = types;
    }

    /** The catalog of an account that has these types beside the built-in ones. */
    public static EventCatalog with(List<EventType> own) {
        List<Type> types = new ArrayList<>();
        BUILT_IN.types.stream().filter(type -> !type.product()).forEach(types::add);
        own.forEach(type -> types.add(Type.of(type)));
        BUILT_IN.types.stream().filter(Type::product).forEach(types::add);
        return new EventCatalog(List.copyOf(types));
    }

    /**
     * A field of an event's data.
     *
     * @param name a dotted path from {@code data}
     * @param type of JSON
     * @param items the type of its items where it is an array, or null
     * @param isTime whether it is a text with date and time
     * @param values those that it can have, as texts; empty: they are not listed
     * @param label for people where conditions and templates offer it, or null
     * @param description what it means
     */
    public record Field(
            String name,
            String type,
            String items,
            boolean isTime,
            List<String> values,
            String label,
            String description) {

        public Field {
            values = List.copyOf(values);
        }

        /** The field of this name in two types: of any type if theirs differ. */
        private Field merged(Field other) {
            boolean isSame = type.equals(other.type) && isTime == other.isTime && Objects.equals(items, other.items);
            return new Field(
                    name,
                    isSame ? type : "any",
                    isSame ? items : null,
                    isSame && isTime,
                    isSame && values.equals(other.values) ? values : List.of(),
                    label,
                    description);
        }
    }

    /**
     * An event type.
     *
     * @param product whether the product itself sends it, to webhooks that name it or its prefix
     * @param schema the JSON Schema of its data; shared: do not change it
     * @param document an event of it
     * @param own the account's definition, or null: it is built in
     */
    public record Type(
            String type,
            String title,
            String description,
            boolean product,
            List<Field> fields,
            JsonNode schema,
            JsonNode document,
            EventType own) {

        public Type {
            fields = List.copyOf(fields);
        }

        private static Type of(EventType own) {
            ObjectNode document = event(own.type(), "sample/1");
            document.put("datacontenttype", "application/json");
            document.set("data", own.sample());
            return new Type(
                    own.type(),
                    own.title(),
                    own.description(),
                    false,
                    SchemaFields.of(own),
                    own.schema(),
                    document,
                    own);
        }

        public boolean isOwn() {
            return own != null;
        }

        /** An event of it as JSON. */
        public ObjectNode sample() {
            return document.deepCopy();
        }
    }

    /** In the order in which they are offered; those that the product itself sends are the last. */
    public List<Type> types() {
        return types;
    }

    /** Those that the account has defined. */
    List<EventType> own() {
        return types.stream().filter(Type::isOwn).map(Type::own).toList();
    }

    /**
     * The fields that conditions and templates offer: those of the built-in types, unless the webhook asks for own types alone, and
     * those of the own types that it asks for.
     *
     * @param patterns what the webhook asks for
     */
    public List<Field> offered(List<String> patterns) {
        List<Type> asked = asked(patterns);
        boolean isOwnAlone = !asked.isEmpty() && asked.stream().allMatch(Type::isOwn);
        Stream<Field> builtIn = isOwnAlone ? Stream.empty() : FIELDS.values().stream();
        Map<String, Field> own = new LinkedHashMap<>();
        asked.stream()
                .filter(Type::isOwn)
                .flatMap(type -> type.fields().stream())
                .filter(field -> field.label() != null)
                .forEach(field -> own.merge(field.name(), field, Field::merged));
        Map<String, Field> offered = new LinkedHashMap<>();
        Stream.concat(
                        builtIn.filter(field -> field.label() != null),
                        own.values().stream().limit(MOST_OFFERED))
                .forEach(field -> offered.merge(field.name(), field, Field::merged));
        return List.copyOf(offered.values());
    }

    /** The type of this name. */
    public Optional<Type> type(String name) {
        return types.stream().filter(type -> type.type().equals(name)).findFirst();
    }

    /** Whether an event is a sample of a type that the product itself sends. */
    public static boolean isProductSample(String source, String type) {
        return source.equals(SAMPLES)
                && BUILT_IN.type(type).filter(Type::product).isPresent();
    }

    /** The types that a webhook asks for. @param patterns what it asks for */
    public List<Type> asked(List<String> patterns) {
        return asked(new EventTypes(patterns)).toList();
    }

    private Stream<Type> asked(EventTypes asked) {
        return types.stream()
                .filter(type -> type.product() ? asked.matchByName(type.type()) : asked.match(type.type()));
    }

    /** An event that a webhook asks for. @param patterns what it asks for */
    public ObjectNode sample(List<String> patterns) {
        for (String pattern : patterns) {
            Optional<Type> first = asked(new EventTypes(List.of(pattern))).findFirst();
            if (first.isPresent()) {
                return first.get().sample();
            }
        }
        String type = patterns.isEmpty() ? "sample" : patterns.get(0).replace("*", "sample");
        ObjectNode event = event(type, "sample/1");
        event.putObject("data");
        return event;
    }

    private static ObjectNode event(String type, String subject) {
        return JSON.createObjectNode()
                .put("specversion", "1.0")
                .put("id", "sample-" + type.replace('.', '-'))
                .put("source", SAMPLES)
                .put("type", type)
                .put("subject", subject);
    }

    private static Map<String, Field> fields() {
        Map<String, Field> fields = new LinkedHashMap<>();
        SOURCE.get("fields")
                .properties()
                .forEach(field -> fields.put(
                        field.getKey(),
                        new Field(
                                field.getKey(),
                                field.getValue().get("type").asText(),
                                field.getValue().path("items").asText(null),
                                false,
                                texts(field.getValue().path("values")),
                                field.getValue().path("label").asText(null),
                                field.getValue().get("description").asText())));
        return fields;
    }

    private static List<Type> builtIn() {
        List<Type> types = new ArrayList<>();
        for (JsonNode each : SOURCE.get("types")) {
            String type = each.get("type").asText();
            ObjectNode document = event(type, each.get("subject").asText());
            document.put("time", each.get("time").asText()).put("datacontenttype", "application/json");
            document.set("data", each.get("sample"));
            String title = each.get("title").asText();
            List<Field> fields =
                    texts(each.get("fields")).stream().map(FIELDS::get).toList();
            types.add(new Type(
                    type,
                    title,
                    each.get("description").asText(),
                    each.path("product").asBoolean(),
                    fields,
                    schema(title, fields, texts(each.get("required"))),
                    document,
                    null));
        }
        return List.copyOf(types);
    }

    private static ObjectNode schema(String title, List<Field> fields, List<String> required) {
        ObjectNode schema = JSON.createObjectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", title)
                .put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode needed = schema.putArray("required");
        required.forEach(needed::add);
        fields.forEach(field -> put(properties, field, field.name()));
        return schema;
    }

    private static void put(ObjectNode properties, Field field, String path) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            ObjectNode property =
                    properties.putObject(path).put("type", field.type()).put("description", field.description());
            if (field.items() != null) {
                property.putObject("items").put("type", field.items());
            }
            return;
        }
        ObjectNode parent = properties.withObjectProperty(path.substring(0, dot));
        put(parent.put("type", "object").withObjectProperty("properties"), field, path.substring(dot + 1));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
