package io.engagementwebhooks.instances;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a receiver got until now.
 *
 * @param ids by event and path, which is the webhook's, the {@code webhook-id} of each copy
 */
record Copies(Map<String, List<String>> ids) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static Copies of(Receiver receiver) {
        Map<String, List<String>> ids = new HashMap<>();
        receiver.requests().forEach(got -> ids.computeIfAbsent(
                        event(got) + " at " + got.target().getPath(), key -> new ArrayList<>())
                .add(got.header("webhook-id")));
        return new Copies(ids);
    }

    private static String event(Receiver.Got got) {
        try {
            return JSON.readTree(got.body()).path("id").asText();
        } catch (JsonProcessingException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    /** The {@code webhook-id} of each delivery that came, with how often it did. */
    Map<String, Integer> times() {
        return ids.values().stream().collect(Collectors.toMap(copies -> copies.get(0), List::size));
    }

    Set<String> repeated() {
        return ids.keySet().stream().filter(key -> ids.get(key).size() > 1).collect(Collectors.toSet());
    }

    /** @param most of all deliveries that may have been sent and not recorded, and so are sent again */
    void assertRepeatedUnderTheSameId(int most) {
        ids.forEach((key, copies) -> assertEquals(1, Set.copyOf(copies).size(), () -> key + " came as " + copies));
        assertTrue(repeated().size() <= most, () -> repeated().size() + " came more than once: " + repeated());
    }
}
