package io.engagementwebhooks.operate.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A line of the log as JSON. */
class JsonLinesTest {

    private static final LoggerContext CONTEXT = new LoggerContext();

    private static JsonNode line(Throwable thrown, String message, Object... values) {
        LoggingEvent event = new LoggingEvent(
                JsonLines.class.getName(), CONTEXT.getLogger("webhooks.delivery"), Level.INFO, message, thrown, values);
        byte[] line = new JsonLines().encode(event);
        String text = new String(line, StandardCharsets.UTF_8);
        assertTrue(text.endsWith("}\n") && text.indexOf('\n') == text.length() - 1, text);
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    @Test
    void a_named_value_of_a_message_is_a_member() {
        JsonNode line = line(
                null,
                "delivery.attempted delivery={} status={} ms={} next={} reason=\"{}\"",
                "01J",
                503,
                412L,
                "-",
                "it said \"later\"\nand no more");
        assertEquals("INFO", line.get("level").asText());
        assertEquals("webhooks.delivery", line.get("logger").asText());
        assertEquals("01J", line.get("delivery").asText());
        assertTrue(line.get("status").isNumber() && line.get("ms").isNumber(), line.toString());
        assertFalse(line.has("next"), "there is none");
        assertEquals("it said \"later\"\nand no more", line.get("reason").asText());
        assertTrue(line.get("message").asText().startsWith("delivery.attempted delivery=01J status=503"));
    }

    @Test
    void a_value_without_a_name_is_only_in_the_message() {
        JsonNode line = line(null, "{}: {} set up at http://{}:{}", "file", 2, "host", 8080);
        assertEquals("file: 2 set up at http://host:8080", line.get("message").asText());
        assertEquals(5, line.size(), line.toString());
    }

    @Test
    void no_value_replaces_a_standard_member() {
        assertEquals(
                "INFO", line(null, "level={} time={}", "x", "y").get("level").asText());
    }

    @Test
    void an_exception_is_a_member_and_a_message_may_have_no_values() {
        JsonNode line = line(new IllegalStateException("broken"), "it failed {}");
        assertEquals("it failed {}", line.get("message").asText());
        assertTrue(line.get("exception").asText().contains("IllegalStateException: broken"));
    }
}
