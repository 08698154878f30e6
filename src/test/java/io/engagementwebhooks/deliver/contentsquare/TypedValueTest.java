package io.engagementwebhooks.deliver.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField.Type;
import java.nio.charset.StandardCharsets;
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
        Optional<String> typed = TypedValue.of(type, EventJson.parse(json.getBytes(StandardCharsets.UTF_8)))
                .map(String::valueOf);

        assertEquals(expected, typed.orElse("none"));
    }

    @Test
    void a_text_is_cut_between_characters() {
        assertEquals(Optional.of("x".repeat(50)), string("x".repeat(51)));
        assertEquals(Optional.of("x" + "😀".repeat(12)), string("x" + "😀".repeat(13)));
        assertEquals(Optional.of("é".repeat(25)), string("é".repeat(25)));
    }

    private static Optional<Object> string(String text) {
        return TypedValue.of(Type.STRING, com.fasterxml.jackson.databind.node.TextNode.valueOf(text));
    }
}
