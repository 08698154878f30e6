package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * A notice about a webhook for its account. It is stored in the transaction that causes it, and removed once its event is
 * published.
 *
 * @param key its number
 * @param webhook the webhook
 * @param type what happened
 * @param at when
 * @param since since when it has been so
 * @param reason our words, without secrets
 * @param deliveries how many deliveries it is about, or null
 */
public record SystemEvent(
        long key, WebhookId webhook, Type type, Instant at, Instant since, String reason, Long deliveries) {

    public SystemEvent {
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(type);
        Objects.requireNonNull(at);
        Objects.requireNonNull(since);
        Objects.requireNonNull(reason);
    }

    /** The type of a notice, which is the type of its event. */
    public enum Type {
        /** Deliveries of a webhook fail; published once until one is delivered again. */
        FAILING("webhook.failing"),
        /** A delivery of a webhook that was failing has arrived. */
        RECOVERED("webhook.recovered"),
        /** The receiver said that it is gone. */
        DISABLED("webhook.disabled"),
        /** Deliveries have waited so long that they will be given up soon. */
        EXPIRING("delivery.expiring");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** The type of the event that tells it. */
        public String text() {
            return text;
        }

        public static Type of(String text) {
            for (Type type : values()) {
                if (type.text.equals(text)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("unknown notice '" + text + "'");
        }
    }
}
