package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.Range;

/**
 * Updates and deletes values by jq paths (arrays of keys, indexes and slices). Arrays and objects on the path are
 * copied, not modified; the copies count against the budget.
 */
final class JqPaths {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JqBudget budget;

    JqPaths(JqBudget budget) {
        this.budget = budget;
    }

    /** Maps the old value at a path to the new one. */
    interface Change {
        JsonNode of(JsonNode old) throws JsonQueryException;
    }

    JsonNode update(JsonNode in, JsonNode path, Change change) throws JsonQueryException {
        return update(in, checked(path), 0, change);
    }

    /** Deletes all paths, the last first, so that the other indexes stay valid. */
    JsonNode delete(JsonNode in, JsonNode paths) throws JsonQueryException {
        if (!paths.isArray()) {
            throw new JsonQueryException("Paths must be specified as an array");
        }
        List<JsonNode> sorted = new ArrayList<>();
        for (JsonNode path : paths) {
            sorted.add(checked(path));
        }
        sorted.sort(new JqOrder(budget).reversed());
        JsonNode out = in;
        for (JsonNode path : sorted) {
            out = path.isEmpty() ? NullNode.getInstance() : delete(out, path, 0);
        }
        return out;
    }

    /** Checks that a path is an array within the limit of nesting. */
    JsonNode checked(JsonNode path) throws JsonQueryException {
        if (!path.isArray()) {
            throw new JsonQueryException("Path must be specified as an array");
        }
        budget.checkNesting(path.size());
        return path;
    }

    private JsonNode update(JsonNode in, JsonNode path, int at, Change change) throws JsonQueryException {
        if (at == path.size()) {
            return change.of(in);
        }
        JsonNode step = path.get(at);
        if (step.isTextual()) {
            ObjectNode copy = object(in, step);
            String key = step.textValue();
            JsonNode old = copy.get(key);
            copy.set(key, update(old == null ? NullNode.getInstance() : old, path, at + 1, change));
            return copy;
        }
        ArrayNode copy = array(in, step);
        if (step.isNumber()) {
            budget.checkIndex(step);
            int index = index(step, copy.size());
            if (index < 0) {
                throw new JsonQueryException("Out of bounds negative array index");
            }
            JsonNode old = index < copy.size() ? copy.get(index) : NullNode.getInstance();
            JsonNode changed = update(old, path, at + 1, change);
            budget.work(Math.max(0, index - copy.size()));
            while (copy.size() <= index) {
                copy.addNull();
            }
            copy.set(index, changed);
            return copy;
        }
        return updateSlice(copy, step, path, at, change);
    }

    private JsonNode updateSlice(ArrayNode in, JsonNode step, JsonNode path, int at, Change change)
            throws JsonQueryException {
        Range range = range(step, in.size());
        ArrayNode slice = NODES.arrayNode();
        for (long i = range.start; i < range.end; i++) {
            slice.add(in.get((int) i));
        }
        JsonNode changed = update(slice, path, at + 1, change);
        if (!changed.isArray()) {
            throw new JsonQueryException("A slice of an array can only be assigned another array");
        }
        ArrayNode out = NODES.arrayNode();
        for (int i = 0; i < range.start; i++) {
            out.add(in.get(i));
        }
        changed.forEach(out::add);
        for (int i = (int) range.end; i < in.size(); i++) {
            out.add(in.get(i));
        }
        budget.work(out.size());
        return out;
    }

    private JsonNode delete(JsonNode in, JsonNode path, int at) throws JsonQueryException {
        if (in.isNull()) {
            return in;
        }
        JsonNode step = path.get(at);
        boolean last = at == path.size() - 1;
        if (step.isTextual()) {
            ObjectNode copy = object(in, step);
            JsonNode old = copy.get(step.textValue());
            if (last) {
                copy.remove(step.textValue());
            } else if (old != null) {
                copy.set(step.textValue(), delete(old, path, at + 1));
            }
            return copy;
        }
        ArrayNode copy = array(in, step);
        if (step.isNumber()) {
            int index = index(step, copy.size());
            if (index >= 0 && index < copy.size()) {
                if (last) {
                    copy.remove(index);
                } else {
                    copy.set(index, delete(copy.get(index), path, at + 1));
                }
            }
            return copy;
        }
        if (!last) {
            return updateSlice(copy, step, path, at, slice -> delete(slice, path, at + 1));
        }
        return withoutSlice(copy, range(step, copy.size()));
    }

    private ArrayNode withoutSlice(ArrayNode in, Range range) {
        budget.work(in.size());
        ArrayNode out = NODES.arrayNode();
        for (int i = 0; i < in.size(); i++) {
            if (i < range.start || i >= range.end) {
                out.add(in.get(i));
            }
        }
        return out;
    }

    private ObjectNode object(JsonNode in, JsonNode key) throws JsonQueryException {
        if (!in.isObject() && !in.isNull()) {
            throw new JsonQueryException("Cannot index %s with %s", in.getNodeType(), key);
        }
        budget.work(4L * in.size());
        ObjectNode copy = NODES.objectNode();
        in.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    private ArrayNode array(JsonNode in, JsonNode step) throws JsonQueryException {
        boolean fits = in.isArray() || in.isNull();
        if (!fits || !(step.isNumber() || step.isObject())) {
            throw new JsonQueryException("Cannot index %s with %s", in.getNodeType(), step.getNodeType());
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

    private static Range range(JsonNode step, int size) throws JsonQueryException {
        return Range.resolve(bound(step.get("start")), bound(step.get("end")), size);
    }

    private static JsonNode bound(JsonNode bound) throws JsonQueryException {
        if (bound == null || bound.isNull()) {
            return NullNode.getInstance();
        }
        if (!bound.isNumber()) {
            throw new JsonQueryException("Start and end indices of an array slice must be numbers");
        }
        return bound;
    }
}
