package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** The built-in functions that are written in Java. The others are in {@code builtins.jq}. */
final class Functions {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longest date: seconds and no fractions. */
    private static final int DATE_LENGTH = 20;

    private final Map<String, Calls.Native> all = new HashMap<>();

    /** A function with one result. */
    private interface OfValues {
        JsonNode of(JqBudget budget, JsonNode in, JsonNode[] arguments);
    }

    private interface OfKeyed {
        JsonNode of(Comparator<JsonNode> order, List<Keyed> sorted);
    }

    private record Keyed(JsonNode item, JsonNode key) {}

    private Functions() {
        addBasics();
        addTexts();
        addPaths();
        addRegexes();
        addMath();
    }

    /** By signature, such as {@code has/1}. */
    static Map<String, Calls.Native> all() {
        return Map.copyOf(new Functions().all);
    }

    /** Calls {@code then} for each combination of the results of the arguments. */
    private static void each(Env env, JsonNode in, List<Filter> arguments, Consumer<JsonNode[]> then) {
        each(env, in, arguments, new JsonNode[arguments.size()], 0, then);
    }

    private static void each(
            Env env, JsonNode in, List<Filter> arguments, JsonNode[] values, int from, Consumer<JsonNode[]> then) {
        if (from == values.length) {
            then.accept(values);
            return;
        }
        arguments.get(from).values(env, in, value -> {
            values[from] = value;
            each(env, in, arguments, values, from + 1, then);
        });
    }

    private void add(String signature, OfValues function) {
        all.put(
                signature,
                (env, in, at, arguments, out) -> each(env, in, arguments, values -> {
                    JqBudget budget = env.budget();
                    budget.input(in);
                    out.emit(budget.createdDeep(function.of(budget, in, values)), null);
                }));
    }

    private void addBasics() {
        all.put("empty/0", (env, in, at, arguments, out) -> env.budget().work(1));
        for (String range : List.of("range/1", "range/2", "range/3")) {
            all.put(
                    range,
                    (env, in, at, arguments, out) ->
                            each(env, in, arguments, values -> range(new Order(env.budget()), values, out)));
        }
        add("type/0", (budget, in, none) -> TextNode.valueOf(JqValues.type(in)));
        add("length/0", (budget, in, none) -> length(in));
        add("tonumber/0", (budget, in, none) -> toNumber(in));
        add("tojson/0", (budget, in, none) -> TextNode.valueOf(JqValues.json(budget, in)));
        add("fromjson/0", (budget, in, none) -> fromJson(budget, Texts.text(in, "fromjson")));
        add("now/0", (budget, in, none) -> DoubleNode.valueOf(System.currentTimeMillis() / 1000.0));
        add("todateiso8601/0", (budget, in, none) -> toDate((long) number(in)));
        add("fromdateiso8601/0", (budget, in, none) -> fromDate(Texts.text(in, "fromdateiso8601")));
        add("error/1", (budget, in, value) -> {
            budget.work(budget.sizeOf(value[0]));
            throw new JqError(value[0]);
        });
        add("has/1", (budget, in, key) -> BooleanNode.valueOf(has(in, key[0])));
        add("indices/1", (budget, in, part) -> new Search(budget).indices(in, part[0]));
        add(
                "index/1",
                (budget, in, part) ->
                        JqValues.orNull(new Search(budget).indices(in, part[0]).get(0)));
        add("add/0", (budget, in, none) -> sum(budget, in));
        add("keys_unsorted/0", (budget, in, none) -> keys(budget, in));
        sorted("sort_by/1", (order, sorted) -> {
            ArrayNode items = NODES.arrayNode();
            sorted.forEach(each -> items.add(each.item));
            return items;
        });
        sorted("group_by/1", Functions::groups);
    }

    /** @param bounds the end; or start and end; or start, end and step */
    private static void range(Order order, JsonNode[] bounds, Output out) {
        JsonNode each = bounds.length == 1 ? IntNode.valueOf(0) : bounds[0];
        JsonNode end = bounds[bounds.length == 1 ? 0 : 1];
        JsonNode step = bounds.length == 3 ? bounds[2] : IntNode.valueOf(1);
        if (bounds.length < 3 && !(each.isNumber() && end.isNumber())) {
            throw new JqError("Range bounds must be numeric");
        }
        int direction = Integer.signum(order.compare(IntNode.valueOf(0), step));
        while (direction != 0 && Integer.signum(order.compare(each, end)) == direction) {
            out.emit(each, null);
            each = Operators.plus(order.budget(), each, step);
        }
    }

    private static JsonNode length(JsonNode in) {
        if (in.isBoolean()) {
            throw new JqError("%s has no length", in);
        }
        if (in.isNumber()) {
            return JqValues.number(Math.abs(in.asDouble()));
        }
        return IntNode.valueOf(
                in.isTextual() ? in.textValue().codePointCount(0, in.textValue().length()) : in.size());
    }

    private static JsonNode toNumber(JsonNode in) {
        try {
            return in.isNumber() ? in : JqValues.number(Double.parseDouble(Texts.text(in, "tonumber")));
        } catch (NumberFormatException e) {
            throw new JqError("%s cannot be parsed as a number", in);
        }
    }

    private static JsonNode fromJson(JqBudget budget, String text) {
        budget.reserve(EventJson.treeBound(text));
        try (JsonParser parser = JSON.createParser(text)) {
            JsonNode tree = parser.readValueAsTree();
            if (tree != null && parser.nextToken() == null) {
                return JqValues.plain(tree);
            }
        } catch (IOException e) {
            // as below
        }
        throw new JqError("%s is not JSON", TextNode.valueOf(text));
    }

    private static JsonNode toDate(long seconds) {
        try {
            return TextNode.valueOf(Instant.ofEpochSecond(seconds).toString());
        } catch (DateTimeException e) {
            throw new JqError(seconds + " is beyond all dates");
        }
    }

    private static JsonNode fromDate(String text) {
        try {
            if (text.length() <= DATE_LENGTH) {
                return JqValues.number(Instant.parse(text).getEpochSecond());
            }
        } catch (DateTimeException e) {
            // as below
        }
        throw new JqError("%s is not a date such as 2026-11-24T12:00:00Z", TextNode.valueOf(text));
    }

    private static boolean has(JsonNode in, JsonNode key) {
        if (in.isObject() && key.isTextual()) {
            return in.has(key.textValue());
        }
        if (in.isArray() && key.isIntegralNumber()) {
            return in.has(key.asInt());
        }
        if (in.isNull()) {
            return false;
        }
        throw new JqError("%s cannot have the key %s", in, key);
    }

    /** The sum of the items; those of one type in one go, since adding them one by one copies them each time. */
    private static JsonNode sum(JqBudget budget, JsonNode in) {
        if (!in.isContainerNode()) {
            throw new JqError("Cannot iterate over %s", in);
        }
        if (areAll(in, TextNode.class)) {
            StringBuilder text = new StringBuilder();
            for (JsonNode item : in) {
                budget.reserveText(item.textValue().length());
                text.append(item.textValue());
            }
            return TextNode.valueOf(text.toString());
        }
        if (areAll(in, ArrayNode.class)) {
            ArrayNode all = NODES.arrayNode();
            for (JsonNode item : in) {
                budget.reserveItems(item.size());
                item.forEach(all::add);
            }
            return all;
        }
        if (areAll(in, ObjectNode.class)) {
            ObjectNode all = NODES.objectNode();
            for (JsonNode item : in) {
                budget.reserveItems(2L * item.size());
                all.setAll((ObjectNode) item);
            }
            return all;
        }
        JsonNode sum = NullNode.getInstance();
        for (JsonNode item : in) {
            sum = Operators.plus(budget, sum, item);
        }
        return sum;
    }

    private static boolean areAll(JsonNode in, Class<? extends JsonNode> type) {
        boolean areAll = !in.isEmpty();
        for (JsonNode item : in) {
            areAll &= type.isInstance(item);
        }
        return areAll;
    }

    private static JsonNode keys(JqBudget budget, JsonNode in) {
        if (!in.isContainerNode()) {
            throw new JqError("%s has no keys", in);
        }
        budget.reserveItems(in.size());
        ArrayNode keys = NODES.arrayNode();
        Filters.members(in, (key, member) -> keys.add(key));
        return keys;
    }

    private void sorted(String signature, OfKeyed function) {
        all.put(signature, (env, in, at, arguments, out) -> {
            if (!in.isArray()) {
                throw new JqError("%s cannot be sorted, as it is not an array", in);
            }
            JqBudget budget = env.budget();
            Order order = new Order(budget);
            List<Keyed> items = new ArrayList<>(in.size());
            for (JsonNode item : in) {
                budget.reserve(128);
                ArrayNode key = NODES.arrayNode();
                arguments.get(0).values(env, item, key::add);
                items.add(new Keyed(item, key));
            }
            items.sort(Comparator.comparing(Keyed::key, order));
            out.emit(budget.createdDeep(function.of(order, items)), null);
        });
    }

    private static JsonNode groups(Comparator<JsonNode> order, List<Keyed> sorted) {
        ArrayNode groups = NODES.arrayNode();
        JsonNode key = null;
        ArrayNode group = null;
        for (Keyed each : sorted) {
            if (group == null || order.compare(key, each.key) != 0) {
                group = groups.addArray();
                key = each.key;
            }
            group.add(each.item);
        }
        return groups;
    }

    private void addTexts() {
        add(
                "startswith/1",
                (budget, in, start) -> BooleanNode.valueOf(
                        Texts.text(in, "startswith").startsWith(Texts.text(start[0], "startswith"))));
        add(
                "endswith/1",
                (budget, in, end) ->
                        BooleanNode.valueOf(Texts.text(in, "endswith").endsWith(Texts.text(end[0], "endswith"))));
        add("_has_text/1", (budget, in, part) -> {
            budget.search(part[0].textValue().length(), in.textValue().length());
            return BooleanNode.valueOf(in.textValue().contains(part[0].textValue()));
        });
        add("split/1", (budget, in, separator) -> new Search(budget)
                .split(Texts.text(in, "split"), Texts.text(separator[0], "split")));
        Texts.FUNCTIONS.forEach(
                (name, function) -> add(name + "/0", (budget, in, none) -> function.of(budget, Texts.text(in, name))));
        add("implode/0", (budget, in, none) -> Texts.implode(in));
    }

    private void addPaths() {
        all.put("path/1", (env, in, at, arguments, out) -> arguments
                .get(0)
                .apply(env, in, Path.ROOT, (value, path) -> out.emit(path.keys(env.budget(), in, value), null)));
        all.put(
                "getpath/1",
                (env, in, at, arguments, out) -> each(env, in, arguments, keys -> {
                    Paths paths = new Paths(env.budget());
                    JsonNode value = in;
                    Path path = at;
                    for (JsonNode key : paths.checked(keys[0])) {
                        path = Path.member(path, key, value);
                        value = paths.member(value, key);
                    }
                    out.emit(value, path);
                }));
        all.put(
                "setpath/2",
                (env, in, at, arguments, out) -> each(
                        env,
                        in,
                        arguments,
                        values -> out.emit(
                                env.budget().created(new Paths(env.budget()).update(in, values[0], old -> values[1])),
                                null)));
        add("delpaths/1", (budget, in, keys) -> new Paths(budget).delete(in, keys[0]));
    }

    private void addRegexes() {
        add(
                "_test/2",
                (budget, in, regex) -> BooleanNode.valueOf(
                        budget.regexes().search(budget, regex, in).find()));
        add("_match/2", (budget, in, regex) -> budget.regexes()
                .search(budget, regex, in)
                .matches());
        add("_pieces/2", (budget, in, regex) -> budget.regexes()
                .search(budget, regex, in)
                .pieces());
    }

    private void addMath() {
        math("floor", Math::floor);
        math("ceil", Math::ceil);
        math("round", value -> value >= 0 ? Math.round(value) : -Math.round(-value));
        math("sqrt", Math::sqrt);
        math("cbrt", Math::cbrt);
        math("exp", Math::exp);
        math("exp2", value -> Math.pow(2, value));
        math("exp10", value -> Math.pow(10, value));
        math("expm1", Math::expm1);
        math("log", Math::log);
        math("log2", value -> Math.log10(value) / Math.log10(2));
        math("log10", Math::log10);
        math("log1p", Math::log1p);
        math("sin", Math::sin);
        math("cos", Math::cos);
        math("tan", Math::tan);
        math("asin", Math::asin);
        math("acos", Math::acos);
        math("atan", Math::atan);
        math("sinh", Math::sinh);
        math("cosh", Math::cosh);
        math("tanh", Math::tanh);
        math("pow", Math::pow);
        math("atan2", Math::atan2);
    }

    private void math(String name, DoubleUnaryOperator function) {
        add(name + "/0", (budget, in, none) -> DoubleNode.valueOf(function.applyAsDouble(number(in))));
    }

    private void math(String name, DoubleBinaryOperator function) {
        add(
                name + "/2",
                (budget, in, values) -> JqValues.number(function.applyAsDouble(number(values[0]), number(values[1]))));
    }

    private static double number(JsonNode value) {
        if (!value.isNumber()) {
            throw new JqError("%s is not a number", value);
        }
        return value.asDouble();
    }
}
