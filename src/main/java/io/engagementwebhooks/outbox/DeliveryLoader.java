package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import org.apache.camel.Exchange;

/** Loads a due delivery into an exchange; the deliver room implements it. */
public interface DeliveryLoader {

    /** @return whether there is something to do; if not, the exchange says why and goes straight to the record */
    boolean take(Exchange exchange, DueDelivery due);
}
