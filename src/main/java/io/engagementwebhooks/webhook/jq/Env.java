package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The variables in scope at a part of a running program. Immutable, but for the budget.
 *
 * @param variable the innermost one; null: there is none
 */
record Env(JqBudget budget, Env outer, Filters.Variable variable, JsonNode value) {

    Env(JqBudget budget) {
        this(budget, null, null, null);
    }

    Env with(Filters.Variable added, JsonNode its) {
        return new Env(budget, this, added, its);
    }

    JsonNode value(Filters.Variable wanted) {
        Env scope = this;
        while (scope.variable != wanted) {
            scope = scope.outer;
        }
        return scope.value;
    }
}
