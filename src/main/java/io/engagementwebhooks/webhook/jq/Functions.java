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
import io.engagementwebhooks.webhook.template.BoundedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The built-in functions that are written in Java. The others are in {@code builtins.jq}. */
final class Functions {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longest date: seconds and no fractions. */
    private static final int DATE_LENGTH = 20;

    /** A number in a text. Possessive, so that it does not backtrack. */
    private static final Pattern NUMBER = Pattern.compile("\\s*+[+-]?(\\d++\\.?\\d*+|\\.\\d++)([eE][+-]?\\d++)?\\s*+");

    /** Memory of a function on texts for each character: a copy, bytes, and what encoding adds. */
    private static final long BYTES_PER_CHARACTER = 12;

    private static final Map<String, DoubleUnaryOperator> MATH = Map.of(
            "floor", Math::floor,
            "ceil", Math::ceil,
            "round", value -> Math.abs(value) < 0x1p52 ? Math.copySign(Math.round(Math.abs(value)), value) : value,
            "sqrt", Math::sqrt,
            "exp", Math::exp,
            "log", Math::log);

    private static final Map<String, UnaryOperator<String>> TEXTS = Map.of(
            "ascii_downcase",
            text -> shifted(text, 'A', 'Z', 'a'),
            "ascii_upcase",
            text -> shifted(text, 'a', 'z', 'A'),
            "trim",
            String::strip,
            "ltrim",
            String::stripLeading,
            "rtrim",
            String::stripTrailing,
            "_encode_uri",
            text -> new BoundedText(JqBudget.TOO_MUCH, JqBudget.MAX_VALUE)
                    .appendUnreserved(text)
                    .toString(),
            "_encode_base64",
            text -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)),
            "_decode_base64",
            Functions::decoded);

    private final Map<String, Function<List<Filter>, Filter>> all = new HashMap<>();

    private interface OfInput {
        JsonNode of(JqBudget budget, JsonNode in);
    }

    private interface OfArgument {
        JsonNode of(JqBudget budget, JsonNode in, JsonNode argument);
    }

    private Functions() {
        addGenerators();
        addPaths();
        addConversions();
        addSearches();
        MATH.forEach(
                (name, function) -> input(name, (budget, in) -> JqValues.number(function.applyAsDouble(number(in)))));
        TEXTS.forEach((name, function) -> input(name, (budget, in) -> {
            String text = text(in, name);
            budget.work(text.length());
            budget.reserve(BYTES_PER_CHARACTER * text.length());
            return TextNode.valueOf(function.apply(text));
        }));
    }

    /** The makers of filters from arguments, by signature, such as {@code has/1}. */
    static Map<String, Function<List<Filter>, Filter>> all() {
        return new Functions().all;
    }

    private void input(String name, OfInput function) {
        all.put(name + "/0", arguments -> (env, in, at, out) -> {
            env.budget().input(in);
            out.emit(env.budget().created(function.of(env.budget(), in)), null);
        });
    }

    private void argument(String name, OfArgument function) {
        all.put(
                name + "/1",
                arguments -> (env, in, at, out) -> arguments.get(0).values(env, in, argument -> {
                    env.budget().input(in);
                    out.emit(env.budget().created(function.of(env.budget(), in, argument)), null);
                }));
    }

    static String text(JsonNode value, String function) {
        if (!value.isTextual()) {
            throw new JqError(function + " needs a text, not %s", value);
        }
        return value.textValue();
    }

    private static double number(JsonNode value) {
        if (!value.isNumber()) {
            throw new JqError("%s is not a number", value);
        }
        return value.asDouble();
    }

    private static JsonNode checkedArray(JsonNode value) {
        if (!value.isArray()) {
            throw new JqError("%s is not an array", value);
        }
        return value;
    }

    private void addGenerators() {
        all.put("empty/0", arguments -> Filters.EMPTY);
        all.put("_recurse/1", arguments -> new Filters.Recurse(arguments.get(0)));
        all.put(
                "limit/2",
                arguments -> (env, in, at, out) -> arguments
                        .get(0)
                        .values(env, in, most -> arguments.get(1).limit((int) number(most), env, in, at, out)));
        all.put("_range/0", arguments -> (env, in, at, out) -> range(env.budget(), in, out));
        all.put("_pieces/1", arguments -> new Regex(arguments.get(0)));
        argument("error", (budget, in, value) -> {
            budget.work(budget.sizeOf(value));
            throw new JqError(value);
        });
    }

    /** @param bounds start, end and step */
    private static void range(JqBudget budget, JsonNode bounds, Output out) {
        double end = number(bounds.get(1));
        JsonNode step = bounds.get(2);
        double direction = Math.signum(number(step));
        JsonNode each = bounds.get(0);
        while (direction * number(each) < direction * end) {
            budget.step(1);
            out.emit(each, null);
            each = Operators.plus(budget, each, step);
        }
    }

    private void addPaths() {
        all.put(
                "path/1",
                arguments -> (env, in, at, out) -> Path.each(arguments.get(0), env, in, path -> out.emit(path, null)));
        argument("delpaths", Paths::delete);
        all.put("group_by/1", arguments -> (env, in, at, out) -> out.emit(groups(env, in, arguments.get(0)), null));
        input("add", Functions::sum);
        argument("has", (budget, in, key) -> {
            boolean isName = in.isObject() && key.isTextual();
            if (!isName && !(in.isArray() && key.isNumber()) && !in.isNull()) {
                throw new JqError("%s cannot have the key %s", in, key);
            }
            return BooleanNode.valueOf(isName ? in.has(key.textValue()) : in.has((int) key.asDouble()));
        });
    }

    /** The items in groups of the same key, ordered by key. */
    private static JsonNode groups(Env env, JsonNode in, Filter keyOf) {
        JqBudget budget = env.budget();
        Map<JsonNode, ArrayNode> groups = new TreeMap<>(new Order(budget));
        for (JsonNode item : checkedArray(in)) {
            budget.reserve(256);
            groups.computeIfAbsent(keyOf.array(env, JqValues.plain(item)), any -> NODES.arrayNode())
                    .add(item);
        }
        return budget.created(NODES.arrayNode().addAll(groups.values()));
    }

    /** Arrays and objects are joined in one go, since adding them one by one copies them each time. */
    private static JsonNode sum(JqBudget budget, JsonNode in) {
        JsonNode sum = NullNode.getInstance();
        StringBuilder text = new StringBuilder();
        boolean isCopy = false;
        for (JsonNode each : in.isObject() ? in : checkedArray(in)) {
            JsonNode item = JqValues.plain(each);
            budget.reserveItems(item.size());
            if (item.isTextual() && (sum.isNull() || sum.isTextual())) {
                budget.reserveText(item.textValue().length());
                sum = item;
                text.append(item.textValue());
            } else if (isCopy && sum.isObject() && item.isObject()) {
                ((ObjectNode) sum).setAll((ObjectNode) item);
            } else if (isCopy && sum.isArray() && item.isArray()) {
                ((ArrayNode) sum).addAll((ArrayNode) item);
            } else {
                isCopy = !sum.isNull() && !item.isNull();
                sum = Operators.plus(budget, sum, item);
            }
        }
        return sum.isTextual() ? TextNode.valueOf(text.toString()) : sum;
    }

    private void addConversions() {
        input("type", (budget, in) -> TextNode.valueOf(JqValues.type(in)));
        input("length", (budget, in) -> length(in));
        input("tojson", (budget, in) -> TextNode.valueOf(JqValues.json(budget, in)));
        input("tostring", (budget, in) -> in.isTextual() ? in : TextNode.valueOf(JqValues.json(budget, in)));
        input("fromjson", (budget, in) -> fromJson(budget, text(in, "fromjson")));
        input("tonumber", (budget, in) -> toNumber(in));
        input("now", (budget, in) -> DoubleNode.valueOf(System.currentTimeMillis() / 1000.0));
        input("todate", (budget, in) -> toDate((long) number(in)));
        input("fromdate", (budget, in) -> fromDate(text(in, "fromdate")));
        input("_pow", (budget, in) -> JqValues.number(Math.pow(number(in.get(0)), number(in.get(1)))));
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

    private static JsonNode toNumber(JsonNode in) {
        if (in.isNumber()) {
            return in;
        }
        if (!NUMBER.matcher(text(in, "tonumber")).matches()) {
            throw new JqError("%s cannot be parsed as a number", in);
        }
        return JqValues.number(Double.parseDouble(in.textValue()));
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

    private void addSearches() {
        argument("indices", Search::indices);
        argument("split", (budget, in, by) -> Search.split(budget, text(in, "split"), text(by, "split")));
        argument("_contains", (budget, in, part) -> BooleanNode.valueOf(Search.contains(budget, in, part)));
        argument(
                "startswith",
                (budget, in, start) ->
                        BooleanNode.valueOf(text(in, "startswith").startsWith(text(start, "startswith"))));
        argument(
                "endswith",
                (budget, in, end) -> BooleanNode.valueOf(text(in, "endswith").endsWith(text(end, "endswith"))));
    }

    private static String decoded(String text) {
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new JqError("%s is not base64", TextNode.valueOf(text));
        }
    }

    /** @param to what the letter {@code from} becomes */
    private static String shifted(String text, char from, char last, char to) {
        StringBuilder shifted = new StringBuilder();
        text.chars().forEach(c -> shifted.append((char) (c >= from && c <= last ? c + to - from : c)));
        return shifted.toString();
    }
}
