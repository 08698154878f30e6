package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.operators.BinaryOperator;
import net.thisptr.jackson.jq.path.Path;
import net.thisptr.jackson.jq.path.RootPath;

/** jq's assignments; copies count against the budget. */
final class JqAssignment {

    private JqAssignment() {}

    /** {@code places = value}, or with an operator {@code places += value} and its like. */
    record Set(Expression places, Expression value, BinaryOperator operator) implements Expression {
        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
                throws JsonQueryException {
            JqPaths paths = new JqPaths(JqBudget.current());
            value.apply(scope, in, assigned -> {
                JsonNode out = in;
                for (JsonNode place : paths(places, scope, in)) {
                    out = paths.update(
                            out,
                            place,
                            old -> operator == null
                                    ? assigned
                                    : JqOperation.calculate(operator, scope.getObjectMapper(), old, assigned));
                }
                output.emit(out, null);
            });
        }
    }

    /** {@code places |= change}: the first result; no result deletes the path. */
    record Update(Expression places, Expression change) implements Expression {
        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
                throws JsonQueryException {
            JqPaths paths = new JqPaths(JqBudget.current());
            ArrayNode gone = JsonNodeFactory.instance.arrayNode();
            JsonNode out = in;
            for (JsonNode place : paths(places, scope, in)) {
                out = paths.update(out, place, old -> {
                    List<JsonNode> results = new ArrayList<>();
                    change.apply(scope, old, results::add);
                    if (results.isEmpty()) {
                        gone.add(place);
                        return old;
                    }
                    return results.get(0);
                });
            }
            output.emit(gone.isEmpty() ? out : paths.delete(out, gone), null);
        }
    }

    private static List<JsonNode> paths(Expression places, Scope scope, JsonNode in) throws JsonQueryException {
        List<JsonNode> paths = new ArrayList<>();
        places.apply(
                scope,
                in,
                RootPath.getInstance(),
                (value, path) -> {
                    if (path == null) {
                        throw new JsonQueryException("what stands left of an assignment must be a path");
                    }
                    ArrayNode steps = JsonNodeFactory.instance.arrayNode();
                    path.toJsonNode(steps);
                    JqBudget.current().reserveItems(steps.size() + 2L);
                    paths.add(steps);
                },
                true);
        return paths;
    }
}
