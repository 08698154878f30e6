package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.EventTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The known event types, with fields and samples. Other types are accepted too. Immutable and thread-safe. */
public final class EventCatalog {

    private static final String RESOURCE = "/io/engagementwebhooks/event-types.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode SOURCE = read();

    private static final Map<String, Field> FIELDS = fields();

    /** In display order; types that the product sends are last. */
    public static final List<Type> TYPES = types();

    private EventCatalog() {}

    /**
     * A field of an event's data.
     *
     * @param name a dotted path from {@code data}
     * @param type JSON type
     * @param items type of its items if it is an array, or null
     * @param label name in conditions and templates, or null
     * @param description its meaning
     */
    public record Field(String name, String type, String items, String label, String description) {}

    /**
     * An event type.
     *
     * @param product whether the product sends it, to webhooks that name it or its prefix
     * @param required names of fields that each event has
     */
    public record Type(
            String type,
            String title,
            String description,
            boolean product,
            List<Field> fields,
            List<String> required,
            JsonNode document) {

        public Type {
            fields = List.copyOf(fields);
            required = List.copyOf(required);
        }

        /** A sample event of this type. */
        public ObjectNode sample() {
            return document.deepCopy();
        }

        /** The JSON Schema of its data. */
        public ObjectNode schema() {
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
    }

    /** The fields for conditions and templates. */
    public static List<Field> offered() {
        return FIELDS.values().stream().filter(field -> field.label() != null).toList();
    }

    /** The type of this name. */
    public static Optional<Type> type(String name) {
        return TYPES.stream().filter(type -> type.type().equals(name)).findFirst();
    }

    /** The types that match patterns. @param patterns of a webhook */
    public static List<Type> asked(List<String> patterns) {
        EventTypes asked = new EventTypes(patterns);
        return TYPES.stream()
                .filter(type -> type.product() ? asked.matchByName(type.type()) : asked.match(type.type()))
                .toList();
    }

    /** A sample event that matches. @param patterns of a webhook */
    public static ObjectNode sample(List<String> patterns) {
        for (String pattern : patterns) {
            EventTypes asked = new EventTypes(List.of(pattern));
            for (Type type : TYPES) {
                if (type.product() ? asked.matchByName(type.type()) : asked.match(type.type())) {
                    return type.sample();
                }
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
                .put("source", "/samples")
                .put("type", type)
                .put("subject", subject);
    }

    private static JsonNode read() {
        try (InputStream in = EventCatalog.class.getResourceAsStream(RESOURCE)) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is not complete: " + RESOURCE + " cannot be read", e);
        }
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
                                field.getValue().path("label").asText(null),
                                field.getValue().get("description").asText())));
        return fields;
    }

    private static List<Type> types() {
        List<Type> types = new ArrayList<>();
        for (JsonNode each : SOURCE.get("types")) {
            String type = each.get("type").asText();
            ObjectNode document = event(type, each.get("subject").asText());
            document.put("time", each.get("time").asText()).put("datacontenttype", "application/json");
            document.set("data", each.get("sample"));
            types.add(new Type(
                    type,
                    each.get("title").asText(),
                    each.get("description").asText(),
                    each.path("product").asBoolean(),
                    texts(each.get("fields")).stream().map(FIELDS::get).toList(),
                    texts(each.get("required")),
                    document));
        }
        return List.copyOf(types);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
