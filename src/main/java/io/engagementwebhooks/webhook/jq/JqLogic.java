package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.JsonNodeUtils;
import net.thisptr.jackson.jq.path.Path;

/**
 * A chain such as {@code a and b and c}, or of {@code or}. It is one part, so a long chain is not nested deeply.
 *
 * @param decisive what a term's result must be to end the chain: true for {@code or}, false for {@code and}
 * @param terms at least two
 */
record JqLogic(boolean decisive, List<Expression> terms) implements Expression {

    @Override
    public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
            throws JsonQueryException {
        apply(scope, in, output, 0);
    }

    private void apply(Scope scope, JsonNode in, PathOutput output, int from) throws JsonQueryException {
        for (int i = from; i < terms.size(); i++) {
            List<JsonNode> results = new ArrayList<>(1);
            terms.get(i).apply(scope, in, results::add);
            if (results.size() != 1) {
                branch(scope, in, output, i, results);
                return;
            }
            if (isLast(i, results.get(0))) {
                output.emit(BooleanNode.valueOf(JsonNodeUtils.asBoolean(results.get(0))), null);
                return;
            }
        }
    }

    /** Evaluates the rest of the chain once for each result of a term. */
    private void branch(Scope scope, JsonNode in, PathOutput output, int term, List<JsonNode> results)
            throws JsonQueryException {
        for (JsonNode result : results) {
            if (isLast(term, result)) {
                output.emit(BooleanNode.valueOf(JsonNodeUtils.asBoolean(result)), null);
            } else {
                apply(scope, in, output, term + 1);
            }
        }
    }

    private boolean isLast(int term, JsonNode result) {
        return term == terms.size() - 1 || JsonNodeUtils.asBoolean(result) == decisive;
    }
}
