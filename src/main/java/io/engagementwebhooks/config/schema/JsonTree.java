package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.YamlNode.Entries;
import io.engagementwebhooks.config.schema.YamlNode.Entry;
import io.engagementwebhooks.config.schema.YamlNode.Scalar;
import io.engagementwebhooks.config.schema.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Converts between JSON and the nodes of the configuration file. */
public final class JsonTree {

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonTree() {}

    /** JSON as if it stood in a file, in line 0. Null members are omitted. */
    public static YamlNode of(JsonNode json) {
        if (json.isObject()) {
            List<Entry> entries = new ArrayList<>();
            json.properties().forEach(member -> {
                if (!member.getValue().isNull()) {
                    Scalar key = new Scalar(0, member.getKey(), Scalar.Form.VALUE);
                    entries.add(new Entry(key, of(member.getValue())));
                }
            });
            return new Entries(0, entries, json);
        }
        if (json.isArray()) {
            List<YamlNode> items = new ArrayList<>();
            json.forEach(item -> items.add(of(item)));
            return new Sequence(0, items);
        }
        return new Scalar(
                0, json.isNull() ? "" : json.asText(), json.isNull() ? Scalar.Form.NOTHING : Scalar.Form.VALUE);
    }

    /** The content of a file as JSON: every value is a text, placeholders are not replaced. */
    public static JsonNode of(YamlNode node) {
        return json(node, JsonTree::text);
    }

    /** A value as JSON: as it was given by the API; of the file with numbers, true and false as they stand there. */
    public static JsonNode json(YamlNode node) {
        return json(node, scalar -> scalar.form() == Scalar.Form.PLAIN ? plain(scalar.value()) : text(scalar));
    }

    private static JsonNode json(YamlNode node, Function<Scalar, JsonNode> value) {
        if (node instanceof Entries entries) {
            if (entries.json() != null) {
                return entries.json();
            }
            ObjectNode object = JSON.createObjectNode();
            entries.entries().forEach(entry -> {
                if (entry.key() instanceof Scalar key) {
                    object.set(key.value(), json(entry.value(), value));
                }
            });
            return object;
        }
        if (node instanceof Sequence sequence) {
            ArrayNode array = JSON.createArrayNode();
            sequence.items().forEach(item -> array.add(json(item, value)));
            return array;
        }
        return value.apply((Scalar) node);
    }

    private static JsonNode text(Scalar scalar) {
        return scalar.form() == Scalar.Form.NOTHING || scalar.form() == Scalar.Form.TAGGED
                ? JSON.getNodeFactory().nullNode()
                : JSON.getNodeFactory().textNode(scalar.value());
    }

    private static JsonNode plain(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a number, true or false is JSON", e);
        }
    }
}
