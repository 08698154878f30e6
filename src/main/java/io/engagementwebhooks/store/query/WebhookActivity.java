package io.engagementwebhooks.store.query;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Reads the newest deliveries and attempts of webhooks, by index and up to a limit; stores nothing itself. Thread-safe.
 */
public interface WebhookActivity {

    /**
     * A delivery.
     *
     * @param eventType the event's type
     * @param state its stored state
     * @param outcome outcome of the last attempt, or null
     * @param reason why, or null
     * @param acceptedAt when it was stored
     * @param endedAt when it ended, or null
     * @param unsent whether its last attempt sent nothing, for lack of a token for example
     */
    record Recent(
            String eventType,
            DeliveryState state,
            String outcome,
            String reason,
            Instant acceptedAt,
            Instant endedAt,
            boolean unsent) {}

    /**
     * An attempt.
     *
     * @param startedAt when it began
     * @param ms duration in milliseconds
     * @param outcome delivered, try-later, gave-up or skipped
     * @param status the HTTP status, or null: no response
     * @param reason why, empty where it was delivered without remark
     */
    record RecentAttempt(Instant startedAt, long ms, String outcome, Integer status, String reason) {}

    /** The newest deliveries of a webhook, newest first. */
    List<Recent> deliveries(WebhookId webhook, int limit);

    /**
     * The attempts of the newest deliveries of a webhook, those of the newest delivery first.
     *
     * @param deliveries the number of deliveries to read
     * @param from only attempts that began at or after this
     */
    List<RecentAttempt> attempts(WebhookId webhook, int deliveries, Instant from, int limit);

    /**
     * Acceptance times of a webhook's recent deliveries, to about 17 minutes.
     *
     * @param all of all of them, at most {@code limit}
     * @param failed of those that failed, at most {@code limit}
     * @param retrying of those with a retry, at most {@code limit}
     */
    record Since(List<Instant> all, List<Instant> failed, List<Instant> retrying) {

        /** No deliveries. */
        public static final Since NOTHING = new Since(List.of(), List.of(), List.of());
    }

    /** By webhook; webhooks without a row are missing. @param limit the most per list */
    Map<WebhookId, Since> since(Collection<WebhookId> webhooks, Instant from, int limit);
}
