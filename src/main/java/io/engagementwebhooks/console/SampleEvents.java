package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events to try webhooks out with. Immutable and thread-safe. */
public final class SampleEvents {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    static {
        for (String kind : List.of("ended", "missed", "modified")) {
            TYPES.put("call." + kind, "/io/engagementwebhooks/samples/call-" + kind + ".json");
        }
    }

    private SampleEvents() {}

    /** One that a webhook asks for. @param patterns what it asks for */
    public static ObjectNode askedFor(List<String> patterns) {
        for (String pattern : patterns) {
            for (String type : TYPES.keySet()) {
                boolean asks = pattern.equals("*")
                        || pattern.equals(type)
                        || pattern.endsWith(".*") && type.startsWith(pattern.substring(0, pattern.length() - 1));
                if (asks) {
                    return read(TYPES.get(type));
                }
            }
        }
        ObjectNode event = JSON.createObjectNode();
        event.put("specversion", "1.0")
                .put("id", "sample")
                .put("source", "/samples")
                .put("type", patterns.isEmpty() ? "sample" : patterns.get(0).replace("*", "sample"))
                .put("subject", "sample/1")
                .putObject("data");
        return event;
    }

    private static ObjectNode read(String resource) {
        try (InputStream in = SampleEvents.class.getResourceAsStream(resource)) {
            return (ObjectNode) JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is not complete: " + resource + " cannot be read", e);
        }
    }
}
