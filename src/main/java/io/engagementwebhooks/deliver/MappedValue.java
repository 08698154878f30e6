package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Reads values that a webhook's mapping gives for the fields of a third party. Stateless. */
public final class MappedValue {

    private MappedValue() {}

    /** Whether there is no value, or an empty text. */
    public static boolean isEmpty(JsonNode value) {
        return value == null
                || value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.textValue().isEmpty());
    }

    /** A value as text; a number without exponent. */
    public static String text(JsonNode value) {
        if (value.isBigDecimal() && isShort(value.decimalValue())) {
            return value.decimalValue().toPlainString();
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** Guards against huge expansions: 1e999999999 is short JSON and a gigabyte of digits. */
    public static boolean isShort(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale()) < 400 && number.scale() < 400;
    }
}
