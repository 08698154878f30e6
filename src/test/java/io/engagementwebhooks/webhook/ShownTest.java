package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShownTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ascii_upcase",
                "authorizationMethods",
                "X-Api-Keys",
                "webhook-17",
                "300 seconds",
                "1h30m",
                "2027-13-31T12:00:00Z",
                "log1p",
                "base64decode",
                "X-Sha256Sum",
                "Address2Line-X",
                ""
            })
    void a_word_is_shown_whole(String word) {
        assertEquals(word, Shown.of(word));
    }

    @ParameterizedTest
    @CsvSource({
        "sk_live_51SECRET, sk_l… (16 characters)",
        "Tr0ub4dor, Tr… (9 characters)",
        "01JD8Z6M4T9Q2Y7K, 01JD… (16 characters)",
        "correct-horse-battery-staple, correc… (28 characters)"
    })
    void a_text_that_may_be_a_key_is_cut_to_its_start(String key, String shown) {
        assertEquals(shown, Shown.of(key));
    }
}
