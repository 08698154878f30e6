package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;

/** jq's assignments; copies count against the budget. */
final class Assignments {

    private Assignments() {}

    /** {@code target = value}, and {@code target += value} and its like. */
    record Set(Filter target, Operators.Operator operator, Filter value) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Paths paths = new Paths(env.budget());
            value.values(env, in, assigned -> {
                JsonNode changed = in;
                for (JsonNode path : paths(target, env, in)) {
                    changed = paths.update(changed, path, old -> operator.apply(env.budget(), old, assigned));
                }
                out.emit(env.budget().created(changed), null);
            });
        }
    }

    /** {@code target |= change}: the first result; no result deletes the path. */
    record Update(Filter target, Filter change) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Paths paths = new Paths(env.budget());
            ArrayNode deleted = JsonNodeFactory.instance.arrayNode();
            JsonNode changed = in;
            for (JsonNode path : paths(target, env, in)) {
                changed = paths.update(changed, path, old -> {
                    List<JsonNode> results = new ArrayList<>();
                    change.values(env, old, results::add);
                    if (results.isEmpty()) {
                        deleted.add(path);
                    }
                    return results.isEmpty() ? old : results.get(0);
                });
            }
            changed = deleted.isEmpty() ? changed : paths.delete(changed, deleted);
            out.emit(env.budget().created(changed), null);
        }
    }

    private static List<ArrayNode> paths(Filter target, Env env, JsonNode in) {
        List<ArrayNode> paths = new ArrayList<>();
        target.apply(env, in, Path.ROOT, (value, path) -> paths.add(path.keys(env.budget(), in, value)));
        return paths;
    }
}
