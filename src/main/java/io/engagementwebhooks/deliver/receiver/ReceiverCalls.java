package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.step.Resuming;

/**
 * What {@link ReceiverProducer} calls receivers with.
 *
 * @param validation asks receivers for permission
 * @param resuming continues routes off the event loop
 */
public record ReceiverCalls(
        EgressClient egress,
        FencingCheck fencingCheck,
        RequestListener listener,
        ReceiverValidation validation,
        Resuming resuming) {

    /** Notified right before the first byte of requests of webhooks that may have a rate limit. */
    public interface RequestListener {

        /** @param isFirst whether it is the first request of its attempt */
        void requestBegins(String delivery, boolean isFirst);
    }
}
