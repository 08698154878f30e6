package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** What waits to be sent. */
@Described("What waits to be sent")
public interface Queues {

    @Described("Deliveries that wait, whenever they are due, of all instances")
    long getWaiting();

    @Described("Deliveries that are due now, as far as this instance knows")
    long getDue();

    @ReadOnly
    @Described("The webhooks with the most waiting deliveries of all instances, the deepest first, as account/webhook")
    Map<String, Long> deepest(@Described("how many") int limit);

    @ReadOnly
    @Described("How many deliveries of an account wait, by webhook")
    Map<String, Long> waiting(@Described("account") String account);
}
