package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Converts values for jq and back, and writes them as text. Values are not modified; unchanged ones are not copied. */
final class JqValues {

    /** The largest whole number up to which every one is a double. */
    private static final double EXACT = 0x1p53;

    /** Longest value in an error message, in characters. */
    private static final int MAX_SHORTENED = 14;

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private JqValues() {}

    /** A copy with jq's numbers: long or double. */
    static JsonNode plain(JsonNode value) {
        return mapped(value, JqValues::plainScalar);
    }

    /** A copy as jq writes it: NaN is null, infinity the largest number, and 3.0 is 3. */
    static JsonNode writable(JsonNode value) {
        return mapped(value, JqValues::writableScalar);
    }

    static boolean isTrue(JsonNode value) {
        return !value.isNull() && !(value.isBoolean() && !value.booleanValue());
    }

    static String type(JsonNode value) {
        return value.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    static JsonNode orNull(JsonNode value) {
        return value == null ? NullNode.getInstance() : value;
    }

    /** A number as jq calculates it: a long if it is whole. */
    static JsonNode number(double value) {
        return (long) value == value ? LongNode.valueOf((long) value) : DoubleNode.valueOf(value);
    }

    /** As {@code tostring}: a text itself, anything else as JSON. */
    static String text(JqBudget budget, JsonNode value) {
        return value.isTextual() ? value.textValue() : json(budget, value);
    }

    static String json(JqBudget budget, JsonNode value) {
        int size = budget.sizeOf(value);
        budget.work(size);
        // some characters are escaped
        budget.reserve(4L * size);
        StringBuilder json = new StringBuilder();
        write(value, json, Integer.MAX_VALUE);
        return json.toString();
    }

    /** The JSON for an error message. */
    static String shortened(JsonNode value) {
        StringBuilder json = new StringBuilder();
        write(value, json, MAX_SHORTENED + 1);
        return json.length() <= MAX_SHORTENED ? json.toString() : json.substring(0, MAX_SHORTENED - 3) + "...";
    }

    /** Stops soon after a length. */
    private static void write(JsonNode value, StringBuilder json, int length) {
        if (value.isTextual()) {
            String text = value.textValue();
            appendQuoted(text.length() <= length ? text : text.substring(0, length), json);
        } else if (value.isContainerNode()) {
            json.append(value.isObject() ? '{' : '[');
            Iterator<String> names = value.fieldNames();
            boolean isFirst = true;
            for (JsonNode item : value) {
                if (json.length() > length) {
                    return;
                }
                json.append(isFirst ? "" : ",");
                isFirst = false;
                if (names.hasNext()) {
                    appendQuoted(names.next(), json);
                    json.append(':');
                }
                write(item, json, length);
            }
            json.append(value.isObject() ? '}' : ']');
        } else {
            json.append(value.isDouble() ? number(value) : value.asText());
        }
    }

    private static void appendQuoted(String text, StringBuilder json) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }

    private static String number(JsonNode number) {
        double value = writable(number).asDouble();
        if (Double.isNaN(number.doubleValue())) {
            return "null";
        }
        return value == (long) value
                ? Long.toString((long) value)
                : Double.toString(value).replaceFirst("E(?!-)", "e+").replace('E', 'e');
    }

    private static JsonNode plainScalar(JsonNode value) {
        if (value.isBigDecimal()) {
            // not as a whole number: 1E999999999 has a billion digits
            return shortest(value.decimalValue().doubleValue());
        }
        if (value.isBigInteger()) {
            BigInteger whole = value.bigIntegerValue();
            boolean fits = whole.compareTo(MIN_LONG) >= 0 && whole.compareTo(MAX_LONG) <= 0;
            return fits ? LongNode.valueOf(whole.longValue()) : DoubleNode.valueOf(whole.doubleValue());
        }
        return value.isMissingNode() ? NullNode.getInstance() : value;
    }

    private static JsonNode shortest(double value) {
        boolean whole = Math.rint(value) == value && Math.abs(value) <= EXACT;
        return whole ? LongNode.valueOf((long) value) : DoubleNode.valueOf(value);
    }

    private static JsonNode writableScalar(JsonNode value) {
        if (value.isMissingNode()) {
            return NullNode.getInstance();
        }
        if (!value.isDouble()) {
            return value;
        }
        double number = value.doubleValue();
        if (Double.isFinite(number)) {
            return Math.rint(number) == number ? shortest(number) : value;
        }
        return Double.isNaN(number)
                ? NullNode.getInstance()
                : DoubleNode.valueOf(number > 0 ? Double.MAX_VALUE : -Double.MAX_VALUE);
    }

    private static JsonNode mapped(JsonNode value, UnaryOperator<JsonNode> scalar) {
        if (value == null) {
            return NullNode.getInstance();
        }
        if (value.isObject()) {
            return mappedObject(value, scalar);
        }
        return value.isArray() ? mappedArray(value, scalar) : scalar.apply(value);
    }

    private static JsonNode mappedObject(JsonNode value, UnaryOperator<JsonNode> scalar) {
        ObjectNode copy = null;
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode mapped = mapped(field.getValue(), scalar);
            if (mapped != field.getValue()) {
                copy = copy == null ? shallowCopy(value) : copy;
                copy.set(field.getKey(), mapped);
            }
        }
        return copy == null ? value : copy;
    }

    private static ObjectNode shallowCopy(JsonNode value) {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        value.properties().forEach(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    private static JsonNode mappedArray(JsonNode value, UnaryOperator<JsonNode> scalar) {
        ArrayNode copy = null;
        for (int i = 0; i < value.size(); i++) {
            JsonNode mapped = mapped(value.get(i), scalar);
            if (mapped != value.get(i)) {
                if (copy == null) {
                    copy = JsonNodeFactory.instance.arrayNode();
                    value.forEach(copy::add);
                }
                copy.set(i, mapped);
            }
        }
        return copy == null ? value : copy;
    }
}
