package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A replay of many deliveries, or a backfill, in the API; members are null for filters not given.
 *
 * @param kind replay or backfill
 * @param state running, done or canceled
 * @param webhook its current name
 * @param status of the deliveries
 * @param fault why their last attempt got no response
 * @param delivered whether delivered deliveries are replayed too
 * @param actor name of the API key that started it
 * @param matched number of matching deliveries, or events, at the start, counted up to a limit
 * @param replayed number of deliveries made due
 * @param leftOut number of deliveries or events that could not be sent
 * @param exact in the response that starts it: whether {@code matched} are all; else null
 */
public record ReplayView(
        String id,
        String kind,
        String state,
        String webhook,
        String webhookId,
        String eventType,
        String outcome,
        String status,
        Integer httpStatus,
        String fault,
        boolean delivered,
        String from,
        String to,
        boolean newId,
        int perSecond,
        String actor,
        String createdAt,
        String endedAt,
        long matched,
        long replayed,
        long leftOut,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean exact) {

    /** Precedes the id of a job. */
    public static final String PREFIX = "rp_";
}
