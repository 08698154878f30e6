package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A counted or started backfill in the API.
 *
 * @param id of its run, or null: it was only counted
 * @param events number of events to be delivered
 * @param expired number of other events of these types, whose payload has expired
 * @param exact false: counting stopped at a limit, there are more
 */
public record BackfillView(
        @JsonInclude(JsonInclude.Include.NON_NULL) String id, long events, long expired, boolean exact) {}
