package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.ProblemException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Any input is read as events or refused with a reason. The seeds run as tests; {@code bench/fuzz.sh} continues. */
class EventReaderFuzzTest {

    private static final List<String> TYPES = List.of(
            "application/cloudevents+json", "application/cloudevents-batch+json", "application/json", "text/plain");

    private final EventReader reader = new EventReader();

    /** @param input its first byte chooses how it is sent, the others are the body */
    @FuzzTest(maxDuration = "15s")
    void any_body_is_read_as_events_or_refused_with_a_4xx(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int way = Math.floorMod(input[0] - '0', TYPES.size());
        byte[] body = Arrays.copyOfRange(input, 1, input.length);
        EventReader.Events read;
        try {
            read = reader.read("acme", call(way, body));
        } catch (ProblemException e) {
            assertTrue(
                    e.problem().status() / 100 == 4,
                    () -> "status " + e.problem().status());
            assertTrue(e.problem().json().length < 10_000, "it repeats the request");
            return;
        }
        assertEquals(way == 1, read.batch());
        read.events().forEach(event -> isOne(event, way == 3));
    }

    private static HttpCall call(int way, byte[] body) {
        Map<String, List<String>> headers = way == 3
                ? Map.of(
                        "content-type",
                        List.of("application/json"),
                        "ce-specversion",
                        List.of("1.0"),
                        "ce-id",
                        List.of("1"),
                        "ce-source",
                        List.of("/s"),
                        "ce-type",
                        List.of("call.ended"))
                : Map.of("content-type", List.of(TYPES.get(way)));
        return new HttpCall("POST", "/v1/events", headers, Map.of(), body);
    }

    private void isOne(Event event, boolean binary) {
        assertEquals("acme", event.account());
        assertFalse(
                event.id().isEmpty() || event.source().isEmpty() || event.type().isEmpty());
        assertEquals(event.id(), event.tree().path("id").asText());
        // what is kept is an event again, and the same one
        Event again = reader.read(
                        "acme",
                        new HttpCall(
                                "POST",
                                "/v1/events",
                                Map.of("content-type", List.of("application/json")),
                                Map.of(),
                                event.document()))
                .events()
                .get(0);
        assertEquals(event.identity(), again.identity());
        assertEquals(event.type(), again.type());
        assertEquals(event.time(), again.time());
        // of binary mode the body's bytes are meant, a line end behind the value too
        if (!binary) {
            assertArrayEquals(event.dataSha256(), again.dataSha256());
        }
    }
}
