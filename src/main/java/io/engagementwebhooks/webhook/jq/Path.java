package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.function.Consumer;

/**
 * Where a value stands in the input of {@code path(…)} or of an assignment. Immutable.
 *
 * @param parent the path before the last key
 * @param key a name, an index, or a slice such as {@code {"start": 1, "end": 3}}
 */
record Path(Path parent, JsonNode key) {

    private static final Path ROOT = new Path(null, null);

    /** The path of a member of a value at a path; null if that has none. */
    static Path member(JqBudget budget, Path at, JsonNode key) {
        if (at == null) {
            return null;
        }
        budget.reserve(0);
        return new Path(at, key);
    }

    /** Emits the path of each result of a filter as an array of keys. */
    static void each(Filter filter, Env env, JsonNode in, Consumer<ArrayNode> out) {
        filter.apply(env, in, ROOT, (value, path) -> {
            if (path == null) {
                throw new JqError("Invalid path expression with result %s", value);
            }
            out.accept(path.keys(env.budget()));
        });
    }

    private ArrayNode keys(JqBudget budget) {
        ArrayNode keys = JsonNodeFactory.instance.arrayNode();
        for (Path path = this; path != ROOT; path = path.parent) {
            budget.reserveItems(1);
            keys.insert(0, path.key);
            budget.checkNesting(keys.size());
        }
        return keys;
    }
}
