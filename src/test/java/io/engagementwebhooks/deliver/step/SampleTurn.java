package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.DeliveryContext;
import java.util.Set;
import org.apache.camel.Exchange;

/** A record lock that an attempt holds. */
public final class SampleTurn {

    private SampleTurn() {}

    public static void take(Exchange exchange, Runnable end) {
        DeliveryContext.of(exchange).recordLock(new RecordLock(Set.of(), end::run));
    }
}
