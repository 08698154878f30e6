package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A preview in the API.
 *
 * @param matches whether the webhook would get the event
 * @param why it would not, or null
 * @param event the event used
 * @param request null: none can be built
 * @param fault why not, or null
 * @param warnings one sentence each
 */
public record PreviewView(
        boolean matches, String why, JsonNode event, TriedRequestView request, String fault, List<String> warnings) {

    /** A preview of an incomplete webhook: only its error. */
    public static PreviewView faulty(String fault) {
        return new PreviewView(false, null, null, null, fault, List.of());
    }
}
