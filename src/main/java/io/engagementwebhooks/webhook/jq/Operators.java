package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;

/** jq's binary operators on values. The cost counts against the budget before an operator is applied. */
final class Operators {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Operators() {}

    interface Operator {
        JsonNode apply(JqBudget budget, JsonNode left, JsonNode right);
    }

    /** Integer arithmetic that throws if the result exceeds a long. */
    private interface Exact {
        long apply(long left, long right);
    }

    /** By the text of the operator. */
    static final Map<String, Operator> ALL = Map.ofEntries(
            Map.entry("+", Operators::plus),
            Map.entry("-", Operators::minus),
            Map.entry("*", Operators::times),
            Map.entry("/", Operators::dividedBy),
            Map.entry("%", Operators::modulo),
            Map.entry("//", (budget, left, right) -> JqValues.isTrue(left) ? left : right),
            Map.entry("==", (budget, left, right) -> BooleanNode.valueOf(equal(budget, left, right))),
            Map.entry("!=", (budget, left, right) -> BooleanNode.valueOf(!equal(budget, left, right))),
            Map.entry("<", (budget, left, right) -> BooleanNode.valueOf(order(budget, left, right) < 0)),
            Map.entry("<=", (budget, left, right) -> BooleanNode.valueOf(order(budget, left, right) <= 0)),
            Map.entry(">", (budget, left, right) -> BooleanNode.valueOf(order(budget, left, right) > 0)),
            Map.entry(">=", (budget, left, right) -> BooleanNode.valueOf(order(budget, left, right) >= 0)));

    static boolean equal(JqBudget budget, JsonNode left, JsonNode right) {
        boolean notANumber = left.isNumber() && Double.isNaN(left.asDouble());
        return !notANumber && order(budget, left, right) == 0;
    }

    private static int order(JqBudget budget, JsonNode left, JsonNode right) {
        return new Order(budget).compare(left, right);
    }

    static JsonNode plus(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNull()) {
            return right;
        }
        if (right.isNull()) {
            return left;
        }
        if (left.isNumber() && right.isNumber()) {
            return calculate(left, right, Math::addExact, Double::sum);
        }
        if (left.isTextual() && right.isTextual()) {
            budget.reserveText(
                    (long) left.textValue().length() + right.textValue().length());
            return TextNode.valueOf(left.textValue() + right.textValue());
        }
        budget.work((long) left.size() + right.size());
        if (left.isArray() && right.isArray()) {
            ArrayNode sum = NODES.arrayNode(left.size() + right.size());
            left.forEach(sum::add);
            right.forEach(sum::add);
            return budget.created(sum);
        }
        if (left.isObject() && right.isObject()) {
            return budget.created(copy(left).setAll((ObjectNode) right));
        }
        throw new JqError("%s and %s cannot be added", left, right);
    }

    private static JsonNode minus(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return calculate(left, right, Math::subtractExact, (l, r) -> l - r);
        }
        if (!left.isArray() || !right.isArray()) {
            throw new JqError("%s and %s cannot be subtracted", left, right);
        }
        budget.work((long) left.size() + right.size());
        Set<JsonNode> removed = new TreeSet<>(new Order(budget));
        right.forEach(removed::add);
        ArrayNode kept = NODES.arrayNode();
        for (JsonNode item : left) {
            if (!removed.contains(item)) {
                kept.add(item);
            }
        }
        return budget.created(kept);
    }

    private static JsonNode times(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return calculate(left, right, Math::multiplyExact, (l, r) -> l * r);
        }
        if (left.isTextual() && right.isNumber()) {
            return repeated(budget, left, right.asDouble());
        }
        if (left.isNumber() && right.isTextual()) {
            return repeated(budget, right, left.asDouble());
        }
        if (left.isObject() && right.isObject()) {
            budget.work((long) budget.sizeOf(left) + budget.sizeOf(right));
            return budget.created(merged(left, right));
        }
        throw new JqError("%s and %s cannot be multiplied", left, right);
    }

    private static JsonNode dividedBy(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isTextual() && right.isTextual()) {
            return budget.createdDeep(new Search(budget).split(left.textValue(), right.textValue()));
        }
        if (!left.isNumber() || !right.isNumber()) {
            throw new JqError("%s and %s cannot be divided", left, right);
        }
        if (right.asDouble() == 0) {
            throw new JqError("%s and %s cannot be divided because the divisor is zero", left, right);
        }
        return JqValues.number(left.asDouble() / right.asDouble());
    }

    private static JsonNode modulo(JqBudget budget, JsonNode left, JsonNode right) {
        if (!left.isNumber() || !right.isNumber()) {
            throw new JqError("%s and %s cannot be divided (remainder)", left, right);
        }
        if (Double.isNaN(right.asDouble())) {
            return LongNode.valueOf(left.asLong());
        }
        if (right.asLong() == 0) {
            throw new JqError("%s and %s cannot be divided (remainder) because the divisor is zero", left, right);
        }
        return LongNode.valueOf(left.asLong() % right.asLong());
    }

    /** The exact integer; the nearest double if it exceeds a long or a number is not whole. */
    private static JsonNode calculate(JsonNode left, JsonNode right, Exact exact, DoubleBinaryOperator inexact) {
        double nearest = inexact.applyAsDouble(left.asDouble(), right.asDouble());
        if (!left.isIntegralNumber() || !right.isIntegralNumber()) {
            return JqValues.number(nearest);
        }
        try {
            return LongNode.valueOf(exact.apply(left.longValue(), right.longValue()));
        } catch (ArithmeticException tooLarge) {
            return DoubleNode.valueOf(nearest);
        }
    }

    private static JsonNode repeated(JqBudget budget, JsonNode text, double times) {
        // iterations count too: the text may be empty
        double length = Math.max(1, text.textValue().length()) * Math.max(1, times);
        budget.reserveText((long) Math.ceil(length));
        if (times <= 0) {
            return NullNode.getInstance();
        }
        return times < 2 ? text : TextNode.valueOf(text.textValue().repeat((int) times));
    }

    private static ObjectNode merged(JsonNode left, JsonNode right) {
        ObjectNode merged = copy(left);
        for (Map.Entry<String, JsonNode> field : right.properties()) {
            JsonNode old = merged.get(field.getKey());
            boolean areObjects =
                    old != null && old.isObject() && field.getValue().isObject();
            merged.set(field.getKey(), areObjects ? merged(old, field.getValue()) : field.getValue());
        }
        return merged;
    }

    private static ObjectNode copy(JsonNode object) {
        return NODES.objectNode().setAll((ObjectNode) object);
    }
}
