package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * The run-time state of a webhook.
 *
 * @param webhook the webhook
 * @param state active, paused by a user, or disabled
 * @param reason why it is not active, or null
 * @param since since when it is not active, or null
 * @param holdUntil until when the receiver asked for a pause, or null
 * @param pausedTotal time spent paused or disabled before {@code since}
 * @param halfOpen it was disabled and nothing was delivered since: one delivery is sent at a time
 */
public record WebhookState(
        WebhookId webhook,
        State state,
        String reason,
        Instant since,
        Instant holdUntil,
        Duration pausedTotal,
        boolean halfOpen) {

    /** Whether a webhook's deliveries are sent. */
    public enum State {
        ACTIVE,
        PAUSED,
        DISABLED;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static State of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    public static WebhookState active(WebhookId webhook) {
        return new WebhookState(webhook, State.ACTIVE, null, null, null, Duration.ZERO, false);
    }

    public WebhookState withHoldUntil(Instant until) {
        return new WebhookState(webhook, state, reason, since, until, pausedTotal, halfOpen);
    }

    /** The same after a successful delivery. */
    public WebhookState afterSuccess() {
        return new WebhookState(webhook, state, reason, since, holdUntil, pausedTotal, false);
    }
}
