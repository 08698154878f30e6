package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.console.EventCatalog;
import java.util.List;

/** The event that a webhook is tried with in the builder: what was typed or taken, or else one that the webhook asks for. */
final class TestEvent {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The field that an event is typed in. */
    static final String EVENT = "sample";

    /** What was put there last. */
    static final String PUT = "sampled";

    /** Where no event is asked for yet. */
    private static final List<String> ANY = List.of("*");

    private TestEvent() {}

    /**
     * A form with the event that stands in it or, where nobody has changed what was put there, one that is asked for.
     *
     * @param asked event types that the webhook asks for
     */
    static Form in(Form form, List<String> asked) {
        String typed = form.raw(EVENT);
        if (!typed.isBlank() && !inOneLine(typed).equals(inOneLine(form.raw(PUT)))) {
            return form;
        }
        String event = EventCatalog.sample(asked.isEmpty() ? ANY : asked).toPrettyString();
        return form.with(EVENT, event).with(PUT, event);
    }

    /** As a field of one line sends it. */
    private static String inOneLine(String text) {
        return text.replaceAll("[\r\n]", "");
    }

    static boolean isObject(String json) {
        return parsed(json).isObject();
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
