package io.engagementwebhooks.deliver.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Optional;

/** Reads values that a webhook's mapping gives for the fields of a third party. Stateless. */
public final class MappedValue {

    /** Digits beyond it are no value that a field takes, and the time to read or write them grows with their square. */
    private static final int LONGEST_NUMBER = 1_000;

    /** More bits than {@link #LONGEST_NUMBER} digits have. */
    private static final int LONGEST_BITS = 4 * LONGEST_NUMBER;

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

    /** A number, or a text that is one; empty also if it has so many digits that no field takes it. */
    public static Optional<BigDecimal> number(JsonNode value) {
        if ((value.isBigInteger() || value.isBigDecimal())
                && value.decimalValue().unscaledValue().bitLength() > LONGEST_BITS) {
            return Optional.empty();
        }
        String text = value.isNumber() || value.isTextual() ? value.asText().trim() : "";
        try {
            return text.length() > LONGEST_NUMBER
                    ? Optional.empty()
                    : Optional.of(new BigDecimal(text)).filter(MappedValue::isShort);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Guards against huge expansions: 1e999999999 is short JSON and a gigabyte of digits. */
    private static boolean isShort(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale()) < 400 && number.scale() < 400;
    }
}
