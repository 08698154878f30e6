package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An event with its data, and which webhooks would take it now.
 *
 * @param document in structured form, or null: it is not kept any more
 * @param matches those that would take it first; null: it was not asked for, or the data is not kept any more
 * @param moreWebhooks whether there are webhooks that are not among the matches
 */
public record EventDetails(
        @JsonUnwrapped EventSummary event, JsonNode document, List<Match> matches, boolean moreWebhooks) {

    /**
     * Whether a webhook would take the event, by its present definition.
     *
     * @param reason why not, or what else keeps it from being sent; null: nothing does
     */
    public record Match(String webhook, String webhookId, boolean matched, String reason) {}
}
