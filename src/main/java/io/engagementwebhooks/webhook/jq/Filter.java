package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;

/** A part of a jq program: maps one input to any number of results. Immutable. */
interface Filter {

    /**
     * Evaluates the filter.
     *
     * @param at the path of the input; null: paths are not needed
     */
    void run(Env env, JsonNode in, Path at, Output out);

    /** Evaluates the filter and counts the evaluation and its results against the budget. */
    default void apply(Env env, JsonNode in, Path at, Output out) {
        JqBudget budget = env.budget();
        budget.enter();
        try {
            run(env, in, at, (value, path) -> {
                budget.step(1);
                out.emit(value, path == null ? Path.none(at) : path);
            });
        } finally {
            budget.leave();
        }
    }

    /** Evaluates the filter for its values alone. */
    default void values(Env env, JsonNode in, Consumer<JsonNode> out) {
        apply(env, in, null, (value, path) -> out.accept(value));
    }
}
