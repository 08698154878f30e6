package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** Single deliveries, by the id that receivers see in {@code webhook-id}. */
@Described(
        "Single deliveries, by their id as in webhook-id. What is changed here stands in the account's audit log as done"
                + " by 'JMX'")
public interface DeliveryControl {

    @ReadOnly
    @Described("How a delivery stands; no payload")
    Map<String, String> show(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Tries a waiting delivery now, whatever its receiver asked for; its schedule goes on from where it is")
    Map<String, String> retryNow(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Sends a delivery again, as if it were new, with its id")
    Map<String, String> replay(@Described("account") String account, @Described("delivery") String delivery);

    @Described("Discards a waiting delivery: it is not sent")
    Map<String, String> discard(@Described("account") String account, @Described("delivery") String delivery);
}
