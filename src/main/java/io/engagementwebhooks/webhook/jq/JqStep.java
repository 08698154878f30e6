package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.path.Path;

/**
 * A part of a program that counts each evaluation and each result against the budget.
 *
 * @param part the part
 * @param createsValues whether its results are new values, whose size is checked
 */
record JqStep(Expression part, boolean createsValues) implements Expression {

    @Override
    public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
            throws JsonQueryException {
        JqBudget budget = JqBudget.current();
        budget.enter();
        try {
            part.apply(
                    scope,
                    in,
                    path,
                    (result, at) -> {
                        budget.emitted(at);
                        if (createsValues) {
                            budget.checkNew(result);
                        }
                        output.emit(result == null ? NullNode.getInstance() : result, at);
                    },
                    requirePath);
        } finally {
            budget.leave();
        }
    }
}
