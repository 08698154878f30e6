package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Reads, updates and deletes values by keys and paths (arrays of keys: names, indexes and slices). Arrays and objects
 * on the path are copied, not modified; the copies count against the budget.
 */
final class Paths {

    /** The largest array index of an assignment; the gap before it is filled with nulls. */
    private static final int MAX_INDEX = 100_000;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Paths() {}

    /** The keys and values of an array or object; none of another value. */
    static void members(JsonNode container, BiConsumer<JsonNode, JsonNode> each) {
        if (container.isObject()) {
            container
                    .properties()
                    .forEach(field -> each.accept(TextNode.valueOf(field.getKey()), JqValues.plain(field.getValue())));
        } else {
            for (int i = 0; i < container.size(); i++) {
                each.accept(IntNode.valueOf(i), JqValues.plain(container.get(i)));
            }
        }
    }

    /** The member of a value; null if it has none. */
    static JsonNode member(JqBudget budget, JsonNode in, JsonNode key) {
        if (key.isTextual() && (in.isObject() || in.isNull())) {
            return JqValues.plain(in.get(key.textValue()));
        }
        if (key.isNumber() && (in.isArray() || in.isNull())) {
            return JqValues.plain(in.get(index(key, in.size())));
        }
        if (key.isObject() && (in.isArray() || in.isNull())) {
            Range range = range(key, in.size());
            return in.isNull() ? in : budget.created(items(in, range.start, range.end));
        }
        if (key.isObject() && in.isTextual()) {
            return slice(budget, in.textValue(), key);
        }
        throw cannotIndex(in, key);
    }

    /** Counted in code points. */
    private static JsonNode slice(JqBudget budget, String text, JsonNode key) {
        budget.reserveText(text.length());
        budget.work(text.length() / 4);
        Range range = range(key, text.codePointCount(0, text.length()));
        int start = text.offsetByCodePoints(0, range.start);
        return TextNode.valueOf(text.substring(start, text.offsetByCodePoints(start, range.end - range.start)));
    }

    private static JqError cannotIndex(JsonNode in, JsonNode key) {
        String shown = key.isTextual() ? "string " + JqValues.shortened(key) : JqValues.type(key);
        return new JqError("Cannot index " + JqValues.type(in) + " with " + shown);
    }

    /** Checks that a path is an array within the limit of nesting. */
    static JsonNode checked(JqBudget budget, JsonNode path) {
        if (!path.isArray()) {
            throw new JqError("Path must be specified as an array");
        }
        budget.checkNesting(path.size());
        return path;
    }

    /** A copy with another value at a path. */
    static JsonNode update(JqBudget budget, JsonNode in, JsonNode path, UnaryOperator<JsonNode> change) {
        return update(budget, in, checked(budget, path), 0, change);
    }

    /** A copy without the values at the paths. Deletes the last path first, so that the other indexes stay valid. */
    static JsonNode delete(JqBudget budget, JsonNode in, JsonNode paths) {
        if (!paths.isArray()) {
            throw new JqError("Paths must be specified as an array");
        }
        List<JsonNode> sorted = new ArrayList<>();
        paths.forEach(path -> sorted.add(checked(budget, path)));
        sorted.sort(new Order(budget).reversed());
        JsonNode out = in;
        for (JsonNode path : sorted) {
            JsonNode holder = out;
            for (int i = 0; i < path.size() - 1; i++) {
                holder = member(budget, holder, path.get(i));
            }
            out = holder.isNull() ? out : JqValues.plain(update(budget, out, path, 0, old -> null));
        }
        return out;
    }

    /** @param change maps the old value to the new one; null deletes the member */
    private static JsonNode update(
            JqBudget budget, JsonNode in, JsonNode path, int from, UnaryOperator<JsonNode> change) {
        if (from == path.size()) {
            return change.apply(in);
        }
        JsonNode key = path.get(from);
        JsonNode value = update(budget, member(budget, in, key), path, from + 1, change);
        budget.work(4L * in.size());
        if (key.isTextual()) {
            ObjectNode copy = NODES.objectNode();
            in.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
            return value == null ? copy.without(key.textValue()) : copy.set(key.textValue(), value);
        }
        return key.isNumber() ? withItem(budget, in, key, value) : withSlice(budget, in, key, value);
    }

    private static JsonNode withItem(JqBudget budget, JsonNode in, JsonNode key, JsonNode value) {
        int index = index(key, in.size());
        if (value == null && (index < 0 || index >= in.size())) {
            return in;
        }
        if (index > MAX_INDEX) {
            throw new BodyFault("the jq program assigns to an array index above " + MAX_INDEX);
        }
        if (index < 0) {
            throw new JqError("Out of bounds negative array index");
        }
        budget.work(index);
        ArrayNode copy = items(in, 0, index);
        if (value != null) {
            copy.add(value);
        }
        return copy.addAll(items(in, index + 1, in.size()));
    }

    private static JsonNode withSlice(JqBudget budget, JsonNode in, JsonNode key, JsonNode value) {
        if (!in.isArray() && !in.isNull() || value != null && !value.isArray()) {
            throw new JqError("A slice of an array can only be assigned another array");
        }
        Range range = range(key, in.size());
        ArrayNode copy = items(in, 0, range.start);
        if (value != null) {
            budget.work(value.size());
            copy.addAll((ArrayNode) value);
        }
        return copy.addAll(items(in, range.end, in.size()));
    }

    /** Null where there is no item. */
    private static ArrayNode items(JsonNode in, int start, int end) {
        ArrayNode items = NODES.arrayNode();
        for (int i = start; i < end; i++) {
            items.add(in.get(i));
        }
        return items;
    }

    private static int index(JsonNode key, int size) {
        double index = Math.floor(key.asDouble());
        return (int) (index < 0 ? index + size : index);
    }

    private record Range(int start, int end) {}

    private static Range range(JsonNode slice, int size) {
        double start = Math.min(size, bound(slice.get("start"), size, 0));
        double end = Math.min(size, bound(slice.get("end"), size, size));
        return new Range((int) start, (int) (end >= start ? Math.ceil(end) : start));
    }

    private static double bound(JsonNode bound, int size, int missing) {
        if (bound == null || bound.isNull()) {
            return missing;
        }
        if (!bound.isNumber()) {
            throw new JqError("Start and end indices of an array slice must be numbers");
        }
        double index = bound.asDouble();
        return Math.max(0, index < 0 ? index + size : index);
    }
}
