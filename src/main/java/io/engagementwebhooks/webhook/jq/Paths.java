package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads, updates and deletes values by jq paths (arrays of keys, indexes and slices). Arrays and objects on the path
 * are copied, not modified; the copies count against the budget.
 */
final class Paths {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JqBudget budget;

    Paths(JqBudget budget) {
        this.budget = budget;
    }

    /** Maps the old value at a path to the new one. */
    interface Change {
        JsonNode of(JsonNode old);
    }

    /** The member of a value, null if there is none. */
    JsonNode member(JsonNode in, JsonNode key) {
        if (key.isTextual() && (in.isObject() || in.isNull())) {
            return JqValues.orNull(in.get(key.textValue()));
        }
        if (key.isNumber() && (in.isArray() || in.isNull())) {
            int index = key.asInt();
            boolean isWhole = index == key.asDouble();
            return isWhole ? JqValues.orNull(in.get(index < 0 ? index + in.size() : index)) : NullNode.getInstance();
        }
        if (key.isObject() && (in.isArray() || in.isTextual() || in.isNull())) {
            return slice(in, key);
        }
        throw cannotIndex(in, key);
    }

    private JsonNode slice(JsonNode in, JsonNode key) {
        if (in.isTextual()) {
            String text = in.textValue();
            budget.reserveText(text.length());
            budget.work(text.length() / 4);
            Range range = range(key, text.codePointCount(0, text.length()));
            int start = text.offsetByCodePoints(0, range.start);
            return TextNode.valueOf(text.substring(start, text.offsetByCodePoints(start, range.end - range.start)));
        }
        Range range = range(key, in.size());
        return in.isNull() ? in : budget.created(items(in, range.start, range.end));
    }

    private static ArrayNode items(JsonNode in, int start, int end) {
        ArrayNode items = NODES.arrayNode(end - start);
        for (int i = start; i < end; i++) {
            items.add(in.get(i));
        }
        return items;
    }

    private static JqError cannotIndex(JsonNode in, JsonNode key) {
        String type = JqValues.type(in);
        return new JqError(TextNode.valueOf(
                key.isTextual()
                        ? "Cannot index " + type + " with string " + JqValues.shortened(key)
                        : "Cannot index " + type + " with " + JqValues.type(key)));
    }

    JsonNode update(JsonNode in, JsonNode path, Change change) {
        return update(in, checked(path), path.size(), 0, change);
    }

    /** Deletes all paths, the last first, so that the other indexes stay valid. */
    JsonNode delete(JsonNode in, JsonNode paths) {
        if (!paths.isArray()) {
            throw new JqError("Paths must be specified as an array");
        }
        List<JsonNode> sorted = new ArrayList<>();
        for (JsonNode path : paths) {
            sorted.add(checked(path));
        }
        sorted.sort(new Order(budget).reversed());
        JsonNode out = in;
        for (JsonNode path : sorted) {
            out = deletePath(out, path);
        }
        return out;
    }

    private JsonNode deletePath(JsonNode in, JsonNode path) {
        int last = path.size() - 1;
        JsonNode holder = in;
        for (int i = 0; i < last; i++) {
            holder = member(holder, path.get(i));
        }
        if (last < 0 || holder.isNull()) {
            return last < 0 ? NullNode.getInstance() : in;
        }
        return update(in, path, last, 0, old -> without(old, path.get(last)));
    }

    private JsonNode without(JsonNode in, JsonNode key) {
        if (key.isTextual()) {
            return object(in, key).without(key.textValue());
        }
        ArrayNode copy = array(in, key);
        if (key.isNumber()) {
            // no item has a negative index
            copy.remove(index(key, copy.size()));
            return copy;
        }
        Range range = range(key, copy.size());
        return items(copy, 0, range.start).addAll(items(copy, range.end, copy.size()));
    }

    /** Checks that a path is an array within the limit of nesting. */
    JsonNode checked(JsonNode path) {
        if (!path.isArray()) {
            throw new JqError("Path must be specified as an array");
        }
        budget.checkNesting(path.size());
        return path;
    }

    /** Updates the value at the first keys of a path. */
    private JsonNode update(JsonNode in, JsonNode path, int length, int at, Change change) {
        if (at == length) {
            return change.of(in);
        }
        JsonNode step = path.get(at);
        if (step.isTextual()) {
            ObjectNode copy = object(in, step);
            String key = step.textValue();
            JsonNode old = copy.get(key);
            copy.set(key, update(old == null ? NullNode.getInstance() : old, path, length, at + 1, change));
            return copy;
        }
        ArrayNode copy = array(in, step);
        if (step.isNumber()) {
            budget.checkIndex(step);
            int index = index(step, copy.size());
            if (index < 0) {
                throw new JqError("Out of bounds negative array index");
            }
            JsonNode old = index < copy.size() ? copy.get(index) : NullNode.getInstance();
            JsonNode changed = update(old, path, length, at + 1, change);
            budget.work(Math.max(0, index - copy.size()));
            while (copy.size() <= index) {
                copy.addNull();
            }
            copy.set(index, changed);
            return copy;
        }
        return updateSlice(copy, step, slice -> update(slice, path, length, at + 1, change));
    }

    private JsonNode updateSlice(ArrayNode in, JsonNode step, Change change) {
        Range range = range(step, in.size());
        JsonNode changed = change.of(items(in, range.start, range.end));
        if (!changed.isArray()) {
            throw new JqError("A slice of an array can only be assigned another array");
        }
        ArrayNode out = items(in, 0, range.start);
        changed.forEach(out::add);
        budget.work((long) in.size() + out.size());
        return out.addAll(items(in, range.end, in.size()));
    }

    private ObjectNode object(JsonNode in, JsonNode key) {
        if (!in.isObject() && !in.isNull()) {
            throw cannotIndex(in, key);
        }
        budget.work(4L * in.size());
        ObjectNode copy = NODES.objectNode();
        in.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    private ArrayNode array(JsonNode in, JsonNode step) {
        boolean fits = in.isArray() || in.isNull();
        if (!fits || !(step.isNumber() || step.isObject())) {
            throw cannotIndex(in, step);
        }
        budget.work(in.size());
        ArrayNode copy = NODES.arrayNode();
        in.forEach(copy::add);
        return copy;
    }

    private static int index(JsonNode step, int size) {
        double index = Math.floor(step.asDouble());
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
