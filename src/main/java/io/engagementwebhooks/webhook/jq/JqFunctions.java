package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.BoundedText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.exception.JsonQueryUserException;
import net.thisptr.jackson.jq.internal.JsonQueryFunction;
import net.thisptr.jackson.jq.internal.javacc.ExpressionParser;
import net.thisptr.jackson.jq.internal.misc.PathUtils;
import net.thisptr.jackson.jq.internal.operators.PlusOperator;
import net.thisptr.jackson.jq.path.Path;

/**
 * The functions of jq programs. Functions of jackson-jq are allowed by name, and count against the budget for input and
 * output. Those with unpredictable cost, and those wrong for non-ASCII text, are our own. Those written in jq are
 * compiled like programs. Immutable and thread-safe once built.
 */
final class JqFunctions {

    private static final Version VERSION = Versions.JQ_1_7;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Functions of jackson-jq that read only the top level of their input. */
    private static final List<String> SHALLOW = List.of(
            """
            type/0 not/0 length/0 utf8bytelength/0 has/1 empty/0 now/0 tonumber/0 range/1 range/2 range/3 path/1
            startswith/1 endswith/1 ltrimstr/1 rtrimstr/1 todateiso8601/0 fromdateiso8601/0
            nan/0 infinite/0 isnan/0 isinfinite/0 isnormal/0 floor/0 ceil/0 round/0
            pow/2 sqrt/0 cbrt/0 exp/0 exp2/0 exp10/0 expm1/0 log/0 log2/0 log10/0 log1p/0
            sin/0 cos/0 tan/0 asin/0 acos/0 atan/0 atan2/2 sinh/0 cosh/0 tanh/0"""
                    .split("\\s+"));

    /** Functions of jackson-jq that process each item of their input. */
    private static final List<String> PER_ITEM = List.of("keys/0", "keys_unsorted/0", "reverse/0", "from_entries/0");

    /** Functions of jackson-jq that traverse their whole input. */
    private static final List<String> DEEP =
            List.of("tojson/0", "tostring/0", "paths/1", "@html/0", "@sh/0", "@csv/0", "@tsv/0", "@base64d/0");

    /** Written in jq: missing from jackson-jq, or there in a form that recurses once per match. */
    private static final String[][] IN_JQ = {
        {"repeat", "f", "def _repeat: ., (f | _repeat); _repeat"},
        {"todate", "todateiso8601"},
        {"fromdate", "fromdateiso8601"},
        {"isempty", "g", "label $go | (g | false, break $go), true"},
        {"add", "f", "[f] | add"},
        {"toarray", "if type == \"array\" then . else [.] end"},
        {"abs", "if type == \"number\" and . < 0 then -. else . end"},
        {"IN", "s", "any(s == .; .)"},
        {"IN", "src", "s", "any(src == s; .)"},
        {
            "split",
            "$re",
            "flags",
            ". as $s | [foreach ((match($re; flags + \"g\") | [.offset, .length]), null) as $m ([0, null];"
                    + " if $m == null then [.[0], $s[.[0]:]] else [$m[0] + $m[1], $s[.[0]:$m[0]]] end; .[1])]"
        },
        {"splits", "$re", "split($re; null) | .[]"},
        {"splits", "$re", "flags", "split($re; flags) | .[]"},
    };

    private final Scope scope = Scope.newEmptyScope();

    JqFunctions() {
        ClassLoader loader = BuiltinFunctionLoader.class.getClassLoader();
        Map<String, Function> javas =
                BuiltinFunctionLoader.getInstance().loadFunctionsFromServiceLoader(loader, VERSION);
        for (String name : SHALLOW) {
            scope.addFunction(name, counting(javas.get(name), JqFunctions::countTopLevel));
        }
        for (String name : PER_ITEM) {
            scope.addFunction(name, counting(javas.get(name), JqFunctions::countItems));
        }
        for (String name : DEEP) {
            scope.addFunction(name, counting(javas.get(name), JqFunctions::countAll));
        }
        scope.addFunction("to_entries/0", counting(javas.get("to_entries/0"), JqFunctions::countEntries));
        scope.addFunction("fromjson/0", counting(javas.get("fromjson/0"), JqFunctions::countTree));
        addOwn(javas);
        addWrittenInJq(BuiltinFunctionLoader.getInstance().loadFunctionsFromJsonJq(loader, VERSION, scope));
    }

    /** The scope that holds the functions. Nothing may be added to it: evaluations take a child of it. */
    Scope scope() {
        return scope;
    }

    /** Whether there is a function of this name and number of arguments, such as {@code map/1}. */
    boolean has(String signature) {
        return scope.getLocalFunctions().containsKey(signature);
    }

    private static Function counting(Function function, BiConsumer<JqBudget, JsonNode> cost) {
        return (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            cost.accept(budget, in);
            function.apply(scope, args, in, path, (result, at) -> emit(budget, result, at, output), version);
        };
    }

    private static void countTopLevel(JqBudget budget, JsonNode in) {
        budget.work(in.isTextual() ? in.textValue().length() / 4 : in.size());
    }

    private static void countItems(JqBudget budget, JsonNode in) {
        countTopLevel(budget, in);
        budget.reserveItems(in.size());
    }

    /** Each entry is a separate object. */
    private static void countEntries(JqBudget budget, JsonNode in) {
        budget.reserve(4L * budget.sizeOf(in) + 300L * in.size());
    }

    /** The text may be longer than the value, since some characters are escaped. */
    private static void countAll(JqBudget budget, JsonNode in) {
        int size = budget.sizeOf(in);
        budget.work(size);
        budget.reserve(2L * size);
    }

    private static void countTree(JqBudget budget, JsonNode in) {
        countAll(budget, in);
        if (in.isTextual()) {
            budget.reserveTree(in.textValue());
        }
    }

    private static void emit(JqBudget budget, JsonNode result, Path at, PathOutput output) throws JsonQueryException {
        JsonNode plain = JqValues.plain(result);
        budget.checkNewDeep(plain);
        output.emit(plain, at);
    }

    private interface OfInput {
        JsonNode of(JqBudget budget, ObjectMapper mapper, JsonNode in) throws JsonQueryException;
    }

    private interface OfArgument {
        JsonNode of(JqBudget budget, JsonNode in, JsonNode argument) throws JsonQueryException;
    }

    private void input(String name, OfInput function) {
        scope.addFunction(name, 0, (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            countInput(budget, in);
            emit(budget, function.of(budget, scope.getObjectMapper(), in), null, output);
        });
    }

    private void argument(String name, OfArgument function) {
        scope.addFunction(name, 1, (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            args.get(0).apply(scope, in, argument -> {
                countInput(budget, in);
                emit(budget, function.of(budget, in, argument), null, output);
            });
        });
    }

    private static void countInput(JqBudget budget, JsonNode in) {
        if (in.isTextual()) {
            budget.work(in.textValue().length());
            // a copy of the text, and its bytes
            budget.reserve(4L * in.textValue().length());
        } else {
            budget.work(in.size());
        }
    }

    private void addOwn(Map<String, Function> javas) {
        input("add", (budget, mapper, in) -> add(budget, mapper, in));
        input("explode", (budget, mapper, in) -> explode(budget, text(in, "explode")));
        input("implode", (budget, mapper, in) -> implode(in));
        input("ascii_downcase", (budget, mapper, in) -> text(ascii(text(in, "ascii_downcase"), 'A', 'Z', 32)));
        input("ascii_upcase", (budget, mapper, in) -> text(ascii(text(in, "ascii_upcase"), 'a', 'z', -32)));
        input("trim", (budget, mapper, in) -> text(text(in, "trim").strip()));
        input("ltrim", (budget, mapper, in) -> text(text(in, "ltrim").stripLeading()));
        input("rtrim", (budget, mapper, in) -> text(text(in, "rtrim").stripTrailing()));
        input(
                "@base64",
                (budget, mapper, in) -> text(Base64.getEncoder()
                        .encodeToString(JqText.text(mapper, in).getBytes(StandardCharsets.UTF_8))));
        input("@uri", (budget, mapper, in) -> text(uri(JqText.text(mapper, in))));
        input("error", (budget, mapper, in) -> error(budget, in));
        argument("error", (budget, in, argument) -> error(budget, argument));
        argument(
                "contains", (budget, in, argument) -> BooleanNode.valueOf(new JqSearch(budget).contains(in, argument)));
        argument("indices", (budget, in, argument) -> new JqSearch(budget).indices(in, argument));
        argument("index", (budget, in, argument) -> end(new JqSearch(budget).indices(in, argument), 0));
        argument("rindex", (budget, in, argument) -> end(new JqSearch(budget).indices(in, argument), 1));
        argument("join", JqFunctions::join);
        argument("delpaths", (budget, in, argument) -> new JqPaths(budget).delete(in, argument));
        addSearched("split/1", javas);
        addPaths();
        addOrders();
        addRegexes();
    }

    private void addSearched(String name, Map<String, Function> javas) {
        Function function = counting(javas.get(name), JqFunctions::countTopLevel);
        scope.addFunction(name, (scope, args, in, path, output, version) -> {
            Expression needle = (s, i, p, o, r) -> args.get(0).apply(s, i, text -> {
                if (in.isTextual() && text.isTextual()) {
                    new JqSearch(JqBudget.current()).countSplit(in.textValue(), text.textValue());
                }
                o.emit(text, null);
            });
            function.apply(scope, List.of(needle), in, path, output, version);
        });
    }

    private void addPaths() {
        scope.addFunction("getpath", 1, (scope, args, in, path, output, version) -> {
            JqPaths paths = new JqPaths(JqBudget.current());
            args.get(0).apply(scope, in, steps -> PathUtils.toPath(paths.checked(steps))
                    .get(in, path, output, false));
        });
        scope.addFunction("setpath", 2, (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            args.get(1).apply(scope, in, value -> args.get(0).apply(scope, in, steps -> {
                JsonNode changed = new JqPaths(budget).update(in, steps, old -> value);
                budget.checkNew(changed);
                output.emit(changed, path == null ? null : PathUtils.toPath(steps));
            }));
        });
    }

    private void addOrders() {
        keyed("sort_by", JqSorting::sorted);
        keyed("group_by", JqSorting::grouped);
        keyed("min_by", JqSorting::least);
        keyed("max_by", JqSorting::most);
    }

    private interface OfKeyed {
        JsonNode of(JqBudget budget, List<JqSorting.Keyed> items);
    }

    private void keyed(String name, OfKeyed function) {
        scope.addFunction(name, 1, (scope, args, in, path, output, version) -> {
            if (!in.isArray()) {
                throw new JsonQueryException("%s cannot be sorted, as it is not an array", in);
            }
            JqBudget budget = JqBudget.current();
            List<JqSorting.Keyed> items = new ArrayList<>(in.size());
            for (JsonNode item : in) {
                budget.reserve(128);
                ArrayNode key = NODES.arrayNode();
                args.get(0).apply(scope, item, key::add);
                items.add(new JqSorting.Keyed(item, key));
            }
            emit(budget, function.of(budget, items), null, output);
        });
    }

    private void addRegexes() {
        scope.addFunction("_match_impl", 3, (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            String text = text(in, "a regular expression");
            args.get(2).apply(scope, in, test -> args.get(1)
                    .apply(scope, in, flags -> args.get(0).apply(scope, in, regex -> {
                        String expression = text(regex, "a regular expression");
                        JqRegexes regexes = budget.regexes();
                        JsonNode result = test.asBoolean()
                                ? regexes.test(budget, expression, flags(flags), text)
                                : regexes.matches(budget, expression, flags(flags), text);
                        emit(budget, result, null, output);
                    })));
        });
        scope.addFunction("_sub_impl", 3, (scope, args, in, path, output, version) -> {
            JqBudget budget = JqBudget.current();
            String text = text(in, "a regular expression");
            args.get(0).apply(scope, in, regex -> args.get(2).apply(scope, in, flags -> {
                String expression = text(regex, "a regular expression");
                List<JsonNode> pieces = budget.regexes().pieces(budget, expression, flags(flags), text);
                new JqSubstitution(budget, pieces)
                        .apply(scope, args.get(1), result -> emit(budget, result, null, output));
            }));
        });
    }

    private static String flags(JsonNode flags) throws JsonQueryException {
        return flags.isNull() ? null : text(flags, "the flags of a regular expression");
    }

    private void addWrittenInJq(Map<String, Function> jqs) {
        for (Map.Entry<String, Function> entry : jqs.entrySet()) {
            if (!has(entry.getKey())) {
                scope.addFunction(entry.getKey(), entry.getValue());
            }
        }
        for (String[] own : IN_JQ) {
            scope.addFunction(own[0], own.length - 2, new JsonQueryFunction(own[0], parameters(own), body(own), scope));
        }
        for (Map.Entry<String, Function> entry : scope.getLocalFunctions().entrySet()) {
            if (entry.getValue() instanceof JsonQueryFunction function) {
                scope.addFunction(entry.getKey(), rebuilt(function));
            }
        }
    }

    private static List<String> parameters(String[] own) {
        return List.of(own).subList(1, own.length - 1);
    }

    private static Expression body(String[] own) {
        try {
            return ExpressionParser.compile(own[own.length - 1], VERSION);
        } catch (JsonQueryException e) {
            throw new IllegalStateException("the jq function " + own[0] + " cannot be parsed", e);
        }
    }

    private Function rebuilt(JsonQueryFunction function) {
        String name = (String) JqTree.read(function, "name");
        List<String> parameters = ((List<?>) JqTree.read(function, "params"))
                .stream().map(String.class::cast).toList();
        Expression body = (Expression) JqTree.read(function, "body");
        return new JsonQueryFunction(name, parameters, new JqTree(this::has).guarded(body, parameters), scope);
    }

    private static JsonNode error(JqBudget budget, JsonNode value) throws JsonQueryException {
        budget.work(budget.sizeOf(value));
        throw new JsonQueryUserException(value);
    }

    private static JsonNode end(JsonNode indices, int last) {
        return indices.isEmpty() ? NullNode.getInstance() : indices.get(last * (indices.size() - 1));
    }

    /** The sum of the items; texts and arrays in one go, since adding them one by one copies them each time. */
    private static JsonNode add(JqBudget budget, ObjectMapper mapper, JsonNode in) throws JsonQueryException {
        if (!in.isContainerNode()) {
            throw new JsonQueryException("Cannot iterate over %s", in);
        }
        if (!in.isEmpty() && all(in, JsonNode::isTextual)) {
            return join(budget, in, TextNode.valueOf(""));
        }
        if (!in.isEmpty() && all(in, JsonNode::isArray)) {
            ArrayNode all = NODES.arrayNode();
            for (JsonNode item : in) {
                budget.reserveItems(item.size());
                item.forEach(all::add);
            }
            return all;
        }
        JsonNode sum = NullNode.getInstance();
        for (JsonNode item : in) {
            sum = JqOperation.calculate(new PlusOperator(), mapper, sum, item);
            budget.checkNew(sum);
        }
        return sum;
    }

    private static boolean all(JsonNode in, Predicate<JsonNode> kind) {
        for (JsonNode item : in) {
            if (!kind.test(item)) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode join(JqBudget budget, JsonNode in, JsonNode separator) throws JsonQueryException {
        if (!in.isContainerNode()) {
            throw new JsonQueryException("Cannot iterate over %s", in);
        }
        String between = separator.isNull() ? "" : text(separator, "join");
        StringBuilder joined = new StringBuilder();
        for (Iterator<JsonNode> items = in.elements(); items.hasNext(); ) {
            JsonNode item = items.next();
            if (item.isContainerNode()) {
                throw new JsonQueryException("%s cannot be joined", item);
            }
            joined.append(item.isNull() ? "" : JqValues.writable(item).asText());
            if (items.hasNext()) {
                joined.append(between);
            }
            budget.checkLength(joined.length());
        }
        return text(joined.toString());
    }

    private static JsonNode explode(JqBudget budget, String text) {
        budget.checkLength(2L * text.length());
        budget.reserveItems(text.length());
        ArrayNode codePoints = NODES.arrayNode();
        text.codePoints().forEach(codePoints::add);
        return codePoints;
    }

    private static JsonNode implode(JsonNode in) throws JsonQueryException {
        StringBuilder text = new StringBuilder();
        for (JsonNode character : in) {
            if (!in.isArray() || !character.isNumber() || !Character.isValidCodePoint(character.asInt())) {
                throw new JsonQueryException("implode needs an array of code points");
            }
            text.appendCodePoint(character.asInt());
        }
        return text(text.toString());
    }

    private static String ascii(String text, char from, char to, int shift) {
        StringBuilder shifted = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= from && c <= to) {
                shifted.setCharAt(i, (char) (c + shift));
            }
        }
        return shifted.toString();
    }

    private static String uri(String text) {
        return new BoundedText(JqBudget.TOO_MUCH, JqBudget.MAX_VALUE)
                .appendUnreserved(text)
                .toString();
    }

    private static JsonNode text(String text) {
        return TextNode.valueOf(text);
    }

    private static String text(JsonNode value, String user) throws JsonQueryException {
        if (!value.isTextual()) {
            throw new JsonQueryException(
                    user + " needs a text, not " + value.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return value.textValue();
    }
}
