package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.console.SampleEvents;
import java.util.List;

/** The event that a webhook is tried with in the builder: what was typed or taken, or else one that the webhook asks for. */
final class TriedEvent {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /** Where no event is asked for yet. */
    private static final List<String> ANY = List.of("*");

    private TriedEvent() {}

    /**
     * The event as it stands in the form, or is put there.
     *
     * @param typed what stands there; blank: nothing
     * @param asked event types that the webhook asks for
     */
    static String of(String typed, List<String> asked) {
        return typed.isBlank() || isSample(typed)
                ? SampleEvents.askedFor(asked.isEmpty() ? ANY : asked).toPrettyString()
                : typed;
    }

    static boolean isObject(String json) {
        return parsed(json).isObject();
    }

    /** Whether it is one of ours, which nobody has changed. */
    private static boolean isSample(String json) {
        JsonNode event = parsed(json);
        return event.isObject()
                && event.equals(SampleEvents.askedFor(List.of(event.path("type").asText())));
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
