package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * Converts values to the types of the Enrichment API: {@code STRING} of at most 50 bytes, {@code INT} of 32 bits,
 * {@code FLOAT}, {@code BOOL}, {@code DATETIME} as {@code YYYY-MM-DDThh:mm:ssZ}. One invalid value would reject the
 * whole batch.
 */
final class TypedValue {

    /** The longest STRING, in UTF-8 bytes. */
    static final int STRING_BYTES = 50;

    private static final int LAST_YEAR = 9999;
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    private static final BigDecimal SIXTY = BigDecimal.valueOf(60);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT);

    private TypedValue() {}

    /**
     * The value as Integer, Double, Boolean or String; empty if it does not fit the type.
     *
     * @param zone of a time without an offset
     */
    static Optional<Object> of(Type type, ZoneId zone, JsonNode value) {
        return switch (type) {
            case STRING -> Optional.of(cut(MappedValue.text(value)));
            case INT -> MappedValue.number(value).flatMap(TypedValue::whole);
            case FLOAT -> MappedValue.number(value).flatMap(TypedValue::decimal);
            case BOOL -> truth(value).map(Object.class::cast);
            case DATETIME -> time(MappedValue.text(value).trim(), zone).flatMap(TypedValue::seconds);
        };
    }

    /** As above, after the schema's conversion. */
    static Optional<Object> converted(SchemaField field, JsonNode value) {
        return switch (field.conversion()) {
            case NONE -> of(field.type(), field.zone(), value);
            case SECONDS_TO_MILLISECONDS -> number(field, value, THOUSAND, BigDecimal.ONE);
            case MILLISECONDS_TO_SECONDS -> number(field, value, BigDecimal.ONE, THOUSAND);
            case SECONDS_TO_MINUTES -> number(field, value, BigDecimal.ONE, SIXTY);
            case MINUTES_TO_SECONDS -> number(field, value, SIXTY, BigDecimal.ONE);
            case NOT -> truth(value).map(truth -> !truth);
            case SECONDS_SINCE_1970 ->
                MappedValue.number(value).flatMap(number -> since1970(number.multiply(THOUSAND)));
            case MILLISECONDS_SINCE_1970 -> MappedValue.number(value).flatMap(TypedValue::since1970);
        };
    }

    /** The rule of a type, for error texts. */
    static String rule(Type type) {
        return switch (type) {
            case STRING -> "a text of at most " + STRING_BYTES + " bytes";
            case INT -> "a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE;
            case FLOAT -> "a number";
            case BOOL -> "true or false, 1 or 0";
            case DATETIME -> "a time such as 2026-11-24T09:27:55Z";
        };
    }

    private static Optional<Object> number(SchemaField field, JsonNode value, BigDecimal times, BigDecimal by) {
        return MappedValue.number(value)
                .map(number -> number.multiply(times).divide(by, MathContext.DECIMAL128))
                .flatMap(number -> field.type() == Type.INT ? whole(number) : decimal(number));
    }

    private static Optional<Object> since1970(BigDecimal milliseconds) {
        try {
            long exact = milliseconds.setScale(0, RoundingMode.FLOOR).longValueExact();
            return seconds(Instant.ofEpochMilli(exact).atOffset(ZoneOffset.UTC));
        } catch (ArithmeticException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The longest prefix of whole characters that fits. */
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

    private static Optional<Object> whole(BigDecimal number) {
        try {
            return Optional.of(number.setScale(0, RoundingMode.HALF_UP).intValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> decimal(BigDecimal number) {
        return Optional.of(number.doubleValue()).filter(Double::isFinite).map(Object.class::cast);
    }

    private static Optional<Boolean> truth(JsonNode value) {
        return switch (MappedValue.text(value).trim().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> Optional.of(true);
            case "false", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<OffsetDateTime> time(String text, ZoneId zone) {
        try {
            return Optional.of(instant(text, zone));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Whole seconds; only years of four digits. */
    private static Optional<Object> seconds(OffsetDateTime time) {
        return time.getYear() < 0 || time.getYear() > LAST_YEAR
                ? Optional.empty()
                : Optional.of(time.truncatedTo(ChronoUnit.SECONDS).format(SECONDS));
    }

    private static OffsetDateTime instant(String text, ZoneId zone) {
        if (text.length() == "2026-11-24".length()) {
            return utc(LocalDate.parse(text).atStartOfDay(), zone);
        }
        String joined = text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
        try {
            return OffsetDateTime.parse(joined).withOffsetSameInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return utc(LocalDateTime.parse(joined), zone);
        }
    }

    private static OffsetDateTime utc(LocalDateTime local, ZoneId zone) {
        return local.atZone(zone).toOffsetDateTime().withOffsetSameInstant(ZoneOffset.UTC);
    }
}
