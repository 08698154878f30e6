package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;

/**
 * What is known of a Task's standard fields: texts have a length, and Salesforce refuses a number where a text belongs.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm">Task,
 *     Object Reference</a>
 */
final class TaskFields {

    static final String OBJECT = "Task";

    /** Longest text, in UTF-16 units, by field. */
    private static final Map<String, Integer> TEXTS = Map.of(
            "Subject", 255,
            "CallDisposition", 255,
            "CallObject", 255,
            "Description", 32_000,
            "Status", 255,
            "Priority", 255,
            "CallType", 40,
            "TaskSubtype", 40);

    private static final String SECONDS = "CallDurationInSeconds";
    private static final String DAY = "ActivityDate";

    private TaskFields() {}

    /** The value as the field takes it; what was cut is told in the notes. */
    static JsonNode fit(String field, JsonNode value, List<String> notes) {
        Integer longest = TEXTS.get(field);
        if (longest != null) {
            return cut(field, text(value), longest, notes);
        }
        if (field.equals(SECONDS)) {
            return whole(value);
        }
        return field.equals(DAY) ? day(value) : value;
    }

    /** A value's text, a number without an exponent. */
    static String text(JsonNode value) {
        if (value.isBigDecimal() && isShort(value.decimalValue())) {
            return value.decimalValue().toPlainString();
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** Whether a number is not endless when it is written out: 1e999999999 is short JSON and a gigabyte of digits. */
    private static boolean isShort(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale()) < 400 && number.scale() < 400;
    }

    private static JsonNode cut(String field, String text, int longest, List<String> notes) {
        if (text.length() <= longest) {
            return TextNode.valueOf(text);
        }
        notes.add(field + " cut to " + longest + " characters");
        boolean splitsPair = Character.isHighSurrogate(text.charAt(longest - 1));
        return TextNode.valueOf(text.substring(0, splitsPair ? longest - 1 : longest));
    }

    private static JsonNode whole(JsonNode value) {
        try {
            BigDecimal number = new BigDecimal(value.asText().trim());
            return isShort(number)
                    ? IntNode.valueOf(number.setScale(0, RoundingMode.DOWN).intValueExact())
                    : value;
        } catch (ArithmeticException | NumberFormatException e) {
            return value;
        }
    }

    private static JsonNode day(JsonNode value) {
        try {
            return TextNode.valueOf(
                    OffsetDateTime.parse(value.asText()).toLocalDate().toString());
        } catch (DateTimeException e) {
            return value;
        }
    }
}
