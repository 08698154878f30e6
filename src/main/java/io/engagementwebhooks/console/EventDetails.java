package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An event with its data and, if requested, matching webhooks.
 *
 * @param document in structured form, or null: it was removed
 * @param matches matching webhooks first; null: not requested, or the data was removed
 * @param moreWebhooks whether there are more webhooks than matches
 */
public record EventDetails(
        @JsonUnwrapped EventSummary event, JsonNode document, List<Match> matches, boolean moreWebhooks) {

    /**
     * Whether a webhook would get the event, by its current definition.
     *
     * @param reason why not, or why its deliveries are queued; null: neither
     */
    public record Match(String webhook, String webhookId, boolean matched, String reason) {}
}
