package io.engagementwebhooks.api.webhook;

import java.util.List;

/**
 * Failed and retrying deliveries of a time range in groups.
 *
 * @param from when the range begins, a full minute
 * @param to when it ends, a full minute
 * @param limit of examined failed ones, and of examined retrying ones
 * @param complete false: the limit was reached, so there may be more
 * @param groups most deliveries first
 */
public record FailuresView(String from, String to, int limit, boolean complete, List<Group> groups) {

    /**
     * Deliveries of a webhook that failed for the same reason.
     *
     * @param webhook its name
     * @param deleted whether the webhook is deleted
     * @param httpStatus the HTTP status, or null: there was no response
     * @param fault why there was no response, or null: there was one
     * @param failed deliveries that ended
     * @param retrying deliveries that are attempted again
     * @param firstAt when the oldest was accepted
     * @param lastAt when the newest was accepted
     * @param lastDelivery the id of the newest
     * @param reason of the newest
     * @param response the first line of the response body of the newest, or null: there was none, or it is not text
     * @param endpoints by host and path, most deliveries first; without those that sent no request
     * @param moreEndpoints the number of further ones
     * @param hours by hour of acceptance, oldest first
     */
    public record Group(
            String webhook,
            String webhookId,
            boolean deleted,
            Integer httpStatus,
            String fault,
            long failed,
            long retrying,
            String firstAt,
            String lastAt,
            String lastDelivery,
            String reason,
            String response,
            List<Count> endpoints,
            long moreEndpoints,
            List<Count> hours) {}

    /** @param of an endpoint, or the start of an hour */
    public record Count(String of, long deliveries) {}
}
