package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * A webhook in lists of the API, without secrets.
 *
 * @param id never changes
 * @param name its name
 * @param events types it subscribes to; none: its definition is not in effect
 * @param condition whether it has one
 * @param target where it sends to, or null: its definition is not in effect
 * @param authentication likewise
 * @param retry name of its retry schedule, or null
 * @param rateLimit such as 50/s, or null
 * @param state active, paused or disabled
 * @param reason why it is not active, or null
 * @param since since when, or null
 * @param holdUntil until when its receiver asked to wait, or null
 * @param waiting its pending deliveries
 * @param health its health
 * @param lastOutcome of its newest delivery with an attempt, or null
 * @param lastDeliveries outcomes of its newest deliveries, oldest first
 * @param lastSeen when one of its newest deliveries was accepted or ended, or null
 * @param activity its last 24 hours; null: not requested, and left out
 * @param managedBy file or api
 */
public record WebhookView(
        String id,
        String name,
        List<String> events,
        boolean condition,
        TargetView target,
        AuthenticationView authentication,
        String retry,
        String rateLimit,
        String state,
        String reason,
        String since,
        String holdUntil,
        long waiting,
        HealthView health,
        String lastOutcome,
        List<String> lastDeliveries,
        String lastSeen,
        @JsonInclude(JsonInclude.Include.NON_NULL) ActivityView activity,
        String managedBy) {

    /** Whether its deliveries are sent. */
    public boolean active() {
        return state.equals("active");
    }
}
