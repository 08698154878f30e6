package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Sample events. */
public final class SampleEvents {

    private SampleEvents() {}

    public static JsonNode callEnded() {
        try (InputStream in = SampleEvents.class.getResourceAsStream("/events/call-ended.json")) {
            return EventJson.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode of(String document) {
        return EventJson.parse(document.getBytes(StandardCharsets.UTF_8));
    }
}
