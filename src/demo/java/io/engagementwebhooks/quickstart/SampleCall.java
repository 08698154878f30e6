package io.engagementwebhooks.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A call event of {@code examples/quickstart/events}, of now and with a fresh id.
 *
 * @param id the event's
 * @param type the event's
 * @param document CloudEvents JSON
 */
record SampleCall(String id, String type, String document) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static SampleCall read(Path file, String id, Instant now) throws IOException {
        ObjectNode event = (ObjectNode) JSON.readTree(Files.readString(file));
        event.put("id", id);
        event.put("time", now.truncatedTo(ChronoUnit.MILLIS).toString());
        return new SampleCall(id, event.path("type").asText(), event.toString());
    }
}
