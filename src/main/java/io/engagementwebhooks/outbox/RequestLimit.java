package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Webhook;

/**
 * A limit on the start of requests to a webhook.
 *
 * @param together deliveries that go in one request, which count as one
 * @param rate null: as often as the receiver takes them
 */
public record RequestLimit(DeliveryMethod.Together together, RateLimit rate) {

    static final RequestLimit NONE = new RequestLimit(null, null);

    /** The limit that a webhook configures. */
    public static RequestLimit of(Webhook webhook) {
        return new RequestLimit(
                webhook.delivery().together(), webhook.delivery().rateLimit().orElse(null));
    }
}
