package io.engagementwebhooks.console.forms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class PairsTest {

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void typed_text_is_taken_literally() throws Exception {
        ObjectNode typed = Pairs.TEXTS.object("X-A: \"quoted\"\n  X-B : a: b\n\nX-C\n\"d\": {\"jq\": \".\"}");
        assertEquals(
                JSON.readTree(
                        "{\"X-A\": \"\\\"quoted\\\"\", \"X-B\": \"a: b\", \"X-C\": \"\", \"\\\"d\\\"\": \"{\\\"jq\\\": \\\".\\\"}\"}"),
                typed);
    }

    @Test
    void a_program_is_an_object_only_where_allowed() throws Exception {
        String lines = "Length: {\"jq\": \".data.duration\"}";
        assertEquals(JSON.readTree("{\"Length\": {\"jq\": \".data.duration\"}}"), Pairs.PROGRAMS.object(lines));
        assertEquals(
                "{\"jq\": \".data.duration\"}",
                Pairs.TEXTS.object(lines).path("Length").asText());
    }
}
