package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.TreeMap;

/** JSON values as JSON Schema compares them: 1 is 1.0, and the order of members does not matter. */
final class JsonValues {

    /** Bits and digits of a number that is computed with: about 150 digits, and all of a double. */
    private static final int MOST_BITS = 512;

    private static final int MOST_SCALE = 350;

    /** Bits that are computed with in one step. */
    private static final int BITS = 4;

    /** Characters that are copied in one step. */
    private static final int CHARACTERS = 64;

    private JsonValues() {}

    /** The number, whose digits are steps. @throws SchemaCheck.Exceeded if it is longer than what is computed with */
    static BigDecimal number(JsonNode value, SchemaCheck check) {
        if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
            throw new SchemaCheck.Exceeded("holds a number beyond those that a computer's double has");
        }
        BigDecimal number = value.decimalValue();
        if (number.unscaledValue().bitLength() > MOST_BITS || Math.abs((long) number.scale()) > MOST_SCALE) {
            throw new SchemaCheck.Exceeded("holds a number of more than about 150 digits, or beyond 1e" + MOST_SCALE);
        }
        check.step((number.unscaledValue().bitLength() + Math.abs(number.scale())) / BITS);
        return number;
    }

    static boolean isWhole(JsonNode value, SchemaCheck check) {
        if (value.isIntegralNumber()) {
            return true;
        }
        BigDecimal number = number(value, check);
        return number.scale() <= 0
                || number.signum() == 0
                || number.stripTrailingZeros().scale() <= 0;
    }

    /** A text that equals those of equal values, and no others; texts of one hash still sort. Each value in it is a step. */
    static String key(JsonNode value, SchemaCheck check) {
        StringBuilder key = new StringBuilder();
        write(value, key, check);
        return key.toString();
    }

    private static void write(JsonNode value, StringBuilder key, SchemaCheck check) {
        check.step(1);
        if (value.isTextual()) {
            write(value.textValue(), key, check);
        } else if (value.isNumber()) {
            BigDecimal number = number(value, check);
            key.append('#').append(number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros());
        } else if (value.isArray()) {
            key.append('[');
            value.forEach(item -> write(item, key, check));
            key.append(']');
        } else if (value.isObject()) {
            key.append('{');
            TreeMap<String, JsonNode> sorted = new TreeMap<>();
            value.properties().forEach(member -> sorted.put(member.getKey(), member.getValue()));
            sorted.forEach((name, member) -> {
                write(name, key, check);
                write(member, key, check);
            });
            key.append('}');
        } else {
            key.append(value.asText().charAt(0));
        }
    }

    /** With its length in front no text can look like another value. */
    private static void write(String text, StringBuilder key, SchemaCheck check) {
        check.step(text.length() / CHARACTERS);
        check.use(4L * text.length());
        key.append('"').append(text.length()).append(':').append(text);
    }
}
