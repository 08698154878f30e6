package io.engagementwebhooks.event;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Finds a field of an event by a dotted path, such as {@code data.recording_id}. */
public final class FieldPath {

    private FieldPath() {}

    /** The node at a path, or a missing node. */
    public static JsonNode find(JsonNode event, String path) {
        JsonNode node = event;
        int start = 0;
        while (start <= path.length()) {
            int dot = path.indexOf('.', start);
            int end = dot < 0 ? path.length() : dot;
            node = node.path(path.substring(start, end));
            start = end + 1;
        }
        return node;
    }

    /** The values at a path as text, of every item of the arrays on the way. */
    public static Stream<String> texts(JsonNode event, String path) {
        Stream<JsonNode> nodes = items(event);
        for (String name : path.split("\\.")) {
            nodes = nodes.map(node -> node.path(name)).flatMap(FieldPath::items);
        }
        return nodes.filter(node -> node.isValueNode() && !node.isNull()).map(JsonNode::asText);
    }

    private static Stream<JsonNode> items(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false).flatMap(FieldPath::items)
                : Stream.of(node);
    }

    /** Whether there is a value other than null at a path. */
    public static boolean isPresent(JsonNode event, String path) {
        JsonNode node = find(event, path);
        return !node.isMissingNode() && !node.isNull();
    }
}
