package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An event with its data and, if requested, matching webhooks.
 *
 * @param document in structured form, or null: it was removed
 * @param matches matching webhooks first; null: not requested, or the data was removed
 * @param moreWebhooks whether there are more webhooks than matches
 * @param schemaFaults faults of its data by the current JSON Schema of its type; null: not requested, the data was
 *     removed, or the account has not defined its type
 */
public record EventDetails(
        @JsonUnwrapped EventSummary event,
        JsonNode document,
        List<Match> matches,
        boolean moreWebhooks,
        List<SchemaFault> schemaFaults) {

    /**
     * Whether a webhook would get the event, by its current definition.
     *
     * @param reason why not, or why its deliveries are queued; null: neither
     */
    public record Match(String webhook, String webhookId, boolean matched, String reason) {}

    /**
     * What does not fit a schema.
     *
     * @param pointer JSON Pointer into the document
     * @param detail the place and the rule
     */
    public record SchemaFault(String pointer, String detail) {}
}
