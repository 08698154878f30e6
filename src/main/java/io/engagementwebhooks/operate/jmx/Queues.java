package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** Queued deliveries. */
@Described("Queued deliveries")
public interface Queues {

    @Described("Pending deliveries of all instances, due or not")
    long getPending();

    @Described("Deliveries due now, as known to this instance")
    long getDue();

    @ReadOnly
    @Described("The webhooks with the most pending deliveries of all instances, largest first, as account/webhook")
    Map<String, Long> largest(@Described("limit") int limit);

    @ReadOnly
    @Described("Pending deliveries of an account by webhook; 10000: that many or more")
    Map<String, Long> pending(@Described("account") String account);
}
