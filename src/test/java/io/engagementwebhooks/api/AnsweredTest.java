package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AnsweredTest {

    @Test
    void its_text_has_no_secret() {
        assertEquals(
                "200 [ETag]", Answered.ok("a-version", Map.of("key", "a-key")).toString());
    }
}
