package io.engagementwebhooks.console.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.api.delivery.SentRequestView;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A request as a curl command. */
class CurlTest {

    @Test
    void quotes_are_quoted_for_a_shell_and_what_is_masked_stays_so() {
        SentRequestView sent = new SentRequestView(
                "POST",
                "https://crm.example.com/hooks?token=…",
                Map.of("Authorization", "Basic ***"),
                20,
                "kept",
                false,
                "{\"name\": \"O'Neil $HOME\"}",
                null);
        assertEquals(
                """
                curl -X 'POST' 'https://crm.example.com/hooks?token=…' \\
                  -H 'Authorization: Basic ***' \\
                  --data-raw '{"name": "O'\\''Neil $HOME"}'""",
                Curl.of(sent));
    }

    @Test
    void without_the_whole_body_there_is_no_command() {
        assertNull(Curl.of(
                new SentRequestView("POST", "https://crm.example.com/", Map.of(), 20, "unknown", false, null, null)));
        assertNull(Curl.of(
                new SentRequestView("POST", "https://crm.example.com/", Map.of(), 99, "kept", true, "x", null)));
    }
}
