package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.engagementwebhooks.webhook.Shown;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.IsolatedScopeQuery;
import net.thisptr.jackson.jq.internal.misc.Pair;
import net.thisptr.jackson.jq.internal.operators.BinaryOperator;
import net.thisptr.jackson.jq.internal.tree.ArrayConstruction;
import net.thisptr.jackson.jq.internal.tree.AssignPipeComponent;
import net.thisptr.jackson.jq.internal.tree.BreakExpression;
import net.thisptr.jackson.jq.internal.tree.Conditional;
import net.thisptr.jackson.jq.internal.tree.FieldConstruction;
import net.thisptr.jackson.jq.internal.tree.ForeachExpression;
import net.thisptr.jackson.jq.internal.tree.FormattingFilter;
import net.thisptr.jackson.jq.internal.tree.FunctionCall;
import net.thisptr.jackson.jq.internal.tree.FunctionDefinition;
import net.thisptr.jackson.jq.internal.tree.IdentifierKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.JsonQueryKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.LabelPipeComponent;
import net.thisptr.jackson.jq.internal.tree.NegativeExpression;
import net.thisptr.jackson.jq.internal.tree.ObjectConstruction;
import net.thisptr.jackson.jq.internal.tree.PipeComponent;
import net.thisptr.jackson.jq.internal.tree.PipedQuery;
import net.thisptr.jackson.jq.internal.tree.ReduceExpression;
import net.thisptr.jackson.jq.internal.tree.SemicolonOperator;
import net.thisptr.jackson.jq.internal.tree.StringKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.TransformPipeComponent;
import net.thisptr.jackson.jq.internal.tree.TryCatch;
import net.thisptr.jackson.jq.internal.tree.Tuple;
import net.thisptr.jackson.jq.internal.tree.VariableKeyFieldConstruction;
import net.thisptr.jackson.jq.internal.tree.binaryop.AlternativeOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BinaryOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.SimpleBinaryOperatorExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.assignment.ComplexAssignment;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketExtractFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.BracketFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.FieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.IdentifierFieldAccess;
import net.thisptr.jackson.jq.internal.tree.fieldaccess.StringFieldAccess;
import net.thisptr.jackson.jq.internal.tree.literal.ValueLiteral;
import net.thisptr.jackson.jq.internal.tree.matcher.PatternMatcher;
import net.thisptr.jackson.jq.internal.tree.matcher.matchers.ArrayMatcher;
import net.thisptr.jackson.jq.internal.tree.matcher.matchers.ObjectMatcher;
import net.thisptr.jackson.jq.internal.tree.matcher.matchers.ValueMatcher;

/**
 * Rebuilds a parsed jq program from parts that count against the {@link JqBudget}, and checks that every name exists.
 * Unknown kinds of parts are refused.
 *
 * <p>jackson-jq has no visitor of parsed programs, so parts are read by reflection. Its version is pinned in the pom,
 * and {@code JqLimitsTest} fails if a part changes.
 */
final class JqTree {

    /** Deepest nesting of a program; a long chain of {@code and} or {@code or} counts as one level. */
    private static final int DEEPEST = 400;

    private static final Version VERSION = Versions.JQ_1_7;

    /** Labels are unique among all programs, as closures of one run within functions of another. */
    private static final AtomicLong LABELS = new AtomicLong();

    private final Predicate<String> functions;
    private final Set<SemicolonOperator> hoisted = Collections.newSetFromMap(new IdentityHashMap<>());
    private int depth;

    /** @param functions whether a built-in function, such as {@code map/1}, exists */
    JqTree(Predicate<String> functions) {
        this.functions = functions;
    }

    /** @throws IllegalArgumentException for the customer */
    Expression guarded(Expression parsed) {
        return build(parsed, null);
    }

    /** As {@link #guarded}, for the body of a function. */
    Expression guarded(Expression body, List<String> parameters) {
        return build(body, withParameters(null, parameters));
    }

    /** The names in scope: {@code f/1} of a function, {@code $x} of a variable, {@code *out} of a label. */
    private record Names(Names outer, String name, String meaning) {
        static Optional<String> find(Names names, String name) {
            for (Names in = names; in != null; in = in.outer) {
                if (in.name.equals(name)) {
                    return Optional.of(in.meaning);
                }
            }
            return Optional.empty();
        }
    }

    private Expression build(Expression e, Names names) {
        if (e == null) {
            return null;
        }
        SemicolonOperator definitions = leading(e);
        if (definitions != null && definitions != e) {
            return hoisted(definitions, e, names);
        }
        return counted(e, names);
    }

    private Expression counted(Expression e, Names names) {
        if (++depth > DEEPEST) {
            throw new IllegalArgumentException("the jq program is nested more than " + DEEPEST + " levels deep");
        }
        Expression built = part(e, names);
        depth--;
        return built;
    }

    private Expression part(Expression e, Names names) {
        if (e instanceof ValueLiteral) {
            return e;
        }
        if (e instanceof SimpleBinaryOperatorExpression) {
            return newValue(new JqOperation(
                    child(e, "lhs", names), child(e, "rhs", names), (BinaryOperator) read(e, "operator")));
        }
        if (e instanceof ComplexAssignment) {
            return newValue(new JqAssignment.Set(
                    child(e, "lhs", names), child(e, "rhs", names), (BinaryOperator) read(e, "operator")));
        }
        return switch (e.getClass().getSimpleName()) {
            case "ThisObject" -> e;
            case "TopLevelExpression" -> topLevel(e, names);
            case "IsolatedScopeQuery" -> new IsolatedScopeQuery(child(e, "q", names));
            case "IdentifierFieldAccess" ->
                new IdentifierFieldAccess(child(e, "target", names), (String) read(e, "field"), permissive(e));
            case "StringFieldAccess" ->
                step(new StringFieldAccess(child(e, "target", names), child(e, "field", names), permissive(e)));
            case "BracketExtractFieldAccess" ->
                step(new BracketExtractFieldAccess(child(e, "target", names), permissive(e)));
            case "BracketFieldAccess" -> bracket(e, names);
            case "PipedQuery" -> pipe(list(e, "components", PipeComponent.class), names);
            case "Tuple" -> step(new Tuple(children(e, "qs", names)));
            case "SemicolonOperator" -> definitions(e, names);
            case "FunctionCall" -> call(e, names);
            case "FormattingFilter" -> format(e);
            case "StringInterpolation" -> text(e, names);
            case "VariableAccess" -> variable(e, names);
            case "NegativeExpression" -> step(new NegativeExpression(child(e, "value", names)));
            case "BooleanAndExpression" -> step(new JqLogic(false, terms(e, names)));
            case "BooleanOrExpression" -> step(new JqLogic(true, terms(e, names)));
            case "AlternativeOperatorExpression" ->
                step(new AlternativeOperatorExpression(child(e, "lhs", names), child(e, "rhs", names)));
            case "Assignment" -> newValue(new JqAssignment.Set(child(e, "lhs", names), child(e, "rhs", names), null));
            case "UpdateAssignment" ->
                newValue(new JqAssignment.Update(child(e, "lhs", names), child(e, "rhs", names)));
            case "ArrayConstruction" -> newValue(new ArrayConstruction(child(e, "q", names)));
            case "ObjectConstruction" -> object(e, names);
            case "RecursionOperator" -> step(e);
            case "Conditional" -> conditional(e, names);
            case "TryCatch", "Question" ->
                step(new JqEscape.Try(child(e, "tryExpr", names), child(e, "catchExpr", names)));
            case "BreakExpression" -> breakOut(e, names);
            case "ReduceExpression" -> reduce(e, names);
            case "ForeachExpression" -> foreach(e, names);
            default ->
                throw new IllegalArgumentException("the jq program uses something that is not supported: " + kind(e));
        };
    }

    /** The kind of a part; its text would be that of the program. */
    private static String kind(Object part) {
        return part.getClass().getSimpleName();
    }

    private static Expression step(Expression part) {
        return new JqStep(part, false);
    }

    /** The terms of a chain of one operator, from left to right. */
    private List<Expression> terms(Expression chain, Names names) {
        LinkedList<Expression> terms = new LinkedList<>();
        Object left = chain;
        while (left.getClass() == chain.getClass()) {
            terms.addFirst(child(left, "rhs", names));
            left = read(left, "lhs");
        }
        terms.addFirst(build((Expression) left, names));
        return List.copyOf(terms);
    }

    private static Expression newValue(Expression part) {
        return new JqStep(part, true);
    }

    private Expression topLevel(Expression e, Names names) {
        if (read(e, "moduleDirective") != null || !((List<?>) read(e, "imports")).isEmpty()) {
            throw new IllegalArgumentException("a jq program cannot import, include or be a module here");
        }
        Expression program = child(e, "expr", names);
        if (program == null) {
            throw new IllegalArgumentException("the jq program is empty");
        }
        return program;
    }

    private Expression bracket(Expression e, Names names) {
        Expression target = child(e, "target", names);
        Expression start = child(e, "startExpr", names);
        if ((boolean) read(e, "isRange")) {
            return newValue(new BracketFieldAccess(target, start, child(e, "endExpr", names), permissive(e)));
        }
        return step(new BracketFieldAccess(target, notByArray(start), permissive(e)));
    }

    /** Refuses {@code .[[1, 2]]}, a search with unpredictable cost. */
    private static Expression notByArray(Expression at) {
        if (at instanceof ValueLiteral) {
            return at;
        }
        return (scope, in, path, output, requirePath) -> at.apply(scope, in, index -> {
            if (index.isArray()) {
                throw new JsonQueryException("an array cannot be the index; use indices");
            }
            output.emit(index, null);
        });
    }

    private Expression pipe(List<PipeComponent> components, Names outer) {
        Names names = outer;
        List<PipeComponent> built = new ArrayList<>();
        for (int i = 0; i < components.size(); i++) {
            PipeComponent component = components.get(i);
            if (component instanceof TransformPipeComponent transform) {
                built.add(new TransformPipeComponent(build(transform.expr, names)));
                names = withDefinitions(names, transform.expr);
            } else if (component instanceof AssignPipeComponent assign) {
                Expression value = build(assign.expr, names);
                names = withDefinitions(names, assign.expr);
                names = withVariables(names, assign.matcher);
                built.add(new AssignPipeComponent(value, matcher(assign.matcher, names)));
            } else if (component instanceof LabelPipeComponent label) {
                String unique = label.name + '#' + LABELS.incrementAndGet();
                Expression rest =
                        pipe(components.subList(i + 1, components.size()), new Names(names, '*' + label.name, unique));
                built.add(new TransformPipeComponent(step(new JqEscape.Label(unique, rest))));
                break;
            } else {
                throw new IllegalArgumentException(
                        "the jq program uses something that is not supported: " + kind(component));
            }
        }
        return step(new PipedQuery(built));
    }

    /**
     * The parser binds {@code def f: …; f + f} as {@code (def f: …; f) + f}: the definitions at the left end of a part
     * belong before the whole of it.
     */
    private static SemicolonOperator leading(Expression e) {
        Object left = e;
        while (left != null) {
            if (left instanceof SemicolonOperator definitions) {
                return definitions;
            } else if (left instanceof PipedQuery) {
                PipeComponent first =
                        list(left, "components", PipeComponent.class).get(0);
                left = first instanceof LabelPipeComponent ? null : read(first, "expr");
            } else if (left instanceof Tuple tuple) {
                left = tuple.qs.get(0);
            } else if (left instanceof BinaryOperatorExpression) {
                left = read(left, "lhs");
            } else if (left instanceof FieldAccess) {
                left = read(left, "target");
            } else {
                left = left instanceof TryCatch.Question ? read(left, "tryExpr") : null;
            }
        }
        return null;
    }

    private Expression hoisted(SemicolonOperator definitions, Expression e, Names outer) {
        if (hoisted.contains(definitions)) {
            return counted(e, outer);
        }
        List<Expression> built = new ArrayList<>();
        Names names = define(list(definitions, "qs", Expression.class), outer, built);
        hoisted.add(definitions);
        built.add(counted(e, names));
        return step(new SemicolonOperator(built));
    }

    private Names withDefinitions(Names names, Expression e) {
        SemicolonOperator definitions = leading(e);
        Names all = names;
        if (definitions != null) {
            for (Expression part : list(definitions, "qs", Expression.class)) {
                all = part instanceof FunctionDefinition ? withFunction(all, part) : all;
            }
        }
        return all;
    }

    private static Names withFunction(Names names, Expression definition) {
        return new Names(
                names,
                (String) read(definition, "fname")
                        + '/'
                        + list(definition, "args", String.class).size(),
                "");
    }

    private Expression definitions(Expression e, Names outer) {
        List<Expression> parts = list(e, "qs", Expression.class);
        List<Expression> built = new ArrayList<>();
        Names names = hoisted.contains(e) ? outer : define(parts, outer, built);
        built.add(build(parts.get(parts.size() - 1), names));
        return step(new SemicolonOperator(built));
    }

    /** Builds the definitions; returns the names in scope after them. */
    private Names define(List<Expression> parts, Names outer, List<Expression> built) {
        Names names = outer;
        for (Expression part : parts) {
            if (part instanceof FunctionDefinition) {
                String name = (String) read(part, "fname");
                List<String> parameters = list(part, "args", String.class);
                names = withFunction(names, part);
                Expression body = child(part, "body", withParameters(names, parameters));
                built.add(new FunctionDefinition(name, parameters, body));
            }
        }
        return names;
    }

    private static Names withParameters(Names outer, List<String> parameters) {
        Names names = outer;
        for (String parameter : parameters) {
            names = new Names(names, parameter.startsWith("$") ? parameter : parameter + "/0", "");
        }
        return names;
    }

    private Expression call(Expression e, Names names) {
        String name = (String) read(e, "name");
        List<Expression> arguments = children(e, "args", names);
        String signature = name + '/' + arguments.size();
        if (read(e, "moduleName") != null || Names.find(names, signature).isEmpty() && !functions.test(signature)) {
            throw new IllegalArgumentException(
                    "there is no jq function " + Shown.of(name) + '/' + arguments.size() + " here" + hint(name));
        }
        return step(new FunctionCall(null, name, arguments, VERSION));
    }

    private static String hint(String name) {
        return switch (name) {
            case "env",
                    "input",
                    "inputs",
                    "debug",
                    "stderr",
                    "input_line_number",
                    "input_filename",
                    "get_search_list" -> ": a program sees the event and nothing else";
            default -> "";
        };
    }

    private Expression format(Expression e) {
        String name = (String) read(e, "name");
        if (!functions.test('@' + name + "/0")) {
            throw new IllegalArgumentException("there is no jq format @" + Shown.of(name) + " here");
        }
        return step(new FormattingFilter(name, VERSION));
    }

    private Expression text(Expression e, Names names) {
        String template = (String) read(e, "template");
        List<String> literals = new ArrayList<>();
        List<Expression> parts = new ArrayList<>();
        int from = 0;
        for (Pair<?, ?> part : pairs(e, "interpolations")) {
            int at = (Integer) part._1;
            literals.add(template.substring(from, at));
            parts.add(build((Expression) part._2, names));
            from = at;
        }
        literals.add(template.substring(from));
        return newValue(new JqText(literals, parts, child(e, "formatter", names)));
    }

    private Expression variable(Expression e, Names names) {
        String name = (String) read(e, "name");
        checkVariable(name, names);
        return (scope, in, path, output, requirePath) -> {
            JsonNode value = scope.getValue(name);
            output.emit(value == null ? NullNode.getInstance() : value, null);
        };
    }

    private static void checkVariable(String name, Names names) {
        if (Names.find(names, '$' + name).isEmpty()) {
            throw new IllegalArgumentException("there is no jq variable $" + Shown.of(name) + " here"
                    + (name.equals("ENV") ? ": a program sees the event and nothing else" : ""));
        }
    }

    private Expression object(Expression e, Names names) {
        ObjectConstruction object = new ObjectConstruction();
        for (FieldConstruction field : list(e, "fields", FieldConstruction.class)) {
            object.add(field(field, names));
        }
        return newValue(object);
    }

    private FieldConstruction field(FieldConstruction field, Names names) {
        if (field instanceof IdentifierKeyFieldConstruction named) {
            return new IdentifierKeyFieldConstruction(named.key, build(named.value, names));
        }
        if (field instanceof StringKeyFieldConstruction text) {
            return new StringKeyFieldConstruction(build(text.key, names), build(text.value, names));
        }
        if (field instanceof JsonQueryKeyFieldConstruction) {
            return new JsonQueryKeyFieldConstruction(child(field, "key", names), child(field, "value", names));
        }
        if (field instanceof VariableKeyFieldConstruction) {
            checkVariable((String) read(field, "name"), names);
            return field;
        }
        throw new IllegalArgumentException("the jq program uses something that is not supported: " + kind(field));
    }

    private Expression conditional(Expression e, Names names) {
        List<Pair<Expression, Expression>> branches = new ArrayList<>();
        for (Pair<?, ?> branch : pairs(e, "switches")) {
            branches.add(Pair.of(build((Expression) branch._1, names), build((Expression) branch._2, names)));
        }
        return step(new Conditional(branches, child(e, "otherwise", names)));
    }

    private Expression breakOut(Expression e, Names names) {
        String name = (String) read(e, "name");
        return step(new BreakExpression(Names.find(names, '*' + name)
                .orElseThrow(() ->
                        new IllegalArgumentException("there is no jq label $" + Shown.of(name) + " to break out of"))));
    }

    private Expression reduce(Expression e, Names names) {
        PatternMatcher matcher = (PatternMatcher) read(e, "matcher");
        Names inner = withVariables(names, matcher);
        return step(new ReduceExpression(
                matcher(matcher, inner),
                child(e, "initExpr", names),
                child(e, "reduceExpr", inner),
                child(e, "iterExpr", names)));
    }

    private Expression foreach(Expression e, Names names) {
        PatternMatcher matcher = (PatternMatcher) read(e, "matcher");
        Names inner = withVariables(names, matcher);
        return step(new ForeachExpression(
                matcher(matcher, inner),
                child(e, "initExpr", names),
                child(e, "updateExpr", inner),
                child(e, "extractExpr", inner),
                child(e, "iterExpr", names)));
    }

    /** Patterns such as {@code {a: [$x]}}; their keys may be programs. */
    private PatternMatcher matcher(PatternMatcher matcher, Names names) {
        if (matcher instanceof ValueMatcher) {
            return matcher;
        }
        if (matcher instanceof ArrayMatcher) {
            List<PatternMatcher> items = new ArrayList<>();
            for (PatternMatcher item : list(matcher, "matchers", PatternMatcher.class)) {
                items.add(matcher(item, names));
            }
            return new ArrayMatcher(items);
        }
        List<ObjectMatcher.FieldMatcher> fields = new ArrayList<>();
        for (ObjectMatcher.FieldMatcher field : list(matcher, "matchers", ObjectMatcher.FieldMatcher.class)) {
            PatternMatcher inner = (PatternMatcher) read(field, "matcher");
            fields.add(new ObjectMatcher.FieldMatcher(
                    (boolean) read(field, "dollar"),
                    child(field, "name", names),
                    inner == null ? null : matcher(inner, names)));
        }
        return new ObjectMatcher(fields);
    }

    private static Names withVariables(Names outer, PatternMatcher matcher) {
        Names names = outer;
        if (matcher instanceof ValueMatcher) {
            return new Names(names, '$' + (String) read(matcher, "name"), "");
        }
        if (matcher instanceof ArrayMatcher) {
            for (PatternMatcher item : list(matcher, "matchers", PatternMatcher.class)) {
                names = withVariables(names, item);
            }
            return names;
        }
        for (ObjectMatcher.FieldMatcher field : list(matcher, "matchers", ObjectMatcher.FieldMatcher.class)) {
            if ((boolean) read(field, "dollar")) {
                ValueLiteral name = (ValueLiteral) read(field, "name");
                names = new Names(names, '$' + name.value().asText(), "");
            }
            PatternMatcher inner = (PatternMatcher) read(field, "matcher");
            names = inner == null ? names : withVariables(names, inner);
        }
        return names;
    }

    private static boolean permissive(Expression e) {
        return (boolean) read(e, "permissive");
    }

    private Expression child(Object of, String field, Names names) {
        return build((Expression) read(of, field), names);
    }

    private List<Expression> children(Object of, String field, Names names) {
        List<Expression> built = new ArrayList<>();
        for (Expression child : list(of, field, Expression.class)) {
            built.add(build(child, names));
        }
        return built;
    }

    private static <T> List<T> list(Object of, String field, Class<T> type) {
        return ((List<?>) read(of, field)).stream().map(type::cast).toList();
    }

    private static List<Pair<?, ?>> pairs(Object of, String field) {
        List<Pair<?, ?>> pairs = new ArrayList<>();
        for (Object pair : (List<?>) read(of, field)) {
            pairs.add((Pair<?, ?>) pair);
        }
        return pairs;
    }

    static Object read(Object of, String field) {
        for (Class<?> type = of.getClass(); type != null; type = type.getSuperclass()) {
            for (Field declared : type.getDeclaredFields()) {
                if (declared.getName().equals(field)) {
                    return read(of, declared);
                }
            }
        }
        throw new IllegalStateException("jackson-jq has changed: " + of.getClass() + " has no " + field);
    }

    private static Object read(Object of, Field field) {
        try {
            field.setAccessible(true);
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("jackson-jq has changed: " + field, e);
        }
    }
}
