package io.engagementwebhooks.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;

class EventJsonTest {

    @Test
    void a_response_with_two_hundred_results_is_parsed() throws Exception {
        String result =
                "{\"id\":\"1\",\"success\":false,\"created\":true,\"errors\":[{\"statusCode\":\"A\",\"fields\":[\"B\"]}]},";
        String results = "[" + result.repeat(200) + "{}]";

        assertEquals(201, EventJson.responses().readTree(results).size());
    }

    /** 60 KB whose tree takes fifty times as much. */
    @Test
    void a_response_with_too_many_tokens_is_refused() {
        String hostile = "[" + "{},".repeat(20_000) + "{}]";

        assertThrows(JsonProcessingException.class, () -> EventJson.responses().readTree(hostile));
    }
}
