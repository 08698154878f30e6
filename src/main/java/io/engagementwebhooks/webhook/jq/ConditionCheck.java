package io.engagementwebhooks.webhook.jq;

import java.util.List;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.internal.tree.PipeComponent;
import net.thisptr.jackson.jq.internal.tree.TransformPipeComponent;
import net.thisptr.jackson.jq.internal.tree.Tuple;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanAndExpression;
import net.thisptr.jackson.jq.internal.tree.binaryop.BooleanOrExpression;
import net.thisptr.jackson.jq.internal.tree.literal.BooleanLiteral;
import net.thisptr.jackson.jq.internal.tree.literal.NullLiteral;
import net.thisptr.jackson.jq.internal.tree.literal.ValueLiteral;

/**
 * Refuses conditions whose result is never a boolean, such as {@code .data.state = "x"}, which sets a value. Literals
 * such as {@code false} are allowed.
 */
final class ConditionCheck {

    private ConditionCheck() {}

    /** @throws IllegalArgumentException for the customer, with the remedy */
    static void check(Expression parsed) {
        Expression resultPart = resultPart(parsed);
        if (resultPart instanceof BooleanAndExpression || resultPart instanceof BooleanOrExpression) {
            checkTerms(resultPart);
        } else if (isAssignment(resultPart)) {
            throw new IllegalArgumentException("the condition sets a value, and is never true; compare with ==");
        } else if (isOfOtherType(resultPart)) {
            throw new IllegalArgumentException("the condition compares nothing, and is never true; compare with ==");
        }
    }

    /** In {@code and} and {@code or} every value except false and null counts as true. */
    private static void checkTerms(Object term) {
        if (term instanceof BooleanAndExpression || term instanceof BooleanOrExpression) {
            checkTerms(JqTree.read(term, "lhs"));
            checkTerms(JqTree.read(term, "rhs"));
            return;
        }
        Expression resultPart = resultPart((Expression) term);
        if (isAssignment(resultPart)) {
            throw new IllegalArgumentException(
                    "a part of the condition sets a value, and always holds; compare with ==");
        }
        if (isOfOtherType(resultPart)) {
            throw new IllegalArgumentException(
                    "a part of the condition compares nothing, and always holds; compare with ==");
        }
    }

    /** The part that gives the results of the whole. */
    private static Expression resultPart(Expression whole) {
        Object part = whole;
        while (true) {
            switch (part.getClass().getSimpleName()) {
                case "TopLevelExpression" -> part = JqTree.read(part, "expr");
                case "IsolatedScopeQuery" -> part = JqTree.read(part, "q");
                case "SemicolonOperator" -> part = last((List<?>) JqTree.read(part, "qs"));
                case "Tuple" -> part = ((Tuple) part).qs.get(0);
                case "PipedQuery" -> {
                    PipeComponent last = (PipeComponent) last((List<?>) JqTree.read(part, "components"));
                    if (!(last instanceof TransformPipeComponent transform)) {
                        return (Expression) part;
                    }
                    part = transform.expr;
                }
                default -> {
                    return (Expression) part;
                }
            }
        }
    }

    private static Object last(List<?> parts) {
        return parts.get(parts.size() - 1);
    }

    /** {@code . = true} returns the assigned value. */
    private static boolean isAssignment(Expression part) {
        return part.getClass().getSimpleName().endsWith("Assignment")
                && !"ThisObject".equals(JqTree.read(part, "lhs").getClass().getSimpleName());
    }

    private static boolean isOfOtherType(Expression part) {
        return part instanceof ValueLiteral && !(part instanceof BooleanLiteral) && !(part instanceof NullLiteral)
                || switch (part.getClass().getSimpleName()) {
                    case "StringInterpolation", "ArrayConstruction", "ObjectConstruction", "NegativeExpression" -> true;
                    default -> false;
                };
    }
}
