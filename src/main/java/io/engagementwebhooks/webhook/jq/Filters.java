package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The parts of the jq language. */
final class Filters {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static final Filter IDENTITY = new Identity();

    private Filters() {}

    /** {@code .} */
    record Identity() implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            out.emit(in, at);
        }
    }

    /** {@code 1}, {@code "text"}, {@code null} */
    record Literal(JsonNode value) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            out.emit(value, Path.none(at));
        }
    }

    /** {@code $name} */
    record Variable(Object name) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            out.emit((JsonNode) env.value(name), Path.none(at));
        }
    }

    /** {@code left | right} */
    record Pipe(Filter left, Filter right) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            left.apply(env, in, at, (value, path) -> right.apply(env, value, path, out));
        }
    }

    /** {@code left, right} */
    record Comma(Filter left, Filter right) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            left.apply(env, in, at, out);
            right.apply(env, in, at, out);
        }
    }

    /**
     * {@code target.name}, {@code target[key]}; a slice has a key such as {@code {"start": 1, "end": 3}}.
     *
     * @param isOptional whether a target of another type has no result, rather than an error
     */
    record Access(Filter target, Filter key, boolean isOptional) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            if (key instanceof Literal literal) {
                access(env, in, at, literal.value, out);
            } else {
                key.values(env, in, wanted -> access(env, in, at, wanted, out));
            }
        }

        private void access(Env env, JsonNode in, Path at, JsonNode wanted, Output out) {
            target.apply(env, in, at, (value, path) -> {
                env.budget().step(1);
                Path member = Path.member(path, wanted, value);
                JsonNode found;
                try {
                    found = new Paths(env.budget()).member(value, wanted);
                } catch (JqError e) {
                    if (isOptional) {
                        return;
                    }
                    throw e;
                }
                out.emit(found, member);
            });
        }
    }

    /** {@code target[]} */
    record Iterate(Filter target, boolean isOptional) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            target.apply(env, in, at, (value, path) -> {
                if (value.isContainerNode()) {
                    members(value, (key, member) -> out.emit(member, Path.member(path, key, value)));
                } else if (!isOptional) {
                    throw new JqError("Cannot iterate over %s", value);
                }
            });
        }
    }

    /** {@code ..} */
    record Recurse() implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            out.emit(in, at);
            members(in, (key, member) -> run(env, member, Path.member(at, key, in), out));
        }
    }

    /** The keys and values of an array or object; none of another value. */
    static void members(JsonNode container, BiConsumer<JsonNode, JsonNode> each) {
        if (container.isObject()) {
            container.properties().forEach(field -> each.accept(TextNode.valueOf(field.getKey()), field.getValue()));
        } else {
            for (int i = 0; i < container.size(); i++) {
                each.accept(IntNode.valueOf(i), container.get(i));
            }
        }
    }

    /** {@code source as $name | rest} */
    record Bind(Filter source, Object name, Filter rest) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            source.values(env, in, value -> rest.apply(env.with(name, value), in, at, out));
        }
    }

    /**
     * {@code foreach source as $name (start; update; extract)}.
     *
     * @param extract null: {@code reduce}, whose result is the last state
     */
    record Fold(Filter source, Object name, Filter start, Filter update, Filter extract) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            start.values(env, in, first -> {
                JsonNode[] state = {first};
                source.values(env, in, item -> {
                    Env bound = env.with(name, item);
                    JsonNode old = state[0];
                    state[0] = extract == null ? NullNode.getInstance() : old;
                    update.values(bound, old, value -> {
                        state[0] = value;
                        if (extract != null) {
                            extract.apply(bound, value, null, out);
                        }
                    });
                });
                if (extract == null) {
                    out.emit(state[0], null);
                }
            });
        }
    }

    /** {@code if condition then yes else no end} */
    record If(Filter condition, Filter yes, Filter no) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            condition.values(env, in, value -> (JqValues.isTrue(value) ? yes : no).apply(env, in, at, out));
        }
    }

    /** {@code left and right} or {@code left or right}; the rest of a chain is on the right. */
    record Logic(Filter left, boolean isOr, Filter right) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            // not nested within the left part, as a chain may be long
            List<JsonNode> results = new ArrayList<>(1);
            left.values(env, in, results::add);
            for (JsonNode result : results) {
                if (JqValues.isTrue(result) == isOr) {
                    out.emit(BooleanNode.valueOf(isOr), Path.none(at));
                } else {
                    right.values(
                            env, in, value -> out.emit(BooleanNode.valueOf(JqValues.isTrue(value)), Path.none(at)));
                }
            }
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
            right.values(
                    env,
                    in,
                    r -> left.values(env, in, l -> {
                        env.budget().work(1);
                        out.emit(operator.apply(env.budget(), l, r), null);
                    }));
        }
    }

    /** {@code [items]}; without items, {@code []}. */
    record MakeArray(Filter items) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            ArrayNode array = NODES.arrayNode();
            items.values(env, in, array::add);
            out.emit(env.budget().created(array), null);
        }
    }

    /** {@code {key: value}} */
    record MakeObject(List<Entry> entries) implements Filter {
        /** @param value null: the input's member of that name */
        record Entry(Filter key, Filter value) {}

        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            fill(env, in, out, 0, new LinkedHashMap<>());
        }

        private void fill(Env env, JsonNode in, Output out, int from, Map<String, JsonNode> filled) {
            if (from == entries.size()) {
                ObjectNode object = NODES.objectNode();
                filled.forEach(object::set);
                out.emit(env.budget().created(object), null);
                return;
            }
            Entry entry = entries.get(from);
            entry.key.values(env, in, key -> {
                if (!key.isTextual()) {
                    throw new JqError("Cannot use %s as object key", key);
                }
                String name = key.textValue();
                Filter value = entry.value == null ? new Literal(JqValues.orNull(in.get(name))) : entry.value;
                value.values(env, in, each -> {
                    filled.put(name, each);
                    fill(env, in, out, from + 1, filled);
                    filled.remove(name);
                });
            });
        }
    }
}
