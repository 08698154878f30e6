package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Parses a jq program by recursive descent and resolves its names: each function, variable and label exists, or the
 * program is refused. Not thread-safe: it parses one text.
 */
final class Parser {

    /** Deepest nesting of a program; a long chain of {@code and} or {@code or} counts as one level. */
    private static final int DEEPEST = 400;

    /** Operators by precedence, the loosest first. */
    private static final List<Set<String>> PRECEDENCE = List.of(
            Set.of("=", "|=", "+=", "-=", "*=", "/=", "%=", "//="),
            Set.of("//"),
            Set.of("or"),
            Set.of("and"),
            Set.of("==", "!=", "<", "<=", ">", ">="),
            Set.of("+", "-"),
            Set.of("*", "/", "%"));

    /** The keywords and signs that begin a term. */
    private static final Set<String> STARTS =
            Set.of(". .. ( [ { $ - if try reduce foreach break true false null".split(" "));

    private static final Set<String> MODULES = Set.of("import", "include", "module");

    /** Functions of jq that read something other than the event. */
    private static final Set<String> OUTSIDE =
            Set.of("env input inputs debug stderr input_line_number input_filename get_search_list".split(" "));

    private static final Filter NULL = new Filters.Literal(NullNode.getInstance());

    private static final Map<String, Calls.Native> NATIVES = Functions.all();

    private static final Map<String, Calls.Function> BUILT_IN = builtIn();

    private final Lexer lexer;
    private final Map<String, Calls.Function> builtIn;
    private Names names;
    private String missing;
    private int depth;

    private Parser(String text, Map<String, Calls.Function> builtIn) {
        this.lexer = new Lexer(text);
        this.builtIn = builtIn;
    }

    /** A variable and its value: a pattern binds each value that it holds by a path from an earlier variable. */
    private record Binding(Object variable, Filter value) {}

    /**
     * The names in scope, the innermost first.
     *
     * @param name such as {@code f/1} of a function, {@code $x} of a variable, {@code *out} of a label
     * @param meaning a function, a parameter, or the identity of a variable or label
     */
    private record Names(Names outer, String name, Object meaning) {
        static Object find(Names names, String name) {
            Names in = names;
            while (in != null && !in.name.equals(name)) {
                in = in.outer;
            }
            return in == null ? null : in.meaning;
        }
    }

    /** @throws IllegalArgumentException with the fault, in words for the customer */
    static Filter parse(String text) {
        Parser parser = new Parser(text, BUILT_IN);
        if (MODULES.contains(parser.lexer.token())) {
            throw new IllegalArgumentException("a jq program cannot import, include or be a module here");
        }
        Filter program = parser.pipe(true);
        parser.end();
        return program;
    }

    private void end() {
        lexer.expect("");
        if (missing != null) {
            throw new IllegalArgumentException(missing);
        }
    }

    /** Reports a name that does not exist, unless the program also has a fault of syntax. */
    private Filter missing(String fault) {
        missing = missing == null ? fault : missing;
        return NULL;
    }

    private static Map<String, Calls.Function> builtIn() {
        Map<String, Calls.Function> functions = new HashMap<>();
        try (InputStream in = Parser.class.getResourceAsStream("builtins.jq")) {
            Parser parser = new Parser(new String(in.readAllBytes(), StandardCharsets.UTF_8), functions);
            while (parser.lexer.at("def")) {
                parser.function(function -> functions.put(function.signature(), function));
            }
            parser.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return functions;
    }

    /** @param hasCommas whether a comma belongs to it, rather than to an object around it */
    private Filter pipe(boolean hasCommas) {
        Names outer = names;
        Filter pipe;
        if (lexer.at("def")) {
            Calls.Function function = function(this::define);
            pipe = new Calls.Define(function, pipe(hasCommas));
        } else if (lexer.accept("label")) {
            lexer.expect("$");
            Object label = define("*" + lexer.name(), new Object());
            lexer.expect("|");
            pipe = new Escapes.Label(label, pipe(hasCommas));
        } else {
            pipe = rest(hasCommas ? commas() : operation(0), hasCommas);
        }
        names = outer;
        return pipe;
    }

    private Filter rest(Filter first, boolean hasCommas) {
        if (lexer.accept("as")) {
            List<Binding> bindings = pattern(first);
            lexer.expect("|");
            return bound(bindings, pipe(hasCommas));
        }
        return lexer.accept("|") ? new Filters.Pipe(first, pipe(hasCommas)) : first;
    }

    private Filter commas() {
        Filter left = operation(0);
        while (lexer.accept(",")) {
            left = new Filters.Comma(left, operation(0));
        }
        return left;
    }

    private Filter operation(int loosest) {
        Filter left = term();
        int length = 0;
        for (int precedence = precedence(); precedence >= loosest; precedence = precedence()) {
            String operator = lexer.next();
            // assignments are right-associative, and a chain of "and" or "or" is on the right
            boolean isRight = precedence == 0 || operator.equals("and") || operator.equals("or");
            left = operation(left, operator, operation(isRight ? precedence : precedence + 1));
            length += left instanceof Filters.Logic ? 0 : 1;
            checkDepth(depth + length);
        }
        return left;
    }

    private int precedence() {
        int precedence = PRECEDENCE.size() - 1;
        while (precedence >= 0 && !PRECEDENCE.get(precedence).contains(lexer.token())) {
            precedence--;
        }
        return precedence;
    }

    private static Filter operation(Filter left, String operator, Filter right) {
        return switch (operator) {
            case "=" -> new Assignments.Set(left, (budget, old, value) -> value, right);
            case "|=" -> new Assignments.Update(left, right);
            case "//" -> new Filters.Alternative(left, right);
            case "and", "or" -> new Filters.Logic(left, operator.equals("or"), right);
            default ->
                PRECEDENCE.get(0).contains(operator)
                        ? new Assignments.Set(
                                left, Operators.ALL.get(operator.substring(0, operator.length() - 1)), right)
                        : new Filters.Operation(left, Operators.ALL.get(operator), right);
        };
    }

    private void checkDepth(int levels) {
        if (levels > DEEPEST) {
            throw new IllegalArgumentException("the jq program is nested more than " + DEEPEST + " levels deep");
        }
    }

    /** A term with what follows it: {@code .name}, {@code [key]}, {@code []}, {@code ?}. */
    private Filter term() {
        checkDepth(++depth);
        boolean isPath = lexer.atField() || lexer.at(".");
        Filter term = primary();
        boolean isAccess = isPath && term != Filters.IDENTITY;
        int length = 0;
        while (true) {
            checkDepth(depth + ++length);
            if (lexer.atField()) {
                term = access(term, text(lexer.next().substring(1)));
            } else if (lexer.accept(".")) {
                term = access(term, string());
            } else if (lexer.accept("[")) {
                term = bracket(term);
            } else if (lexer.accept("?")) {
                term = isAccess ? optional(term) : new Escapes.Try(term, null);
                isAccess = false;
                continue;
            } else {
                depth--;
                return term;
            }
            isAccess = true;
        }
    }

    private static Filter access(Filter target, Filter key) {
        return new Filters.Access(target, key, false);
    }

    private static Filter optional(Filter term) {
        return term instanceof Filters.Access access
                ? new Filters.Access(access.target(), access.key(), true)
                : new Filters.Iterate(((Filters.Iterate) term).target(), true);
    }

    private static Filter text(String text) {
        return new Filters.Literal(TextNode.valueOf(text));
    }

    private Filter bracket(Filter target) {
        if (lexer.accept("]")) {
            return new Filters.Iterate(target, false);
        }
        Filter start = lexer.at(":") ? NULL : pipe(true);
        if (!lexer.accept(":")) {
            lexer.expect("]");
            return access(target, start);
        }
        Filter end = lexer.at("]") && start != NULL ? NULL : pipe(true);
        lexer.expect("]");
        return access(
                target,
                new Filters.MakeObject(List.of(
                        new Filters.MakeObject.Entry(text("start"), start),
                        new Filters.MakeObject.Entry(text("end"), end))));
    }

    private Filter primary() {
        if (lexer.at("def")) {
            Names outer = names;
            Filter defined = new Calls.Define(function(this::define), term());
            names = outer;
            return defined;
        }
        if (lexer.atField()) {
            return access(Filters.IDENTITY, text(lexer.next().substring(1)));
        }
        if (lexer.atNumber()) {
            return new Filters.Literal(number(lexer.next()));
        }
        if (lexer.at("\"")) {
            return string();
        }
        if (lexer.atFormat()) {
            Filter format = format();
            return lexer.at("\"") ? text(format) : format;
        }
        if (lexer.atName()) {
            return call(lexer.next());
        }
        String token = lexer.token();
        if (!STARTS.contains(token)) {
            throw lexer.fault();
        }
        lexer.next();
        return switch (token) {
            case "." -> lexer.at("\"") || lexer.atFormat() ? access(Filters.IDENTITY, string()) : Filters.IDENTITY;
            case ".." -> new Filters.Recurse();
            case "(" -> closed(")");
            case "[" -> new Filters.MakeArray(lexer.accept("]") ? builtIn("empty", List.of()) : closed("]"));
            case "{" -> object();
            case "$" -> variable(lexer.name());
            case "-" -> new Filters.Operation(new Filters.Literal(LongNode.valueOf(0)), Operators.ALL.get("-"), term());
            case "if" -> conditional();
            case "try" -> new Escapes.Try(pipe(true), lexer.accept("catch") ? term() : null);
            case "reduce" -> fold(false);
            case "foreach" -> fold(true);
            case "break" -> breakOut();
            case "null" -> NULL;
            default -> new Filters.Literal(BooleanNode.valueOf(token.equals("true")));
        };
    }

    private Filter closed(String end) {
        Filter inner = pipe(true);
        lexer.expect(end);
        return inner;
    }

    private static JsonNode number(String token) {
        try {
            return LongNode.valueOf(Long.parseLong(token));
        } catch (NumberFormatException notALong) {
            return DoubleNode.valueOf(Double.parseDouble(token));
        }
    }

    private Filter conditional() {
        Filter condition = pipe(true);
        lexer.expect("then");
        Filter yes = pipe(true);
        Filter no = Filters.IDENTITY;
        if (lexer.accept("elif")) {
            checkDepth(++depth);
            no = conditional();
            depth--;
        } else {
            no = lexer.accept("else") ? pipe(true) : no;
            lexer.expect("end");
        }
        return new Filters.If(condition, yes, no);
    }

    private Filter fold(boolean isForeach) {
        Names outer = names;
        Filter source = term();
        lexer.expect("as");
        List<Binding> bindings = pattern(source);
        Names inner = names;
        names = outer;
        lexer.expect("(");
        Filter start = closed(";");
        names = inner;
        Filter update = pipe(true);
        Filter extract = isForeach ? lexer.accept(";") ? pipe(true) : Filters.IDENTITY : null;
        lexer.expect(")");
        names = outer;
        List<Binding> members = bindings.subList(1, bindings.size());
        return new Filters.Fold(
                source,
                bindings.get(0).variable,
                start,
                bound(members, update),
                isForeach ? bound(members, extract) : null);
    }

    private Filter breakOut() {
        lexer.expect("$");
        String name = lexer.name();
        Object label = Names.find(names, '*' + name);
        if (label == null) {
            return missing("there is no jq label $" + Shown.of(name) + " to break out of");
        }
        return new Escapes.Break(label);
    }

    private Filter variable(String name) {
        Object variable = Names.find(names, '$' + name);
        if (variable == null) {
            return missing("there is no jq variable $" + Shown.of(name) + " here"
                    + (name.equals("ENV") ? ": a program sees the event and nothing else" : ""));
        }
        return new Filters.Variable(variable);
    }

    private Filter object() {
        List<Filters.MakeObject.Entry> entries = new ArrayList<>();
        while (!lexer.accept("}")) {
            if (!entries.isEmpty()) {
                lexer.expect(",");
            }
            entries.add(entry());
        }
        return new Filters.MakeObject(entries);
    }

    private Filters.MakeObject.Entry entry() {
        if (lexer.accept("$")) {
            String name = lexer.word();
            return new Filters.MakeObject.Entry(text(name), variable(name));
        }
        boolean isComputed = lexer.at("(");
        Filter key = key();
        if (isComputed) {
            lexer.expect(":");
            return new Filters.MakeObject.Entry(key, pipe(false));
        }
        return new Filters.MakeObject.Entry(key, lexer.accept(":") ? pipe(false) : null);
    }

    /** The key of an object or of a pattern. */
    private Filter key() {
        if (lexer.accept("(")) {
            return closed(")");
        }
        return lexer.atWord() ? text(lexer.next()) : string();
    }

    /** Reads what stands after {@code as}. */
    private List<Binding> pattern(Filter source) {
        List<Binding> bindings = new ArrayList<>();
        addPattern(source, bindings);
        return bindings;
    }

    private void addPattern(Filter value, List<Binding> bindings) {
        checkDepth(++depth);
        Object variable = new Object();
        bindings.add(new Binding(variable, value));
        Filter member = new Filters.Variable(variable);
        if (lexer.accept("[")) {
            int index = 0;
            do {
                addPattern(access(member, new Filters.Literal(LongNode.valueOf(index++))), bindings);
            } while (lexer.accept(","));
            lexer.expect("]");
        } else if (lexer.accept("{")) {
            do {
                addMember(member, bindings);
            } while (lexer.accept(","));
            lexer.expect("}");
        } else {
            lexer.expect("$");
            define('$' + lexer.name(), variable);
        }
        depth--;
    }

    private void addMember(Filter object, List<Binding> bindings) {
        boolean isNamed = lexer.accept("$");
        Filter key = isNamed ? text(lexer.word()) : key();
        Filter value = access(object, key);
        if (isNamed) {
            Object variable = new Object();
            bindings.add(new Binding(variable, value));
            define('$' + ((Filters.Literal) key).value().textValue(), variable);
        }
        if (!isNamed || lexer.at(":")) {
            lexer.expect(":");
            addPattern(value, bindings);
        }
    }

    private static Filter bound(List<Binding> bindings, Filter rest) {
        Filter bound = rest;
        for (int i = bindings.size() - 1; i >= 0; i--) {
            bound = new Filters.Bind(bindings.get(i).value, bindings.get(i).variable, bound);
        }
        return bound;
    }

    private Filter string() {
        if (!lexer.at("\"") && !lexer.atFormat()) {
            throw lexer.fault();
        }
        return text(lexer.atFormat() ? format() : builtIn("_text", List.of()));
    }

    private Filter format() {
        String name = lexer.next().substring(1);
        Filter format = builtIn('_' + name, List.of());
        if (format == null) {
            return missing("there is no jq format @" + Shown.of(name) + " here");
        }
        return format;
    }

    /** A quoted text: the sum of its literals and its formatted interpolations. */
    private Filter text(Filter format) {
        Filter text = text(lexer.openText());
        while (lexer.isInterpolation()) {
            text = sum(text, new Filters.Pipe(pipe(true), format));
            text = sum(text, text(lexer.continueText()));
        }
        return text;
    }

    private static Filter sum(Filter left, Filter right) {
        return new Filters.Operation(left, Operators.ALL.get("+"), right);
    }

    private Calls.Function function(Consumer<Calls.Function> defined) {
        lexer.expect("def");
        String name = lexer.name();
        List<Calls.Parameter> parameters = new ArrayList<>();
        if (lexer.accept("(")) {
            do {
                boolean isValue = lexer.accept("$");
                parameters.add(new Calls.Parameter(lexer.name(), isValue));
            } while (lexer.accept(";"));
            lexer.expect(")");
        }
        lexer.expect(":");
        Calls.Function function = new Calls.Function(name, parameters);
        defined.accept(function);
        Names outer = names;
        for (Calls.Parameter parameter : parameters) {
            define(parameter.isValue() ? '$' + parameter.name() : parameter.name() + "/0", parameter);
        }
        checkDepth(++depth);
        function.body = closed(";");
        depth--;
        names = outer;
        return function;
    }

    private void define(Calls.Function function) {
        define(function.signature(), function);
    }

    private Object define(String name, Object meaning) {
        names = new Names(names, name, meaning);
        return meaning;
    }

    private Filter call(String word) {
        boolean isOfModule = lexer.accept("::");
        String name = isOfModule ? lexer.name() : word;
        List<Filter> arguments = new ArrayList<>();
        if (lexer.accept("(")) {
            do {
                arguments.add(pipe(true));
            } while (lexer.accept(";"));
            lexer.expect(")");
        }
        Filter call = isOfModule ? null : call(name, arguments);
        if (call == null) {
            return missing("there is no jq function " + Shown.of(name) + '/' + arguments.size() + " here"
                    + (OUTSIDE.contains(name) ? ": a program sees the event and nothing else" : ""));
        }
        return call;
    }

    private Filter call(String name, List<Filter> arguments) {
        String signature = name + '/' + arguments.size();
        Object meaning = Names.find(names, signature);
        if (meaning instanceof Calls.Parameter parameter) {
            return new Calls.CallParameter(parameter);
        }
        if (meaning instanceof Calls.Function function) {
            return new Calls.Call(function, false, arguments);
        }
        boolean isHidden = name.startsWith("_") && builtIn == BUILT_IN;
        return isHidden ? null : builtIn(name, arguments);
    }

    private Filter builtIn(String name, List<Filter> arguments) {
        String signature = name + '/' + arguments.size();
        if (builtIn.containsKey(signature)) {
            return new Calls.Call(builtIn.get(signature), true, arguments);
        }
        return NATIVES.containsKey(signature) ? new Calls.CallNative(NATIVES.get(signature), arguments) : null;
    }
}
