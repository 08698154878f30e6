package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import org.apache.camel.Exchange;

/** Puts a due delivery into an exchange: what a delivery is to the routes is the deliver room's matter. */
public interface DeliveryLoader {

    /** @return whether there is something to do; if not, the exchange says why and goes straight to the record */
    boolean take(Exchange exchange, DueDelivery due);
}
