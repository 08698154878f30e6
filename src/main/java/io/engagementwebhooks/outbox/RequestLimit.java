package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.net.URI;

/**
 * What limits the requests to a webhook.
 *
 * @param together deliveries that share a request, which counts once
 * @param rate null: unlimited, up to the learned rate
 * @param url its host may have a limit, too; null: Salesforce, Contentsquare or e-mail
 */
public record RequestLimit(Batch together, RateLimit rate, URI url) {

    static final RequestLimit NONE = new RequestLimit(null, null, null);

    /** The limit that a webhook configures. */
    public static RequestLimit of(Webhook webhook) {
        return new RequestLimit(
                webhook.delivery().batch(),
                webhook.delivery().rateLimit().orElse(null),
                webhook.delivery().target() instanceof Target.Http http ? http.url() : null);
    }
}
