package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * Values as the types of the Enrichment API: {@code STRING} at most 50 bytes, {@code INT} 32 bits, {@code FLOAT}, {@code
 * BOOL}, {@code DATETIME} as {@code YYYY-MM-DDThh:mm:ssZ}. One wrong value would reject the whole batch.
 */
final class TypedValue {

    /** Longest STRING, in bytes of UTF-8. */
    static final int STRING_BYTES = 50;

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT);

    private TypedValue() {}

    /** The value as Integer, Double, Boolean or String; empty: it is none of the type. */
    static Optional<Object> of(Type type, JsonNode value) {
        return switch (type) {
            case STRING -> Optional.of(cut(text(value)));
            case INT -> whole(value);
            case FLOAT -> decimal(value);
            case BOOL -> truth(value);
            case DATETIME -> time(text(value).trim());
        };
    }

    /** A value's text: what a STRING holds before it is cut. */
    static String text(JsonNode value) {
        if (value.isBigDecimal() && isShort(value.decimalValue())) {
            return value.decimalValue().toPlainString();
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** The longest start of whole characters that fits. */
    private static String cut(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            int next = i + Character.charCount(character);
            bytes += text.substring(i, next).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > STRING_BYTES) {
                return text.substring(0, i);
            }
            i = next;
        }
        return text;
    }

    private static Optional<Object> whole(JsonNode value) {
        try {
            return number(value)
                    .map(number -> number.setScale(0, RoundingMode.HALF_UP).intValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> decimal(JsonNode value) {
        return number(value)
                .map(BigDecimal::doubleValue)
                .filter(Double::isFinite)
                .map(Object.class::cast);
    }

    private static Optional<BigDecimal> number(JsonNode value) {
        if (!value.isNumber() && !value.isTextual()) {
            return Optional.empty();
        }
        try {
            BigDecimal number = new BigDecimal(value.asText().trim());
            return isShort(number) ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether a number is not endless when it is written out: 1e999999999 is short JSON and a gigabyte of digits. */
    private static boolean isShort(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale()) < 400 && number.scale() < 400;
    }

    private static Optional<Object> truth(JsonNode value) {
        return switch (text(value).trim().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> Optional.of(true);
            case "false", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** A time without an offset is UTC, as call records count it. */
    private static Optional<Object> time(String text) {
        try {
            return Optional.of(instant(text).truncatedTo(ChronoUnit.SECONDS).format(SECONDS));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static OffsetDateTime instant(String text) {
        if (text.length() == "2026-11-24".length()) {
            return LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC);
        }
        String joined = text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
        try {
            return OffsetDateTime.parse(joined).withOffsetSameInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return LocalDateTime.parse(joined).atOffset(ZoneOffset.UTC);
        }
    }
}
