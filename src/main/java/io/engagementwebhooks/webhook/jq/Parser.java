package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.jq.Filters.Literal;
import io.engagementwebhooks.webhook.jq.Filters.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Parses a jq program by recursive descent. Not thread-safe: it parses one text. */
final class Parser {

    /** Deepest nesting of a program. */
    private static final int DEEPEST = 400;

    /** The most terms of a program, those of called functions included. */
    private static final int MOST_TERMS = 20_000;

    /** Operators by precedence, the loosest first. */
    private static final List<Set<String>> PRECEDENCE = List.of(
            Set.of(","),
            Set.of("//"),
            JqOperations.ASSIGNMENTS,
            Set.of("or"),
            Set.of("and"),
            Set.of("==", "!=", "<", "<=", ">", ">="),
            Set.of("+", "-"),
            Set.of("*", "/", "%"));

    private static final Map<String, JsonNode> CONSTANTS =
            Map.of("null", NullNode.getInstance(), "true", BooleanNode.TRUE, "false", BooleanNode.FALSE);

    /** What to write instead of a keyword. */
    private static final Map<String, String> UNSUPPORTED = Map.of(
            "foreach", ": use reduce",
            "label", ": use first(…) or limit(…; …)",
            "break", ": use first(…) or limit(…; …)",
            "import", "",
            "include", "",
            "module", "",
            "?//", "");

    private static final Filter NULL = new Literal(NullNode.getInstance());

    private Lexer lexer;
    private JqNames names;
    private int depth;
    private int terms;

    Parser(Lexer lexer, JqNames names) {
        this.lexer = lexer;
        this.names = names;
    }

    /** @throws IllegalArgumentException with the fault, in words for the customer */
    static Filter parse(String text) {
        Parser parser = new Parser(new Lexer(text, 0), JqNames.BUILT_IN);
        Filter program = parser.pipe(true);
        parser.lexer.expect("");
        return program;
    }

    /** Reads definitions up to the end, and returns all names. */
    JqNames definitions() {
        while (!lexer.at("")) {
            names = definition();
        }
        return names;
    }

    /** Reads {@code def name(f; $x): body;}. */
    private JqNames definition() {
        lexer.expect("def");
        String name = lexer.is("format") ? lexer.next() : lexer.name();
        List<String> parameters = new ArrayList<>();
        if (lexer.accept("(")) {
            do {
                parameters.add(lexer.accept("$") ? '$' + lexer.name() : lexer.name() + "/0");
            } while (lexer.accept(";"));
            lexer.expect(")");
        }
        lexer.expect(":");
        JqNames.Function function =
                new JqNames.Function(name + '/' + parameters.size(), parameters, lexer.copy(), names);
        // only for its faults: the body is parsed for each call
        body(function, lexer, parameters.stream().map(any -> NULL).toList());
        lexer.expect(";");
        return names.with(function.signature(), function);
    }

    /** The body of a function, with the arguments in place of the parameters. */
    Filter body(JqNames.Function function, Lexer text, List<Filter> arguments) {
        Lexer caller = lexer;
        JqNames outer = names;
        lexer = text;
        names = function.scope().with(function.signature(), JqNames.RECURSION);
        List<Filter> meanings = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String parameter = function.parameters().get(i);
            meanings.add(parameter.startsWith("$") ? JqOperations.value(arguments.get(i)) : arguments.get(i));
            names = names.with(parameter, meanings.get(i));
            if (parameter.startsWith("$")) {
                names = names.with(parameter.substring(1) + "/0", meanings.get(i));
            }
        }
        Filter body = pipe(true);
        for (int i = arguments.size() - 1; i >= 0; i--) {
            body = JqOperations.bound(arguments.get(i), meanings.get(i), body);
        }
        lexer = caller;
        names = outer;
        return body;
    }

    private static void checkDepth(int levels) {
        if (levels > DEEPEST) {
            throw new IllegalArgumentException("the jq program is nested more than " + DEEPEST + " levels deep");
        }
    }

    /** @param hasCommas whether a comma belongs to it, rather than to an object around it */
    private Filter pipe(boolean hasCommas) {
        JqNames outer = names;
        while (lexer.at("def")) {
            names = definition();
        }
        Filter pipe = operation(hasCommas ? 0 : 1, hasCommas);
        if (lexer.accept("|")) {
            pipe = new Filters.Pipe(pipe, pipe(hasCommas));
        }
        names = outer;
        return pipe;
    }

    private Filter operation(int loosest, boolean hasCommas) {
        Filter left = binding(hasCommas);
        int length = 0;
        for (int precedence = precedence(); precedence >= loosest; precedence = precedence()) {
            String operator = lexer.next();
            boolean isRightAssociative = JqOperations.ASSIGNMENTS.contains(operator);
            int tighter = isRightAssociative ? precedence : precedence + 1;
            left = JqOperations.operation(left, operator, operation(tighter, hasCommas));
            length += left instanceof Filters.Comma || left instanceof Filters.Logic ? 0 : 1;
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

    /** A term, or {@code term as pattern | rest}. */
    private Filter binding(boolean hasCommas) {
        Filter term = term();
        if (!lexer.accept("as")) {
            return term;
        }
        JqNames outer = names;
        Function<Filter, Filter> bound = pattern(term);
        if (lexer.at("?")) {
            throw unsupported("?//");
        }
        lexer.expect("|");
        Filter binding = bound.apply(pipe(hasCommas));
        names = outer;
        return binding;
    }

    /** Reads the pattern after {@code as}. Returns what binds its variables, for each result of the source, in a filter. */
    private Function<Filter, Filter> pattern(Filter source) {
        Filter value = JqOperations.value(source);
        Function<Filter, Filter> bound = rest -> JqOperations.bound(source, value, rest);
        if (lexer.accept("[")) {
            int index = 0;
            do {
                Filter item = member(new Literal(LongNode.valueOf(index++)));
                bound = bound.compose(pattern(new Filters.Pipe(value, item)));
            } while (lexer.accept(","));
            lexer.expect("]");
        } else if (lexer.accept("{")) {
            do {
                bound = bound.compose(memberPattern(value));
            } while (lexer.accept(","));
            lexer.expect("}");
        } else {
            lexer.expect("$");
            names = names.with('$' + lexer.name(), value);
        }
        return bound;
    }

    private Function<Filter, Filter> memberPattern(Filter object) {
        if (!lexer.accept("$")) {
            Filter member = new Filters.Pipe(object, member(key()));
            lexer.expect(":");
            return pattern(member);
        }
        String name = lexer.name();
        Filter member = new Filters.Pipe(object, member(JqOperations.text(name)));
        Variable value = new Variable();
        names = names.with('$' + name, value);
        Function<Filter, Filter> bound = rest -> JqOperations.bound(member, value, rest);
        return lexer.accept(":") ? bound.compose(pattern(value)) : bound;
    }

    /** A term with what follows it: {@code .name}, {@code [key]}, {@code []}, {@code ?}. */
    private Filter term() {
        checkDepth(++depth);
        if (++terms > MOST_TERMS) {
            throw new IllegalArgumentException("the jq program has more than " + MOST_TERMS + " terms");
        }
        Filter term = primary();
        for (int length = 0; ; checkDepth(depth + ++length)) {
            if (lexer.is("field")) {
                term = access(term, JqOperations.text(lexer.next().substring(1)));
            } else if (lexer.accept(".")) {
                term = lexer.accept("[") ? bracket(term) : access(term, string());
            } else if (lexer.accept("[")) {
                term = bracket(term);
            } else if (lexer.accept("?")) {
                term = new Filters.Try(term, Filters.EMPTY);
            } else {
                depth--;
                return term;
            }
        }
    }

    /** The key is evaluated with the same input as the target. */
    private Filter access(Filter target, Filter key) {
        Filter value = JqOperations.value(key);
        return JqOperations.bound(key, value, part(target, new Filters.Access((Filters.Value) value)));
    }

    /** The member of the input. */
    private static Filter member(Filter key) {
        Filter value = JqOperations.value(key);
        return JqOperations.bound(key, value, new Filters.Access((Filters.Value) value));
    }

    /** {@code ?} concerns the last part only. */
    private Filter part(Filter target, Filter access) {
        Filter part = lexer.accept("?") ? new Filters.Try(access, Filters.EMPTY) : access;
        return target == Filters.IDENTITY ? part : new Filters.Pipe(target, part);
    }

    private Filter bracket(Filter target) {
        if (lexer.accept("]")) {
            return part(target, Filters.ITERATE);
        }
        Filter start = lexer.at(":") ? NULL : pipe(true);
        Filter key = start;
        if (lexer.accept(":")) {
            Filter end = lexer.at("]") && start != NULL ? NULL : pipe(true);
            key = new Filters.MakeObject(List.of(
                    new Filters.MakeObject.Entry(JqOperations.text("start"), start),
                    new Filters.MakeObject.Entry(JqOperations.text("end"), end)));
        }
        lexer.expect("]");
        return access(target, key);
    }

    private Filter primary() {
        if (lexer.is("field")) {
            return Filters.IDENTITY;
        }
        if (lexer.is("number")) {
            return number("");
        }
        if (lexer.isName()) {
            return call(lexer.next());
        }
        if (lexer.is("format")) {
            String format = lexer.next();
            return lexer.at("\"") ? string(format) : format(format);
        }
        if (CONSTANTS.containsKey(lexer.token())) {
            return new Literal(CONSTANTS.get(lexer.next()));
        }
        if (lexer.at("\"")) {
            return string();
        }
        return switch (lexer.token()) {
            case "." -> dot();
            case ".." -> call(lexer.next().replace("..", "recurse"));
            case "-" -> negative();
            case "(" -> enclosed("(", ")");
            case "[" -> array();
            case "{" -> object();
            case "$" -> variable();
            case "if" -> conditional();
            case "try" -> attempt();
            case "reduce" -> reduction();
            default -> throw UNSUPPORTED.containsKey(lexer.token()) ? unsupported(lexer.token()) : lexer.fault();
        };
    }

    private static IllegalArgumentException unsupported(String token) {
        return new IllegalArgumentException("'" + token + "' of jq is not supported here" + UNSUPPORTED.get(token));
    }

    private Filter enclosed(String begin, String end) {
        lexer.expect(begin);
        Filter inner = pipe(true);
        lexer.expect(end);
        return inner;
    }

    private Filter dot() {
        lexer.next();
        return lexer.at("\"") || lexer.is("format") ? access(Filters.IDENTITY, string()) : Filters.IDENTITY;
    }

    private Filter negative() {
        lexer.next();
        return lexer.is("number") ? number("-") : JqOperations.operation(new Literal(LongNode.valueOf(0)), "-", term());
    }

    private Filter number(String sign) {
        return new Literal(JqValues.number(sign + lexer.next()));
    }

    private Filter array() {
        lexer.expect("[");
        Filter items = lexer.at("]") ? Filters.EMPTY : pipe(true);
        lexer.expect("]");
        return new Filters.MakeArray(items);
    }

    /** After {@code if} or {@code elif}. */
    private Filter conditional() {
        lexer.next();
        Filter condition = pipe(true);
        lexer.expect("then");
        Filter yes = pipe(true);
        if (lexer.at("elif")) {
            return new Filters.If(condition, yes, conditional());
        }
        Filter no = lexer.accept("else") ? pipe(true) : Filters.IDENTITY;
        lexer.expect("end");
        return new Filters.If(condition, yes, no);
    }

    private Filter attempt() {
        lexer.expect("try");
        return new Filters.Try(binding(true), lexer.accept("catch") ? term() : Filters.EMPTY);
    }

    private Filter reduction() {
        lexer.expect("reduce");
        JqNames outer = names;
        Filter source = term();
        lexer.expect("as");
        Function<Filter, Filter> bound = pattern(source);
        JqNames inner = names;
        names = outer;
        Filter start = enclosed("(", ";");
        names = inner;
        Filter update = pipe(true);
        lexer.expect(")");
        names = outer;
        return new Filters.Reduce(bound, start, update);
    }

    private Filter variable() {
        lexer.expect("$");
        return variable(lexer.name());
    }

    private Filter variable(String name) {
        return names.find('$' + name, "variable $" + Shown.of(name)).call(this, List.of());
    }

    private Filter object() {
        lexer.expect("{");
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
            String name = lexer.name();
            return new Filters.MakeObject.Entry(JqOperations.text(name), variable(name));
        }
        boolean hasValue = lexer.at("(");
        Filter key = key();
        if (hasValue || lexer.at(":")) {
            lexer.expect(":");
            return new Filters.MakeObject.Entry(key, pipe(false));
        }
        return new Filters.MakeObject.Entry(key, member(key));
    }

    /** The key of an object or of a pattern. */
    private Filter key() {
        if (lexer.at("(")) {
            return enclosed("(", ")");
        }
        return lexer.is("word") ? JqOperations.text(lexer.next()) : string();
    }

    private Filter string() {
        return string(lexer.is("format") ? lexer.next() : "@text");
    }

    /** A quoted text: the sum of its literals and its formatted interpolations. */
    private Filter string(String format) {
        Filter text = JqOperations.text(lexer.text("\""));
        while (lexer.isInterpolation()) {
            text = JqOperations.operation(text, "+", new Filters.Pipe(pipe(true), format(format)));
            text = JqOperations.operation(text, "+", JqOperations.text(lexer.text(")")));
        }
        return text;
    }

    private Filter format(String name) {
        return names.find(name + "/0", "format @" + Shown.of(name.substring(1))).call(this, List.of());
    }

    private Filter call(String name) {
        List<Filter> arguments = new ArrayList<>();
        if (lexer.accept("(")) {
            do {
                arguments.add(pipe(true));
            } while (lexer.accept(";"));
            lexer.expect(")");
        }
        String signature = name + '/' + arguments.size();
        return names.find(signature, "function " + Shown.of(name) + '/' + arguments.size())
                .call(this, arguments);
    }
}
