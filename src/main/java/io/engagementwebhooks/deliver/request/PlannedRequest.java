package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.deliver.Delivery;
import java.util.Map;

/** Builds the request of a branch without sending it. Implementations are thread-safe. */
public interface PlannedRequest {

    /** The type of authentication of the webhooks, or the destination of a custom one. */
    String type();

    /**
     * The data that would be written, as far as it is known without a call to the third party.
     *
     * @throws io.engagementwebhooks.webhook.template.BodyFault if the request cannot be built from this event
     */
    Map<String, Object> of(Delivery delivery);
}
