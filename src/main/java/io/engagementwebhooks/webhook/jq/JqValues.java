package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Locale;

/** Converts values for jq and back, and writes them as text. */
final class JqValues {

    /** The first whole number that is no long. */
    private static final double BEYOND_LONG = 0x1p63;

    /** Longest text in an error message, in characters. */
    private static final int MAX_SHORTENED = 11;

    private JqValues() {}

    /** The value as jq calculates with it: a number is long or double, a missing value null. */
    static JsonNode plain(JsonNode value) {
        if (value == null || value.isMissingNode()) {
            return NullNode.getInstance();
        }
        if (value.isBigDecimal()) {
            // not as a whole number: 1E999999999 has a billion digits
            return number(value.decimalValue().doubleValue());
        }
        boolean isBig = value.isBigInteger() && !value.canConvertToLong();
        return isBig ? DoubleNode.valueOf(value.bigIntegerValue().doubleValue()) : value;
    }

    /** The value as jq writes it: NaN is null, infinity the largest number, and 3.0 is 3. Not modified. */
    static JsonNode writable(JsonNode value) {
        if (value.isObject()) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            value.properties().forEach(field -> copy.set(field.getKey(), writable(field.getValue())));
            return copy;
        }
        if (value.isArray()) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode(value.size());
            value.forEach(item -> copy.add(writable(item)));
            return copy;
        }
        JsonNode plain = plain(value);
        if (!plain.isDouble() || Double.isNaN(plain.doubleValue())) {
            return plain.isDouble() ? NullNode.getInstance() : plain;
        }
        return number(Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, plain.doubleValue())));
    }

    /** A number as jq calculates it: a long if it is whole. */
    static JsonNode number(double value) {
        boolean isWhole = Math.rint(value) == value && Math.abs(value) < BEYOND_LONG;
        return isWhole ? LongNode.valueOf((long) value) : DoubleNode.valueOf(value);
    }

    /** The number that a program writes. */
    static JsonNode number(String literal) {
        try {
            return LongNode.valueOf(Long.parseLong(literal));
        } catch (NumberFormatException notALong) {
            return DoubleNode.valueOf(Double.parseDouble(literal));
        }
    }

    static boolean isTrue(JsonNode value) {
        return !value.isNull() && !(value.isBoolean() && !value.booleanValue());
    }

    static String type(JsonNode value) {
        return value.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    static String json(JqBudget budget, JsonNode value) {
        int size = budget.sizeOf(value);
        budget.work(size);
        // a copy, and a text with escaped characters
        budget.reserve(4L * size + budget.memoryOf(value));
        return writable(value).toString();
    }

    /** For an error message: a text or number; empty of an array or object. */
    static String shortened(JsonNode value) {
        boolean isLong = value.isTextual() && value.textValue().length() > MAX_SHORTENED;
        JsonNode shown = isLong ? TextNode.valueOf(value.textValue().substring(0, MAX_SHORTENED) + "...") : value;
        return value.isContainerNode() ? "" : writable(shown).toString();
    }
}
