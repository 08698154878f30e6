package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.config.YamlNode.Entries;
import io.engagementwebhooks.webhook.config.YamlNode.Entry;
import io.engagementwebhooks.webhook.config.YamlNode.Scalar;
import io.engagementwebhooks.webhook.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Adapts JSON to the readers of the configuration file. Line numbers stand for JSON Pointers. Null members are omitted.
 * Single use.
 */
final class JsonTree {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> pointers = new ArrayList<>();
    private YamlNode root;

    private JsonTree() {}

    static JsonTree of(JsonNode document) {
        JsonTree tree = new JsonTree();
        tree.root = tree.node(document, "");
        return tree;
    }

    YamlNode root() {
        return root;
    }

    /** Lines begin at 1. */
    private int line(String pointer) {
        pointers.add(pointer);
        return pointers.size();
    }

    private YamlNode node(JsonNode json, String pointer) {
        int line = line(pointer);
        if (json.isObject()) {
            List<Entry> entries = new ArrayList<>();
            json.properties().forEach(member -> {
                if (!member.getValue().isNull()) {
                    String at = pointer + "/" + escaped(member.getKey());
                    Scalar key = new Scalar(line(at), member.getKey(), Scalar.Form.VALUE);
                    entries.add(new Entry(key, node(member.getValue(), at)));
                }
            });
            return new Entries(line, entries, json);
        }
        if (json.isArray()) {
            List<YamlNode> items = new ArrayList<>();
            for (int i = 0; i < json.size(); i++) {
                items.add(node(json.get(i), pointer + "/" + i));
            }
            return new Sequence(line, items);
        }
        return json.isNull()
                ? new Scalar(line, "", Scalar.Form.NOTHING)
                : new Scalar(line, json.asText(), Scalar.Form.VALUE);
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** The pointer for display; a misplaced secret in a name is shortened. */
    private static String shown(String pointer) {
        StringBuilder shown = new StringBuilder();
        for (String name : pointer.split("/", -1)) {
            if (!Shown.of(name).equals(name)) {
                return shown.toString();
            }
            shown.append(shown.length() == 0 && name.isEmpty() ? "" : "/").append(name);
        }
        return shown.toString();
    }

    /** A fault with its JSON Pointer. */
    FieldFault fault(Fault fault, FaultCollector.Kind kind) {
        String pointer = fault.line() > 0 ? shown(pointers.get(fault.line() - 1)) : "";
        return new FieldFault(
                kind.lacking() == null ? pointer : pointer + "/" + escaped(kind.lacking()),
                fault.resource() + ": "
                        + fault.rule()
                                .replaceAll("is in line \\d+ too", "is there twice")
                                .replaceAll(" in line \\d+", ""),
                fault.wayOut(),
                kind.code());
    }

    /** The content of a file as JSON: every value is a text, placeholders are not replaced. */
    static JsonNode of(YamlNode node) {
        return json(node, JsonTree::text);
    }

    /** A value as JSON: as it was given by the API; of the file with numbers, true and false as they stand there. */
    static JsonNode json(YamlNode node) {
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
