package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** The parts of the jq language. */
final class Filters {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** {@code .} */
    static final Filter IDENTITY = (env, in, at, out) -> out.emit(in, at);

    static final Filter EMPTY = (env, in, at, out) -> {};

    /** {@code .[]} */
    static final Filter ITERATE = (env, in, at, out) -> {
        if (!in.isContainerNode()) {
            throw new JqError("Cannot iterate over %s", in);
        }
        Paths.members(in, (key, member) -> {
            env.budget().step(1);
            out.emit(member, Path.member(env.budget(), at, key));
        });
    };

    private Filters() {}

    private record Result(JsonNode value, Path at) {}

    /**
     * All results of a filter, so that what uses them is not evaluated within it, which nests deeply.
     *
     * @param error that ended it; null: none
     */
    private record Results(List<Result> all, JqError error) {

        static Results of(Filter filter, Env env, JsonNode in, Path at) {
            List<Result> all = new ArrayList<>(1);
            try {
                filter.apply(env, in, at, (value, path) -> {
                    if (!all.isEmpty()) {
                        env.budget().reserveItems(1);
                    }
                    all.add(new Result(value, path));
                });
                return new Results(all, null);
            } catch (JqError e) {
                env.budget().caught();
                return new Results(all, e);
            }
        }

        void values(Consumer<JsonNode> out) {
            all.forEach(result -> out.accept(result.value));
            if (error != null) {
                throw error;
            }
        }
    }

    /** A filter whose result does not depend on its input. */
    interface Value extends Filter {
        JsonNode value(Env env);

        @Override
        default void run(Env env, JsonNode in, Path at, Output out) {
            out.emit(value(env), null);
        }
    }

    /** {@code 1}, {@code "text"}, {@code null} */
    record Literal(JsonNode value) implements Value {
        @Override
        public JsonNode value(Env env) {
            return value;
        }
    }

    /** {@code $name}; compared by identity. */
    static final class Variable implements Value {
        @Override
        public JsonNode value(Env env) {
            return env.value(this);
        }
    }

    /** {@code left | right} */
    record Pipe(Filter left, Filter right) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            left.apply(env, in, at, (value, path) -> right.apply(env, value, path, out));
        }
    }

    /** {@code .name}, {@code .[key]}; a slice has a key such as {@code {"start": 1, "end": 3}}, a search an array. */
    record Access(Value key) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            JsonNode member = key.value(env);
            if (member.isArray() && in.isArray()) {
                out.emit(Search.indices(env.budget(), in, member), null);
            } else {
                out.emit(Paths.member(env.budget(), in, member), Path.member(env.budget(), at, member));
            }
        }
    }

    /** The input, its results of {@code step}, their results, and so on. The last result of a step is not nested. */
    record Recurse(Filter step) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Result[] pending = {new Result(in, at)};
            while (pending[0] != null) {
                Result next = pending[0];
                pending[0] = null;
                out.emit(next.value, next.at);
                try {
                    step.apply(env, next.value, next.at, (value, path) -> {
                        runPending(env, pending, out);
                        pending[0] = new Result(value, path);
                    });
                } catch (JqError e) {
                    runPending(env, pending, out);
                    throw e;
                }
            }
        }

        private void runPending(Env env, Result[] pending, Output out) {
            Result next = pending[0];
            pending[0] = null;
            if (next != null) {
                run(env, next.value, next.at, out);
            }
        }
    }

    /** {@code source as $variable | rest} */
    record Bind(Filter source, Variable variable, Filter rest) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            source.values(env, in, value -> rest.apply(env.with(variable, value), in, at, out));
        }
    }

    /** {@code reduce source as $variable (start; update)}. @param bound binds the variables in a filter */
    record Reduce(Function<Filter, Filter> bound, Filter start, Filter update) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            start.apply(env, in, at, (first, firstPath) -> {
                Result[] state = {new Result(first, firstPath)};
                Filter change = (inner, any, none, ignored) -> {
                    Result old = state[0];
                    state[0] = new Result(NullNode.getInstance(), null);
                    Output last = (value, path) -> state[0] = new Result(value, path);
                    update.apply(inner, old.value, old.at, last);
                };
                bound.apply(change).run(env, in, null, out);
                out.emit(state[0].value, state[0].at);
            });
        }
    }

    /** {@code if condition then yes else no end} */
    record If(Filter condition, Filter yes, Filter no) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Results.of(condition, env, in, null)
                    .values(value -> (JqValues.isTrue(value) ? yes : no).apply(env, in, at, out));
        }
    }

    /** {@code part, part} */
    record Comma(List<Filter> parts) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            parts.forEach(part -> part.apply(env, in, at, out));
        }
    }

    /** {@code term and term}, {@code term or term}, or a longer chain of one of them. */
    record Logic(List<Filter> terms, boolean isOr) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            List<Boolean> results = List.of(!isOr);
            for (Filter term : terms) {
                List<Boolean> next = new ArrayList<>(1);
                for (boolean result : results) {
                    if (result == isOr) {
                        next.add(isOr);
                    } else {
                        term.values(env, in, value -> next.add(JqValues.isTrue(value)));
                    }
                }
                results = next;
            }
            results.forEach(result -> out.emit(BooleanNode.valueOf(result), null));
        }
    }

    /** {@code left // right}: the right results if no left one is true. */
    record Alternative(Filter left, Filter right) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            boolean[] found = new boolean[1];
            left.apply(env, in, at, (value, path) -> {
                if (JqValues.isTrue(value)) {
                    found[0] = true;
                    out.emit(value, path);
                }
            });
            if (!found[0]) {
                right.apply(env, in, at, out);
            }
        }
    }

    /** {@code left + right} and its like */
    record Operation(Filter left, Operators.Operator operator, Filter right) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            JqBudget budget = env.budget();
            right.values(env, in, r -> left.values(env, in, l -> out.emit(operator.apply(budget, l, r), null)));
        }
    }

    /** {@code target |= change}: the first result of the change; no result deletes the member. */
    record Update(Filter target, Filter change) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            ArrayNode deleted = NODES.arrayNode();
            List<ArrayNode> paths = new ArrayList<>();
            Path.each(target, env, in, paths::add);
            JsonNode changed = in;
            for (ArrayNode path : paths) {
                changed = Paths.update(env.budget(), changed, path, old -> {
                    JsonNode result = change.first(env, old);
                    if (result == null) {
                        deleted.add(path);
                    }
                    return result == null ? old : result;
                });
            }
            changed = deleted.isEmpty() ? changed : Paths.delete(env.budget(), changed, deleted);
            out.emit(env.budget().created(changed), null);
        }
    }

    /** {@code try body catch handler}; {@code body?} has a handler without results. */
    record Try(Filter body, Filter handler) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            JqError[] ofNextPart = new JqError[1];
            try {
                body.apply(env, in, at, (value, path) -> {
                    try {
                        out.emit(value, path);
                    } catch (JqError e) {
                        ofNextPart[0] = e;
                        throw e;
                    }
                });
            } catch (JqError e) {
                if (e == ofNextPart[0]) {
                    throw e;
                }
                env.budget().caught();
                handler.values(env, e.value(), value -> out.emit(value, null));
            }
        }
    }

    /** {@code [items]} */
    record MakeArray(Filter items) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            out.emit(env.budget().created(items.array(env, in)), null);
        }
    }

    /** {@code {key: value}} */
    record MakeObject(List<Entry> entries) implements Filter {
        record Entry(Filter key, Filter value) {}

        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            List<Results> keys = new ArrayList<>();
            List<Results> values = new ArrayList<>();
            for (Entry entry : entries) {
                keys.add(Results.of(entry.key, env, in, null));
                values.add(Results.of(entry.value, env, in, null));
            }
            fill(env, keys, values, new LinkedHashMap<>(), 0, out);
        }

        private static void fill(
                Env env, List<Results> keys, List<Results> values, Map<String, JsonNode> filled, int from, Output out) {
            if (from == keys.size()) {
                ObjectNode object = NODES.objectNode();
                filled.forEach(object::set);
                out.emit(env.budget().created(object), null);
                return;
            }
            keys.get(from).values(key -> {
                if (!key.isTextual()) {
                    throw new JqError("Cannot use %s as object key", key);
                }
                values.get(from).values(value -> {
                    JsonNode before = filled.put(key.textValue(), value);
                    fill(env, keys, values, filled, from + 1, out);
                    filled.compute(key.textValue(), (name, last) -> before);
                });
            });
        }
    }
}
