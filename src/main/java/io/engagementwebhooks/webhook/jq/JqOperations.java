package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.webhook.jq.Filters.Literal;
import io.engagementwebhooks.webhook.jq.Filters.Variable;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Makes the filters of operators, assignments and bound values. */
final class JqOperations {

    static final Set<String> ASSIGNMENTS = Set.of("=", "|=", "+=", "-=", "*=", "/=", "%=", "//=");

    private JqOperations() {}

    /** The filter itself if it is a value; else a variable, which is to be bound to each of its results. */
    static Filter value(Filter filter) {
        return filter instanceof Filters.Value ? filter : new Variable();
    }

    /** Binds the variable of a filter in {@code rest}, if it has one. */
    static Filter bound(Filter filter, Filter value, Filter rest) {
        return filter == value ? rest : new Filters.Bind(filter, (Variable) value, rest);
    }

    static Filter operation(Filter left, String operator, Filter right) {
        if (ASSIGNMENTS.contains(operator)) {
            return assignment(left, operator.substring(0, operator.length() - 1), right);
        }
        return switch (operator) {
            case "//" -> new Filters.Alternative(left, right);
            case "," ->
                new Filters.Comma(chain(left instanceof Filters.Comma comma ? comma.parts() : List.of(left), right));
            case "and", "or" -> logic(left, operator.equals("or"), right);
            default -> new Filters.Operation(left, Operators.ALL.get(operator), right);
        };
    }

    private static Filter logic(Filter left, boolean isOr, Filter right) {
        boolean isChain = left instanceof Filters.Logic logic && logic.isOr() == isOr;
        return new Filters.Logic(chain(isChain ? ((Filters.Logic) left).terms() : List.of(left), right), isOr);
    }

    private static List<Filter> chain(List<Filter> left, Filter right) {
        return Stream.concat(left.stream(), Stream.of(right)).toList();
    }

    /** {@code target += right} is {@code right as $value | target |= . + $value}. */
    private static Filter assignment(Filter target, String operator, Filter right) {
        if (operator.equals("|")) {
            return new Filters.Update(target, right);
        }
        Filter value = value(right);
        Filter changed = operator.isEmpty() ? value : operation(Filters.IDENTITY, operator, value);
        return bound(right, value, new Filters.Update(target, changed));
    }

    static Filter text(String text) {
        return new Literal(TextNode.valueOf(text));
    }
}
