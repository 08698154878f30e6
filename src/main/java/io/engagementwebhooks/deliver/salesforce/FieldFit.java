package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import io.engagementwebhooks.deliver.salesforce.ObjectFields.Choice;
import io.engagementwebhooks.deliver.salesforce.ObjectFields.Field;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Converts a value to its field's type: cuts texts, matches picklist values, writes numbers as texts where needed. A
 * value that does not fit stays unchanged, so that Salesforce reports it.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm">Field
 *     Types</a>
 */
final class FieldFit {

    private FieldFit() {}

    /** The converted value; truncations are added to the notes. */
    static JsonNode fit(Field field, JsonNode value, List<String> notes) {
        return switch (field.type()) {
            case "string", "textarea", "phone", "url", "email", "encryptedstring", "combobox", "id", "reference" ->
                cut(field, MappedValue.text(value), notes);
            case "picklist" -> TextNode.valueOf(chosen(field, MappedValue.text(value)));
            case "multipicklist" ->
                TextNode.valueOf(Arrays.stream(MappedValue.text(value).split(";"))
                        .map(one -> chosen(field, one.strip()))
                        .collect(Collectors.joining(";")));
            case "int", "long" ->
                number(
                        value,
                        whole -> LongNode.valueOf(
                                whole.setScale(0, RoundingMode.DOWN).longValueExact()));
            case "double", "currency", "percent" -> number(value, DecimalNode::valueOf);
            case "boolean" -> flag(value);
            case "date" -> day(value);
            default -> value;
        };
    }

    private static JsonNode cut(Field field, String text, List<String> notes) {
        int longest = field.length();
        if (longest <= 0 || text.length() <= longest) {
            return TextNode.valueOf(text);
        }
        notes.add(field.name() + " cut to " + longest + " characters");
        boolean splitsPair = Character.isHighSurrogate(text.charAt(longest - 1));
        return TextNode.valueOf(text.substring(0, splitsPair ? longest - 1 : longest));
    }

    /** The picklist's value for a text that equals its value or label, case-insensitive. */
    private static String chosen(Field field, String text) {
        return match(field, text, Choice::value)
                .or(() -> match(field, text, Choice::label))
                .map(Choice::value)
                .orElse(text);
    }

    private static Optional<Choice> match(Field field, String text, Function<Choice, String> by) {
        return field.choices().stream()
                .filter(choice -> by.apply(choice).equals(text))
                .findFirst()
                .or(() -> field.choices().stream()
                        .filter(choice -> by.apply(choice).equalsIgnoreCase(text))
                        .findFirst());
    }

    private static JsonNode number(JsonNode value, Function<BigDecimal, JsonNode> written) {
        try {
            return MappedValue.number(value).map(written).orElse(value);
        } catch (ArithmeticException e) {
            return value;
        }
    }

    private static JsonNode flag(JsonNode value) {
        return switch (MappedValue.text(value).toLowerCase(Locale.ROOT)) {
            case "true", "1" -> BooleanNode.TRUE;
            case "false", "0" -> BooleanNode.FALSE;
            default -> value;
        };
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
