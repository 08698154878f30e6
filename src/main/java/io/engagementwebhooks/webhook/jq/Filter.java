package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.function.Consumer;

/** A part of a jq program: maps one input to any number of results. Thread-safe. */
interface Filter {

    /**
     * Evaluates the filter.
     *
     * @param at the path of the input; null: paths are not needed, or the input is computed
     */
    void run(Env env, JsonNode in, Path at, Output out);

    /** Evaluates the filter and counts the evaluation against the budget. */
    default void apply(Env env, JsonNode in, Path at, Output out) {
        env.budget().enter();
        try {
            run(env, in, at, out);
        } finally {
            env.budget().leave();
        }
    }

    /** Evaluates the filter for its values alone. */
    default void values(Env env, JsonNode in, Consumer<JsonNode> out) {
        apply(env, in, null, (value, path) -> out.accept(value));
    }

    /** The values of all results. Reserves the memory of numbers, which nothing else counts. */
    default ArrayNode array(Env env, JsonNode in) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        values(env, in, value -> {
            env.budget().reserve(0);
            array.add(value);
        });
        return array;
    }

    /** The first result; null if there is none. */
    default JsonNode first(Env env, JsonNode in) {
        JsonNode[] first = new JsonNode[1];
        limit(1, env, in, null, (value, path) -> first[0] = value);
        return first[0];
    }

    /** Evaluates the filter for its first results. A negative limit is none. */
    default void limit(int most, Env env, JsonNode in, Path at, Output out) {
        if (most == 0) {
            return;
        }
        int[] left = {most};
        LimitReached reached = new LimitReached();
        try {
            apply(env, in, at, (value, path) -> {
                out.emit(value, path);
                if (--left[0] == 0) {
                    throw reached;
                }
            });
        } catch (LimitReached e) {
            if (e != reached) {
                throw e;
            }
        }
    }
}
