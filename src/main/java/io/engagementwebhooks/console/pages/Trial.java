package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * What would be sent of an event, and of a test also what became of it, as the API answers it. What a test alone has is null
 * in a preview.
 *
 * @param matches whether the webhook would get the event; null where that is not known
 * @param why it would not, or null
 * @param request to a URL, or a third party's records; null: none
 * @param fault why nothing can be sent, or null
 * @param warnings what is hardly meant
 * @param outcome of the test
 * @param delivery its id where it was recorded, or null
 */
record Trial(
        Boolean matches,
        String why,
        JsonNode request,
        String fault,
        List<String> warnings,
        String outcome,
        String reason,
        String note,
        Long ms,
        Response response,
        String delivery) {

    /** A response, its body as text or else as Base64. */
    record Response(int status, Map<String, JsonNode> headers, String body, String bodyBase64) {

        String text() {
            return body == null ? bodyBase64 == null ? "" : bodyBase64 : body;
        }
    }

    /** A request to a URL. */
    record Sent(String method, String url, Map<String, String> headers, String body) {}

    /** What cannot be tried. */
    static Trial faulty(String fault) {
        return new Trial(null, null, null, fault, List.of(), null, null, null, null, null, null);
    }

    /** The request where it goes to a URL; null: it is a third party's records. */
    Sent sent() {
        return request != null && request.has("method") && request.has("headers")
                ? Api.read(request, Sent.class)
                : null;
    }

    List<String> warned() {
        return warnings == null ? List.of() : warnings;
    }
}
