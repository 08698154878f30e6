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
 * {@code a and b and c}, or with {@code or}: a chain of conditions, which may be long, is one part and not one within
 * the other.
 *
 * @param decisive what a term's answer must be to end the chain: true for {@code or}, false for {@code and}
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
            List<JsonNode> answers = new ArrayList<>(1);
            terms.get(i).apply(scope, in, answers::add);
            if (answers.size() != 1) {
                branch(scope, in, output, i, answers);
                return;
            }
            if (isLast(i, answers.get(0))) {
                output.emit(BooleanNode.valueOf(JsonNodeUtils.asBoolean(answers.get(0))), null);
                return;
            }
        }
    }

    /** A term with several answers makes a chain of each. */
    private void branch(Scope scope, JsonNode in, PathOutput output, int term, List<JsonNode> answers)
            throws JsonQueryException {
        for (JsonNode answer : answers) {
            if (isLast(term, answer)) {
                output.emit(BooleanNode.valueOf(JsonNodeUtils.asBoolean(answer)), null);
            } else {
                apply(scope, in, output, term + 1);
            }
        }
    }

    private boolean isLast(int term, JsonNode answer) {
        return term == terms.size() - 1 || JsonNodeUtils.asBoolean(answer) == decisive;
    }
}
