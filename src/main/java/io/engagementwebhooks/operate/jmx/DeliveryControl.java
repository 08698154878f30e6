package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** Single deliveries, by the id that receivers see in {@code webhook-id}. */
@Described(
        "Single deliveries, by their id as in webhook-id. The audit log of the account lists changes as made by 'JMX'")
public interface DeliveryControl {

    @ReadOnly
    @Described("Status of a delivery, without payload")
    Map<String, String> show(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Retries a queued delivery now, even before its Retry-After; its retry schedule continues")
    Map<String, String> retryNow(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Replays a delivery with its id and a new retry schedule")
    Map<String, String> replay(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Cancels a queued delivery: it is not sent")
    Map<String, String> cancel(@Described("account") String account, @Described("delivery") String delivery);
}
