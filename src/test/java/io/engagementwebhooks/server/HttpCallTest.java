package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpCallTest {

    /** Camel's tracing prints the properties of exchanges, and it is one. */
    @Test
    void as_text_it_holds_nothing_that_may_be_a_secret() {
        HttpCall call = new HttpCall(
                "POST",
                "/v1/events",
                Map.of("authorization", List.of("Bearer a-key")),
                Map.of("key", List.of("a-key")),
                "a-key".getBytes(StandardCharsets.UTF_8));

        assertEquals("POST /v1/events, 5 bytes", call.toString());
    }
}
