package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * A system event about a webhook for its account, before it is published. It is stored in the transaction that causes
 * it and removed once published.
 *
 * @param key its key
 * @param webhook the webhook
 * @param type the event type
 * @param at when
 * @param since since when the condition holds
 * @param reason why, without secrets
 * @param deliveries the number of deliveries concerned, or null
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

    /** The event type. */
    public enum Type {
        /** Deliveries fail; published once until a delivery succeeds. */
        FAILING("webhook.failing"),
        /** A delivery of a failing webhook succeeded. */
        RECOVERED("webhook.recovered"),
        /** The webhook was disabled. */
        DISABLED("webhook.disabled"),
        /** Pending deliveries will expire soon. */
        EXPIRING("delivery.expiring");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** As in the published event. */
        public String text() {
            return text;
        }

        public static Type of(String text) {
            for (Type type : values()) {
                if (type.text.equals(text)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("unknown type of system event '" + text + "'");
        }
    }
}
