package io.engagementwebhooks.deliver;

import java.util.Map;

/** Builds the request of a branch without sending it. Implementations are thread-safe. */
public interface PlannedRequest {

    /** The type of authentication whose webhooks it knows. */
    String type();

    /**
     * What would be written, as far as it is known before the third party is asked.
     *
     * @throws io.engagementwebhooks.webhook.BodyFault if nothing can be made of this event
     */
    Map<String, Object> of(Delivery delivery);
}
