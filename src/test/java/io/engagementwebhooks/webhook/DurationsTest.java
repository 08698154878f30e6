package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @ValueSource(strings = {"300ms", "5s", "1m", "2h", "7d", "0s", "90s"})
    void parsing_and_formatting_round_trip(String text) {
        assertEquals(text, Durations.text(Durations.parse(text)));
    }

    @Test
    void each_unit_has_its_length() {
        assertEquals(Duration.ofMillis(300), Durations.parse("300ms"));
        assertEquals(Duration.ofDays(7), Durations.parse("7d"));
        assertEquals(Duration.ofMinutes(1), Durations.parse(" 1m "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "1.5h", "5 s", "5S", "PT5S", "1w", "1m30s", "99999999999s"})
    void anything_else_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    }
}
