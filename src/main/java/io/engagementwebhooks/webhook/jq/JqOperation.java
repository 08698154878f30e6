package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.util.Set;
import java.util.TreeSet;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.operators.BinaryOperator;
import net.thisptr.jackson.jq.path.Path;

/** {@code left operator right}. The cost counts against the budget before the operator is applied. */
record JqOperation(Expression left, Expression right, BinaryOperator operator) implements Expression {

    @Override
    public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
            throws JsonQueryException {
        right.apply(
                scope,
                in,
                r -> left.apply(scope, in, l -> output.emit(calculate(operator, scope.getObjectMapper(), l, r), null)));
    }

    static JsonNode calculate(BinaryOperator operator, ObjectMapper mapper, JsonNode left, JsonNode right)
            throws JsonQueryException {
        JqBudget budget = JqBudget.current();
        if (left.isIntegralNumber() && right.isIntegralNumber()) {
            JsonNode exact = integers(operator.image(), left.longValue(), right.longValue());
            if (exact != null) {
                return exact;
            }
        }
        switch (operator.image()) {
            case "==" -> {
                return BooleanNode.valueOf(equal(budget, left, right));
            }
            case "!=" -> {
                return BooleanNode.valueOf(!equal(budget, left, right));
            }
            case "<" -> {
                return BooleanNode.valueOf(order(budget, left, right) < 0);
            }
            case "<=" -> {
                return BooleanNode.valueOf(order(budget, left, right) <= 0);
            }
            case ">" -> {
                return BooleanNode.valueOf(order(budget, left, right) > 0);
            }
            case ">=" -> {
                return BooleanNode.valueOf(order(budget, left, right) >= 0);
            }
            case "-" -> {
                if (left.isArray() && right.isArray()) {
                    return without(budget, mapper, left, right);
                }
            }
            case "+" -> countSum(budget, left, right);
            case "*" -> countProduct(budget, left, right);
            case "/" -> {
                if (left.isTextual() && right.isTextual()) {
                    new JqSearch(budget).countSplit(left.textValue(), right.textValue());
                }
            }
            default -> budget.work(1);
        }
        try {
            return operator.apply(mapper, left, right);
        } catch (JsonQueryException e) {
            // the message contains the JSON of both
            budget.work((long) budget.sizeOf(left) + budget.sizeOf(right));
            throw e;
        }
    }

    /** The exact integer, or the nearest double if it exceeds a long; null for other operators. */
    private static JsonNode integers(String image, long left, long right) {
        try {
            return switch (image) {
                case "+" -> LongNode.valueOf(Math.addExact(left, right));
                case "-" -> LongNode.valueOf(Math.subtractExact(left, right));
                case "*" -> LongNode.valueOf(Math.multiplyExact(left, right));
                default -> null;
            };
        } catch (ArithmeticException tooLarge) {
            return DoubleNode.valueOf(
                    switch (image) {
                        case "+" -> (double) left + right;
                        case "-" -> (double) left - right;
                        default -> (double) left * right;
                    });
        }
    }

    private static int order(JqBudget budget, JsonNode left, JsonNode right) {
        return new JqOrder(budget).compare(left, right);
    }

    private static boolean equal(JqBudget budget, JsonNode left, JsonNode right) {
        boolean notANumber = left.isNumber() && Double.isNaN(left.asDouble());
        return !notANumber && order(budget, left, right) == 0;
    }

    private static ArrayNode without(JqBudget budget, ObjectMapper mapper, JsonNode left, JsonNode right) {
        Set<JsonNode> removed = new TreeSet<>(new JqOrder(budget));
        right.forEach(removed::add);
        ArrayNode kept = mapper.createArrayNode();
        for (JsonNode item : left) {
            if (!removed.contains(item)) {
                kept.add(item);
            }
        }
        return kept;
    }

    private static void countSum(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isTextual() && right.isTextual()) {
            budget.reserveText(
                    (long) left.textValue().length() + right.textValue().length());
        } else {
            budget.work((long) left.size() + right.size());
        }
    }

    private static void countProduct(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isTextual() && right.isNumber()) {
            countRepetition(budget, left, right);
        } else if (right.isTextual() && left.isNumber()) {
            countRepetition(budget, right, left);
        } else if (left.isObject() && right.isObject()) {
            budget.work((long) budget.sizeOf(left) + budget.sizeOf(right));
        }
    }

    private static void countRepetition(JqBudget budget, JsonNode text, JsonNode times) {
        // iterations count too: the text may be empty
        double length = Math.max(1, text.textValue().length()) * Math.max(1, times.asDouble());
        budget.reserveText((long) Math.ceil(length));
    }
}
