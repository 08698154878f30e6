package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.StatsStore;
import java.time.Duration;
import java.time.Instant;

/**
 * The health of a webhook in the API and on pages.
 *
 * @param status name of a {@link HealthStatus}
 * @param since since when, or null
 * @param reason why, in words, or null
 * @param action what to do, in words, or null
 */
public record HealthView(String status, String since, String reason, String action) {

    private static final Duration TRAFFIC_WITHIN = Duration.ofHours(24);

    /** Advice for a failing webhook. */
    private static final String REPAIR = "Correct what the reason names, then retry the queued deliveries";

    private static final String RECOVERING =
            "The last attempts succeeded. It is healthy when no delivery is retrying: retry the queued deliveries";

    private static final String CORRECT_AND_RESUME =
            "Correct what the reason names, then resume the webhook: one delivery is sent first";
    private static final String RESUME = "Resume the webhook to send its queued deliveries";

    static HealthView of(WebhookState state, StatsStore.Health health, Instant now) {
        return switch (state.state()) {
            case DISABLED -> view(HealthStatus.DISABLED, state.since(), state.reason(), CORRECT_AND_RESUME);
            case PAUSED -> view(HealthStatus.PAUSED, state.since(), state.reason(), RESUME);
            case ACTIVE -> ofActive(health, now);
        };
    }

    private static HealthView ofActive(StatsStore.Health health, Instant now) {
        if (health.failingSince() != null) {
            return view(HealthStatus.FAILING, health.failingSince(), health.trouble(), REPAIR);
        }
        if (health.degradedSince() != null) {
            return view(
                    HealthStatus.DEGRADED,
                    health.degradedSince(),
                    failures(health),
                    health.recent().successesInARow() < AttemptWindow.IN_A_ROW ? REPAIR : RECOVERING);
        }
        Instant seen = health.lastSeen();
        if (seen == null || seen.plus(TRAFFIC_WITHIN).isBefore(now)) {
            return view(
                    HealthStatus.NO_TRAFFIC,
                    seen,
                    seen == null
                            ? "There was no delivery yet; tests and sample events are not counted"
                            : "There was no delivery in the last 24 hours",
                    seen == null
                            ? "Send the first event, of a type that the webhook subscribes to"
                            : "Compare the event types and the condition with the received events");
        }
        return view(HealthStatus.HEALTHY, null, null, null);
    }

    private static String failures(StatsStore.Health health) {
        AttemptWindow recent = health.recent();
        String attempts = recent.size() == 1
                ? "The only attempt failed"
                : recent.failures() + " of the last " + recent.size() + " attempts failed";
        return attempts + "; the last error: " + health.trouble();
    }

    private static HealthView view(HealthStatus status, Instant since, String reason, String action) {
        return new HealthView(status.text(), DeliveryView.text(since), reason, action);
    }
}
