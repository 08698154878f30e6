package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * Where a value stands in the input of {@code path(…)} or of an assignment. Immutable.
 *
 * @param parent the path before the last key
 * @param key a name, an index, or a slice such as {@code {"start": 1, "end": 3}}
 * @param length the number of keys
 */
record Path(Path parent, JsonNode key, int length) {

    static final Path ROOT = new Path(null, null, 0);

    /** The path of a computed value, which is no part of the input. */
    private static final Path NONE = new Path(null, null, -1);

    /** The path of a computed value; null if paths are not needed. */
    static Path none(Path at) {
        return at == null ? null : NONE;
    }

    /** The path of the member {@code key} of a value at a path; null if paths are not needed. */
    static Path member(Path at, JsonNode key, JsonNode value) {
        if (at == NONE) {
            throw new JqError("Invalid path expression near attempt to access element %s of %s", key, value);
        }
        return at == null ? null : new Path(at, key, at.length + 1);
    }

    /**
     * The path as an array of keys.
     *
     * @param in the input
     * @param value the value at this path
     */
    ArrayNode keys(JqBudget budget, JsonNode in, JsonNode value) {
        if (this == NONE && (in.isContainerNode() || !Operators.equal(budget, in, value))) {
            throw new JqError("Invalid path expression with result %s", value);
        }
        budget.reserveItems(length + 2L);
        ArrayNode keys = JsonNodeFactory.instance.arrayNode();
        addTo(keys);
        return keys;
    }

    private void addTo(ArrayNode keys) {
        if (parent != null) {
            parent.addTo(keys);
            keys.add(key);
        }
    }
}
