package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * How a replay of many deliveries looks in the API; null where it is not narrowed by that.
 *
 * @param state running, done or cancelled
 * @param webhook its present name
 * @param status how the deliveries ended
 * @param delivered whether those are replayed too that were delivered
 * @param actor the name of the API key that started it
 * @param matched how many matched when it was started, counted up to a limit
 * @param replayed how many were made due
 * @param leftOut how many could not be
 * @param exact in the answer that starts it: whether {@code matched} are all; else null
 */
public record ReplayView(
        String id,
        String state,
        String webhook,
        String webhookId,
        String eventType,
        String outcome,
        String status,
        Integer httpStatus,
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

    ReplayView exact(boolean isExact) {
        return new ReplayView(
                id,
                state,
                webhook,
                webhookId,
                eventType,
                outcome,
                status,
                httpStatus,
                delivered,
                from,
                to,
                newId,
                perSecond,
                actor,
                createdAt,
                endedAt,
                matched,
                replayed,
                leftOut,
                isExact);
    }
}
