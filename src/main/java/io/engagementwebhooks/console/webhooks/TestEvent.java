package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.webhook.EventCatalog;
import java.util.List;
import java.util.Optional;

/** The sample event of the builder: typed, chosen, or of a type that the webhook subscribes to. */
final class TestEvent {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The field with the sample event. */
    static final String EVENT = "sample";

    /** The sample event inserted last. */
    static final String PUT = "sampled";

    /** If no event type is chosen yet. */
    private static final List<String> ANY = List.of("*");

    private TestEvent() {}

    /**
     * Replaces an unchanged sample event if the chosen event types changed.
     *
     * @param asked event types that the webhook subscribes to
     * @param catalog of its account
     */
    static Form in(Form form, List<String> asked, EventCatalog catalog) {
        String typed = form.raw(EVENT);
        if (!typed.isBlank() && !inOneLine(typed).equals(inOneLine(form.raw(PUT)))) {
            return form;
        }
        String event = catalog.sample(asked.isEmpty() ? ANY : asked).toPrettyString();
        return form.with(EVENT, event).with(PUT, event);
    }

    /** What a sample event is: the title of its type, and its id unless it is that of the type's sample. */
    static String label(String json, EventCatalog catalog) {
        JsonNode event = parsed(json);
        Optional<EventCatalog.Type> type = catalog.type(event.path("type").asText());
        String title =
                type.map(EventCatalog.Type::title).orElse(event.path("type").asText());
        boolean isSample = type.filter(known -> known.sample().path("id").equals(event.path("id")))
                .isPresent();
        String label = isSample ? title : (title + " " + event.path("id").asText()).strip();
        return label.isEmpty() ? "Edited sample event" : label;
    }

    /** As a one-line field submits it. */
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
