package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What became of the newest deliveries of webhooks. It is read from the deliveries themselves, by an index and up to a limit, so that
 * nothing is written for it. Thread-safe.
 */
public interface WebhookActivity {

    /**
     * A delivery.
     *
     * @param eventType the event's type
     * @param state where it stands
     * @param outcome of the last attempt, or null
     * @param reason our words, or null
     * @param acceptedAt when it was stored
     * @param endedAt when it ended, or null
     * @param unsent whether its last try sent nothing, for lack of a token for example
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
     * @param ms how long it took
     * @param outcome delivered, try-later, gave-up or skipped
     * @param status the HTTP status, or null: no response
     * @param reason our words, empty where it was delivered without remark
     */
    record RecentAttempt(Instant startedAt, long ms, String outcome, Integer status, String reason) {}

    /** The newest deliveries of a webhook, newest first. */
    List<Recent> deliveries(WebhookId webhook, int limit);

    /**
     * The attempts of the newest deliveries of a webhook, those of the newest delivery first.
     *
     * @param deliveries how many deliveries are looked at
     * @param from only attempts that began at or after this
     */
    List<RecentAttempt> attempts(WebhookId webhook, int deliveries, Instant from, int limit);

    /**
     * When the deliveries of a webhook since a time were accepted, to about 17 minutes: all of them, those whose last attempt failed for
     * good, and those that are retried.
     *
     * @param all at most as many as were asked for
     * @param failed likewise
     * @param retrying likewise
     */
    record Since(List<Instant> all, List<Instant> failed, List<Instant> retrying) {

        /** Of one that had no delivery. */
        public static final Since NOTHING = new Since(List.of(), List.of(), List.of());
    }

    /** By webhook, of those that have a row. @param limit of each list */
    Map<WebhookId, Since> since(Collection<WebhookId> webhooks, Instant from, int limit);
}
