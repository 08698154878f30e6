package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Webhook;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Tests connections of one kind of third party: logs in and compares what webhooks want to
 * write against what the third party takes. Nothing is written there. Thread-safe.
 */
public interface ConnectionTest {

    /** The {@linkplain Authentication#type() type of authentication} whose connections it tries out. */
    String type();

    /**
     * Tests one connection. No thread waits for the third party.
     *
     * @param connection of this kind
     * @param webhooks those that use it; may be none
     * @return what was found, also where the third party is down or refuses; fails only by a fault of ours
     */
    CompletionStage<ConnectionReport> test(Authentication connection, List<Webhook> webhooks);
}
