package io.engagementwebhooks.console.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.api.delivery.WaitingForView;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts for {@code waitingFor} (semantics 43). */
class WaitingTextTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TIME = "2026-11-24T10:00:00Z";

    static Stream<Arguments> texts() {
        return Stream.of(
                timed("'kind':'retry','until':'T'", "Next attempt"),
                timed(
                        "'kind':'field','field':'data.recording_id','until':'T'",
                        "A later event with field 'data.recording_id', at the latest"),
                timed(
                        "'kind':'rate-limit','limitedBy':'webhook','behind':0,'exact':true,'until':'T'",
                        "Rate limit of the webhook: next request"),
                timed(
                        "'kind':'rate-limit','limitedBy':'receiver','behind':2,'exact':true,'until':'T'",
                        "Rate limit of the receiver, behind 2 deliveries: next request"),
                timed("'kind':'answer','since':'T'", "In flight, begun"),
                text("'kind':'paused','cause':'webhook-paused'", "The webhook is paused: resume it"),
                text("'kind':'paused','cause':'webhook-disabled'", "The webhook is disabled: resume it"),
                text("'kind':'paused','cause':'webhook-not-configured'", "The webhook is not configured"),
                text("'kind':'paused','cause':'delivery-stopped'", "Delivery is stopped on this instance"),
                text(
                        "'kind':'paused','cause':'not-recorded'",
                        "Its last attempt could not be recorded: it is sent again after a restart"),
                text(
                        "'kind':'budget','budget':'requests-in-flight'",
                        "Budget: the limit of requests in flight is reached"),
                text(
                        "'kind':'budget','budget':'account'",
                        "Budget: the account's limit of requests in flight is reached"),
                text(
                        "'kind':'budget','budget':'timed-out-webhooks'",
                        "Budget: the limit of requests in flight for the account's webhooks that timed out is reached"),
                text("'kind':'budget','budget':'memory'", "Budget: the account's memory for events is full"),
                text("'kind':'turn','behind':0,'exact':true,'unanswered':0", "Queue: next of its webhook"),
                text(
                        "'kind':'turn','behind':1,'exact':true,'unanswered':1",
                        "Queue: behind 1 delivery of its webhook; 1 delivery has no response yet"),
                text(
                        "'kind':'turn','behind':33,'exact':false,'unanswered':2",
                        "Queue: behind more than 33 deliveries of its webhook; 2 deliveries have no response yet"),
                text(
                        "'kind':'turn','behind':3,'exact':true,'unanswered':null",
                        "Queue: this instance does not own the webhook; 3 deliveries before this one, or it is in flight"),
                text(
                        "'kind':'turn','behind':0,'exact':true,'unanswered':null",
                        "Queue: this instance does not own the webhook; it is next, or it is in flight"),
                Arguments.of(
                        "'kind':'order','delivery':'msg_1'",
                        new WaitingText("The first delivery of its key:", "msg_1", "", null)),
                Arguments.of(
                        "'kind':'order','delivery':'msg_1','until':'T'",
                        new WaitingText("The first delivery of its key:", "msg_1", ", at the latest", TIME)));
    }

    private static Arguments text(String reason, String text) {
        return Arguments.of(reason, new WaitingText(text, null, "", null));
    }

    private static Arguments timed(String reason, String text) {
        return Arguments.of(reason, new WaitingText(text, null, "", TIME));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void each_kind_has_a_text(String reason, WaitingText text) throws JsonProcessingException {
        String json = "{" + reason.replace("'T'", "'" + TIME + "'").replace('\'', '"') + "}";
        assertEquals(text, WaitingText.of(JSON.readValue(json, WaitingForView.class)));
    }
}
