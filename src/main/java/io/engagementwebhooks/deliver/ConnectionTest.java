package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Tests connections of one kind of third party: logs in, and checks the fields that webhooks write. Writes nothing.
 * Thread-safe.
 */
public interface ConnectionTest {

    /** The {@linkplain Authentication#type() type of authentication} of the connections. */
    String type();

    /**
     * Tests one connection without blocking.
     *
     * @param connection of this kind
     * @param webhooks the webhooks that use it; may be empty
     * @return the findings, also if the third party is down or refuses; fails only by an internal error
     */
    CompletionStage<ConnectionReport> test(Authentication connection, List<Webhook> webhooks);
}
