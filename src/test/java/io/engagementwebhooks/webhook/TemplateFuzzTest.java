package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.Template;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/** Any template with any event (semantics 8). */
class TemplateFuzzTest {

    private static final JsonFactory JSON = new JsonFactory();

    /** @param input a template, a zero byte, and an event's document */
    @FuzzTest(maxDuration = "15s")
    void rendered_values_are_valid_in_their_context(byte[] input) {
        int end = 0;
        while (end < input.length && input[end] != 0) {
            end++;
        }
        String text = new String(input, 0, end, StandardCharsets.UTF_8);
        JsonNode event = event(Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length));

        compiled(() -> Template.json(text)).ifPresent(json -> assertIsJson(json.render(event)));
        compiled(() -> Template.form(text)).ifPresent(form -> assertIsForm(form.render(event)));
        compiled(() -> Template.header("X", text)).ifPresent(header -> assertIsHeader(header, event));
        compiled(() -> Template.text(text)).ifPresent(plain -> {
            plain.render(event);
            plain.value(event);
        });
    }

    private static JsonNode event(byte[] document) {
        try {
            JsonNode parsed = EventJson.mapper().readTree(document);
            return parsed != null && parsed.isObject() ? parsed : SampleEvents.callEnded();
        } catch (IOException | NumberFormatException e) {
            return SampleEvents.callEnded(); // ingest refuses such an event
        }
    }

    private static Optional<Template> compiled(Supplier<Template> template) {
        try {
            return Optional.of(template.get());
        } catch (IllegalArgumentException e) {
            assertFalse(e.getMessage().isEmpty());
            return Optional.empty();
        }
    }

    private static void assertIsJson(String rendered) {
        try (JsonParser parser = JSON.createParser(rendered)) {
            assertTrue(parser.nextToken() != null, "it is empty");
            parser.skipChildren();
            parser.finishToken();
            assertTrue(parser.nextToken() == null, "one document");
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + rendered, e);
        }
    }

    private static void assertIsForm(String rendered) {
        assertTrue(rendered.chars().allMatch(c -> c > 0x20 && c < 0x7f), rendered);
    }

    private static void assertIsHeader(Template header, JsonNode event) {
        try {
            String rendered = header.render(event);
            assertTrue(rendered.chars().allMatch(c -> c >= 0x20 && c < 0x7f), rendered);
        } catch (BodyFault e) {
            assertTrue(e.getMessage().contains("header X"), e.getMessage());
        }
    }
}
