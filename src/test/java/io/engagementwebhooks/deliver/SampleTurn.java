package io.engagementwebhooks.deliver;

import java.util.Set;
import org.apache.camel.Exchange;

/** A turn that an attempt has taken. */
public final class SampleTurn {

    private SampleTurn() {}

    public static void take(Exchange exchange, Runnable end) {
        DeliveryContext.of(exchange).recordLock(new RecordLock(Set.of(), end));
    }
}
