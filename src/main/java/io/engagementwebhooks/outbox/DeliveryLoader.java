package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.DueDelivery;
import org.apache.camel.Exchange;

/** Loads a due delivery into an exchange. Implemented by package {@code deliver}. */
public interface DeliveryLoader {

    /** @return false: there is nothing to send; the exchange says why and is recorded */
    boolean load(Exchange exchange, DueDelivery due);
}
