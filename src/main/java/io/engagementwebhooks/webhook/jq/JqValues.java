package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Converts values for jq and back. Values are not modified; unchanged ones are not copied. */
final class JqValues {

    /** The largest whole number up to which every one is a double. */
    private static final double EXACT = 0x1p53;

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

    private static JsonNode plainScalar(JsonNode value) {
        if (value.isBigDecimal()) {
            // not as a whole number: 1E999999999 has a billion digits
            return number(value.decimalValue().doubleValue());
        }
        if (value.isBigInteger()) {
            BigInteger whole = value.bigIntegerValue();
            boolean fits = whole.compareTo(MIN_LONG) >= 0 && whole.compareTo(MAX_LONG) <= 0;
            return fits ? LongNode.valueOf(whole.longValue()) : DoubleNode.valueOf(whole.doubleValue());
        }
        return value.isMissingNode() ? NullNode.getInstance() : value;
    }

    private static JsonNode number(double value) {
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
            return Math.rint(number) == number ? number(number) : value;
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
