package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class PairsTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode NOTHING = MissingNode.getInstance();

    @Test
    void typed_text_is_taken_literally() throws Exception {
        ObjectNode typed = Pairs.TEXTS.object("X-A: \"quoted\"\n  X-B : a: b\n\nX-C\n\"d\": {\"jq\": \".\"}", NOTHING);
        assertEquals(
                JSON.readTree(
                        "{\"X-A\": \"\\\"quoted\\\"\", \"X-B\": \"a: b\", \"X-C\": \"\", \"\\\"d\\\"\": \"{\\\"jq\\\": \\\".\\\"}\"}"),
                typed);
    }

    @Test
    void a_program_is_an_object_only_where_allowed() throws Exception {
        String lines = "Length: {\"jq\": \".data.duration\"}";
        assertEquals(
                JSON.readTree("{\"Length\": {\"jq\": \".data.duration\"}}"), Pairs.PROGRAMS.object(lines, NOTHING));
        assertEquals(
                "{\"jq\": \".data.duration\"}",
                Pairs.TEXTS.object(lines, NOTHING).path("Length").asText());
    }

    @Test
    void a_value_that_is_typed_as_it_is_shown_stays_what_it_was() throws Exception {
        JsonNode before = JSON.readTree("{\"Priority\": 5, \"Subject\": \"a\"}");
        assertEquals(
                JSON.readTree("{\"Priority\": 5, \"Subject\": \"b\"}"),
                Pairs.TEXTS.object("Priority: 5\nSubject: b", before));
    }
}
