package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * jq's order of values: null, false, true, numbers, texts, arrays, objects; NaN is before all numbers. Each compared
 * value counts against the budget.
 */
final class Order implements Comparator<JsonNode> {

    private final JqBudget budget;

    Order(JqBudget budget) {
        this.budget = budget;
    }

    JqBudget budget() {
        return budget;
    }

    @Override
    public int compare(JsonNode left, JsonNode right) {
        budget.work(1);
        int kind = Integer.compare(kind(left), kind(right));
        if (kind != 0) {
            return kind;
        }
        return switch (left.getNodeType()) {
            case NUMBER -> numbers(left.asDouble(), right.asDouble());
            case STRING -> texts(left.textValue(), right.textValue());
            case ARRAY -> items(left.elements(), right.elements(), this);
            case OBJECT -> objects(left, right);
            default -> 0;
        };
    }

    private static int kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case BOOLEAN -> node.asBoolean() ? 2 : 1;
            case NUMBER -> 3;
            case STRING -> 4;
            case ARRAY -> 5;
            case OBJECT -> 6;
            default -> 0;
        };
    }

    private static int numbers(double left, double right) {
        if (Double.isNaN(left) || Double.isNaN(right)) {
            return Boolean.compare(Double.isNaN(right), Double.isNaN(left));
        }
        return left == right ? 0 : Double.compare(left, right);
    }

    private int texts(String left, String right) {
        budget.work(Math.min(left.length(), right.length()) / 8);
        return left.compareTo(right);
    }

    private int objects(JsonNode left, JsonNode right) {
        List<String> leftKeys = sortedKeys(left);
        List<String> rightKeys = sortedKeys(right);
        int keys = items(leftKeys.iterator(), rightKeys.iterator(), Comparator.naturalOrder());
        if (keys != 0) {
            return keys;
        }
        for (String key : leftKeys) {
            int order = compare(left.get(key), right.get(key));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** The order of the first items that differ, or that of the sizes. */
    private static <T> int items(Iterator<T> left, Iterator<T> right, Comparator<? super T> order) {
        while (left.hasNext() && right.hasNext()) {
            int first = order.compare(left.next(), right.next());
            if (first != 0) {
                return first;
            }
        }
        return Boolean.compare(left.hasNext(), right.hasNext());
    }

    private List<String> sortedKeys(JsonNode object) {
        budget.work(4L * object.size());
        List<String> keys = new ArrayList<>(object.size());
        object.fieldNames().forEachRemaining(keys::add);
        Collections.sort(keys);
        return keys;
    }
}
