package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** jq's binary operators on values. The cost counts against the budget before an operator is applied. */
final class Operators {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Operators() {}

    interface Operator {
        JsonNode apply(JqBudget budget, JsonNode left, JsonNode right);
    }

    /** By the text of the operator. */
    static final Map<String, Operator> ALL = Map.ofEntries(
            Map.entry("+", Operators::plus),
            Map.entry("-", Operators::minus),
            Map.entry("*", Operators::times),
            Map.entry("/", Operators::dividedBy),
            Map.entry("%", Operators::modulo),
            Map.entry("==", (budget, left, right) -> BooleanNode.valueOf(isEqual(budget, left, right))),
            Map.entry("!=", (budget, left, right) -> BooleanNode.valueOf(!isEqual(budget, left, right))),
            Map.entry("<", comparison(order -> order < 0)),
            Map.entry("<=", comparison(order -> order <= 0)),
            Map.entry(">", comparison(order -> order > 0)),
            Map.entry(">=", comparison(order -> order >= 0)));

    private static Operator comparison(IntPredicate isTrue) {
        return (budget, left, right) -> BooleanNode.valueOf(isTrue.test(new Order(budget).compare(left, right)));
    }

    static boolean isEqual(JqBudget budget, JsonNode left, JsonNode right) {
        boolean isNotANumber = left.isNumber() && Double.isNaN(left.asDouble());
        return !isNotANumber && new Order(budget).compare(left, right) == 0;
    }

    static JsonNode plus(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNull() || right.isNull()) {
            return left.isNull() ? right : left;
        }
        if (left.isNumber() && right.isNumber()) {
            return JqValues.number(left.asDouble() + right.asDouble());
        }
        if (left.isTextual() && right.isTextual()) {
            budget.reserveText(
                    (long) left.textValue().length() + right.textValue().length());
            return TextNode.valueOf(left.textValue() + right.textValue());
        }
        budget.work((long) left.size() + right.size());
        if (left.isArray() && right.isArray()) {
            return budget.created(NODES.arrayNode().addAll((ArrayNode) left).addAll((ArrayNode) right));
        }
        if (left.isObject() && right.isObject()) {
            return budget.created(copy(left).setAll((ObjectNode) right));
        }
        throw new JqError("%s and %s cannot be added", left, right);
    }

    private static JsonNode minus(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return JqValues.number(left.asDouble() - right.asDouble());
        }
        if (!left.isArray() || !right.isArray()) {
            throw new JqError("%s and %s cannot be subtracted", left, right);
        }
        Set<JsonNode> removed = new TreeSet<>(new Order(budget));
        right.forEach(removed::add);
        ArrayNode kept = NODES.arrayNode();
        for (JsonNode item : left) {
            if (!removed.contains(item)) {
                kept.add(item);
            }
        }
        budget.work((long) left.size() + right.size());
        return budget.created(kept);
    }

    private static JsonNode times(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return JqValues.number(left.asDouble() * right.asDouble());
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

    private static JsonNode repeated(JqBudget budget, JsonNode text, double times) {
        // iterations count too: the text may be empty
        budget.reserveText((long) Math.ceil(Math.max(1, text.textValue().length()) * Math.max(1, times)));
        return times <= 0
                ? NullNode.getInstance()
                : TextNode.valueOf(text.textValue().repeat((int) Math.max(1, times)));
    }

    private static JsonNode merged(JsonNode left, JsonNode right) {
        ObjectNode merged = copy(left);
        for (Map.Entry<String, JsonNode> field : right.properties()) {
            JsonNode old = left.path(field.getKey());
            boolean areObjects = old.isObject() && field.getValue().isObject();
            merged.set(field.getKey(), areObjects ? merged(old, field.getValue()) : field.getValue());
        }
        return merged;
    }

    private static ObjectNode copy(JsonNode object) {
        return NODES.objectNode().setAll((ObjectNode) object);
    }

    private static JsonNode dividedBy(JqBudget budget, JsonNode left, JsonNode right) {
        if (left.isTextual() && right.isTextual()) {
            return Search.split(budget, left.textValue(), right.textValue());
        }
        checkDivision(left, right, right.asDouble() == 0);
        return JqValues.number(left.asDouble() / right.asDouble());
    }

    private static JsonNode modulo(JqBudget budget, JsonNode left, JsonNode right) {
        checkDivision(left, right, Math.abs(right.asDouble()) < 1);
        return JqValues.number(Double.isNaN(right.asDouble()) ? left.asLong() : left.asLong() % right.asLong());
    }

    private static void checkDivision(JsonNode left, JsonNode right, boolean isZero) {
        if (!left.isNumber() || !right.isNumber()) {
            throw new JqError("%s and %s cannot be divided", left, right);
        }
        if (isZero) {
            throw new JqError("%s and %s cannot be divided because the divisor is zero", left, right);
        }
    }
}
