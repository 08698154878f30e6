package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * Something about a webhook that its account is to be told. It is written in the transaction of what it is about, and
 * stays until it has been told.
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

    /** What accounts are told. */
    public enum Type {
        /** Deliveries of a webhook do not arrive; told once until one arrives again. */
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
