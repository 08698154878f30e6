package io.engagementwebhooks.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;

class EventJsonTest {

    @Test
    void two_hundred_results_are_an_answer() throws Exception {
        String result =
                "{\"id\":\"1\",\"success\":false,\"created\":true,\"errors\":[{\"statusCode\":\"A\",\"fields\":[\"B\"]}]},";
        String results = "[" + result.repeat(200) + "{}]";

        assertEquals(201, EventJson.answers().readTree(results).size());
    }

    /** In 60 KB: read as a tree it takes fifty times as much. */
    @Test
    void twenty_thousand_empty_objects_are_none() {
        String hostile = "[" + "{},".repeat(20_000) + "{}]";

        assertThrows(JsonProcessingException.class, () -> EventJson.answers().readTree(hostile));
    }
}
