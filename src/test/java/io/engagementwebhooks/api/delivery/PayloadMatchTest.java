package io.engagementwebhooks.api.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadMatchTest {

    private static final byte[] EVENT =
            """
            {"id": "SE4711", "type": "order", "data": {"order": "SE4711", "total": 12.50, "paid": true, "note": "two words",
             "by": {"email": "a@example.com"}, "items": [{"sku": "A-1"}, {"sku": "B-2"}], "tags": ["new", "gr\\u00fcn"], "order ": 1}}"""
                    .getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @CsvSource({
        "data.order = SE4711, true",
        "data.order=SE4711, true",
        "'data.order = \"SE4711\"', true",
        "data.order = SE471, false",
        "data.order = se4711, false",
        "data.id = SE4711, false",
        "data.total = 12.50, true",
        "data.total = 12.5, false",
        "data.paid = true, true",
        "data.note = two words, true",
        "data.by.email = a@example.com, true",
        "data.email = a@example.com, false",
        "data.by = a@example.com, false",
        "data.items.sku = B-2, true",
        "data.tags = grün, true"
    })
    void a_field_of_the_data_has_the_value(String text, boolean matches) {
        assertEquals(matches, PayloadMatch.of(text).orElseThrow().test(EVENT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SE4711", "order = SE4711", "data = x", "data.order", "data.order =", "a data.order = 1", ""})
    void other_texts_are_no_condition(String text) {
        assertEquals(Optional.empty(), PayloadMatch.of(text));
    }
}
