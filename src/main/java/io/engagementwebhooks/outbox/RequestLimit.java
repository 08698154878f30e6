package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Webhook;

/**
 * The rate limit of requests to a webhook.
 *
 * @param together deliveries that share a request, which counts once
 * @param rate null: unlimited, up to the learned rate
 */
public record RequestLimit(Batch together, RateLimit rate) {

    static final RequestLimit NONE = new RequestLimit(null, null);

    /** The limit that a webhook configures. */
    public static RequestLimit of(Webhook webhook) {
        return new RequestLimit(
                webhook.delivery().batch(), webhook.delivery().rateLimit().orElse(null));
    }
}
