package io.engagementwebhooks.console.forms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A draft is a hidden field, which anyone can change. */
class DraftTest {

    @Test
    void a_draft_keeps_the_fields_of_its_form_but_secrets() {
        Form form = new Form(Map.of(
                "name",
                List.of("crm"),
                "event",
                List.of("a", "b"),
                "password",
                List.of("secret"),
                "kamelet.mail-sink.password",
                List.of("secret")));
        assertEquals(
                Map.of("name", List.of("crm"), "event", List.of("a", "b")),
                Draft.of("", form).form().fields());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "[]", "7", "no JSON", "{\"name\": null}", "{\"name\": [null]}", "{\"name\": {}}"})
    void a_changed_draft_is_empty(String fields) {
        assertEquals(Map.of(), new Draft("", fields).form().fields());
    }
}
