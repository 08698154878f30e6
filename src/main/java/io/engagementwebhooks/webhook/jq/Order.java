package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * jq's order of values: null, false, true, numbers, texts, arrays, objects; NaN is before all numbers. Each compared
 * value counts against the budget.
 */
record Order(JqBudget budget) implements Comparator<JsonNode> {

    private static final List<JsonNodeType> TYPES = List.of(
            JsonNodeType.NULL,
            JsonNodeType.BOOLEAN,
            JsonNodeType.NUMBER,
            JsonNodeType.STRING,
            JsonNodeType.ARRAY,
            JsonNodeType.OBJECT);

    @Override
    public int compare(JsonNode left, JsonNode right) {
        budget.work(1);
        if (left.getNodeType() != right.getNodeType()) {
            return Integer.compare(TYPES.indexOf(left.getNodeType()), TYPES.indexOf(right.getNodeType()));
        }
        return switch (left.getNodeType()) {
            case BOOLEAN -> Boolean.compare(left.booleanValue(), right.booleanValue());
            case NUMBER -> numbers(left.asDouble(), right.asDouble());
            case STRING -> texts(left.textValue(), right.textValue());
            case ARRAY -> items(left.elements(), right.elements(), this);
            case OBJECT -> objects(sorted(left), sorted(right));
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
        return byCodePoint(left, right);
    }

    private static int byCodePoint(String left, String right) {
        int end = Math.min(left.length(), right.length());
        int same = 0;
        while (same < end && left.charAt(same) == right.charAt(same)) {
            same++;
        }
        return same == end
                ? Integer.compare(left.length(), right.length())
                : Integer.compare(left.codePointAt(same), right.codePointAt(same));
    }

    /** By the keys; by the values if those are the same. */
    private int objects(TreeMap<String, JsonNode> left, TreeMap<String, JsonNode> right) {
        int keys = items(left.keySet().iterator(), right.keySet().iterator(), Order::byCodePoint);
        return keys != 0 ? keys : items(left.values().iterator(), right.values().iterator(), this);
    }

    private TreeMap<String, JsonNode> sorted(JsonNode object) {
        budget.work(4L * object.size());
        TreeMap<String, JsonNode> sorted = new TreeMap<>(Order::byCodePoint);
        object.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
        return sorted;
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
}
