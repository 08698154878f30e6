package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AnsweredTest {

    @Test
    void as_text_it_holds_nothing_that_may_be_a_secret() {
        assertEquals(
                "200 [ETag]", Answered.ok("a-version", Map.of("key", "a-key")).toString());
    }
}
