package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.api.definition.DefinedView;
import java.util.List;

/**
 * A webhook in the API: its state and its definition.
 *
 * @param id never changes
 * @param name its name
 * @param inEffect false: its definition cannot be used, and nothing is sent
 * @param url that it sends to, without possible secrets; null: a third party gives it, or it is not in effect
 * @param signature of its requests, or none; null: a third party defines them, or it is not in effect
 * @param signingKeys ids of the keys that sign them, also of those that are not active
 * @param state active, paused or disabled
 * @param reason why it is not active, or null
 * @param since since when, or null
 * @param holdUntil until when its receiver asked to wait, or null
 * @param credentialProblem why deliveries wait for a token now, or null
 * @param certificateExpires when its own client certificate expires, or null
 * @param permission of its receiver; null: it is not asked, and left out
 * @param waiting its pending deliveries
 * @param health its health
 * @param lastOutcome of its newest delivery with an attempt, or null
 * @param lastDeliveries outcomes of its newest deliveries, oldest first
 * @param lastSeen when one of its newest deliveries was accepted or ended, or null
 * @param activity its last 24 hours; null: not requested, and left out
 * @param warnings about its definition; null in lists, and left out
 * @param managedBy file or api
 * @param defined its definition
 */
public record WebhookView(
        String id,
        String name,
        boolean inEffect,
        String url,
        String signature,
        List<String> signingKeys,
        String state,
        String reason,
        String since,
        String holdUntil,
        String credentialProblem,
        String certificateExpires,
        @JsonInclude(JsonInclude.Include.NON_NULL) PermissionView permission,
        long waiting,
        HealthView health,
        String lastOutcome,
        List<String> lastDeliveries,
        String lastSeen,
        @JsonInclude(JsonInclude.Include.NON_NULL) ActivityView activity,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<String> warnings,
        String managedBy,
        @JsonUnwrapped DefinedView defined) {

    /** Whether its deliveries are sent. */
    public boolean active() {
        return state.equals("active");
    }
}
