package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Conversion;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypedValueTest {

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource({
        "INT, 192, 192",
        "INT, \"192\", 192",
        "INT, 42000.0, 42000",
        "INT, 1.5, 2",
        "INT, 2147483647, 2147483647",
        "INT, 2147483648, none",
        "INT, -2147483649, none",
        "INT, 1e999999999, none",
        "INT, 1e-999999999, none",
        "INT, true, none",
        "INT, \"many\", none",
        "FLOAT, 1250.0, 1250.0",
        "FLOAT, \"0.5\", 0.5",
        "FLOAT, 7, 7.0",
        "FLOAT, 1e399, none",
        "FLOAT, \"NaN\", none",
        "BOOL, true, true",
        "BOOL, false, false",
        "BOOL, 1, true",
        "BOOL, 0, false",
        "BOOL, \"true\", true",
        "BOOL, \"FALSE\", false",
        "BOOL, 2, none",
        "BOOL, \"yes\", none",
        "DATETIME, \"2026-11-24T09:27:55Z\", 2026-11-24T09:27:55Z",
        "DATETIME, \"2026-11-24T10:27:55.123+01:00\", 2026-11-24T09:27:55Z",
        "DATETIME, \"2026-11-24T09:27\", 2026-11-24T09:27:00Z",
        "DATETIME, \"2026-11-24 09:27:55\", 2026-11-24T09:27:55Z",
        "DATETIME, \"2026-11-24\", 2026-11-24T00:00:00Z",
        "DATETIME, \"2026-13-45\", none",
        "DATETIME, \"yesterday\", none",
        "STRING, 914022177, 914022177",
        "STRING, true, true",
        "STRING, 1E+3, 1000",
        "STRING, 1e999999999, 1E+999999999",
    })
    void a_value_is_typed_by_the_schema(Type type, String json, String expected) {
        Optional<String> typed = TypedValue.of(
                        type, ZoneOffset.UTC, EventJson.parse(json.getBytes(StandardCharsets.UTF_8)))
                .map(String::valueOf);

        assertEquals(expected, typed.orElse("none"));
    }

    @ParameterizedTest(name = "{2} as {0} by {1} is {3}")
    @CsvSource({
        "INT, seconds-to-milliseconds, 42, 42000",
        "INT, seconds-to-milliseconds, 1.5, 1500",
        "INT, seconds-to-milliseconds, \"192\", 192000",
        "INT, seconds-to-milliseconds, 2147484, none",
        "INT, seconds-to-milliseconds, true, none",
        "INT, milliseconds-to-seconds, 42499, 42",
        "FLOAT, milliseconds-to-seconds, 42499, 42.499",
        "FLOAT, seconds-to-minutes, 100, 1.6666666666666667",
        "INT, minutes-to-seconds, 2.5, 150",
        "BOOL, not, 1, false",
        "BOOL, not, false, true",
        "BOOL, not, 2, none",
        "DATETIME, seconds-since-1970, 1795512475, 2026-11-24T09:27:55Z",
        "DATETIME, milliseconds-since-1970, 1795512475999, 2026-11-24T09:27:55Z",
        "DATETIME, milliseconds-since-1970, -1, 1969-12-31T23:59:59Z",
        "DATETIME, seconds-since-1970, 1e17, none",
        "DATETIME, seconds-since-1970, 999999999999, none",
    })
    void a_value_is_converted_as_the_schema_says(Type type, String word, String json, String expected) {
        Conversion conversion = Arrays.stream(Conversion.values())
                .filter(one -> word.equals(one.text()))
                .findFirst()
                .orElseThrow();
        SchemaField field = new SchemaField("f", type, false, null, conversion, ZoneOffset.UTC);

        Optional<String> converted = TypedValue.converted(field, EventJson.parse(json.getBytes(StandardCharsets.UTF_8)))
                .map(String::valueOf);

        assertEquals(expected, converted.orElse("none"));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "2026-11-24T10:27:55, 2026-11-24T09:27:55Z",
        "2026-07-24 10:27:55, 2026-07-24T08:27:55Z",
        "2026-11-24, 2026-11-23T23:00:00Z",
        "2026-11-24T10:27:55Z, 2026-11-24T10:27:55Z",
        "2026-03-29T02:30:00, 2026-03-29T01:30:00Z",
    })
    void a_time_without_an_offset_is_read_in_the_fields_zone(String time, String expected) {
        assertEquals(
                Optional.of(expected),
                TypedValue.of(Type.DATETIME, ZoneId.of("Europe/Berlin"), TextNode.valueOf(time)));
    }

    @Test
    void a_text_is_cut_between_characters() {
        assertEquals(Optional.of("x".repeat(50)), string("x".repeat(51)));
        assertEquals(Optional.of("x" + "😀".repeat(12)), string("x" + "😀".repeat(13)));
        assertEquals(Optional.of("é".repeat(25)), string("é".repeat(25)));
    }

    private static Optional<Object> string(String text) {
        return TypedValue.of(Type.STRING, ZoneOffset.UTC, TextNode.valueOf(text));
    }
}
