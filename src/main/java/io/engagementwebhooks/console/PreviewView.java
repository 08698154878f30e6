package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What would be sent of an event, as the API shows it.
 *
 * @param matches whether the webhook would get the event
 * @param why it would not, or null
 * @param event the one that was taken
 * @param request null: none can be made
 * @param fault why not, or null
 * @param warnings what is probably not meant, a sentence for each
 */
public record PreviewView(
        boolean matches, String why, JsonNode event, TriedRequestView request, String fault, List<String> warnings) {

    /** Of a webhook that is not complete: no more than what is wrong with it. */
    public static PreviewView faulty(String fault) {
        return new PreviewView(false, null, null, null, fault, List.of());
    }
}
