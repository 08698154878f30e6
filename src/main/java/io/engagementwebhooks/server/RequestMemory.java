package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.Reservation;
import org.apache.camel.Exchange;

/** Memory that is reserved for a request from its body's first byte until it is answered. Stateless. */
public final class RequestMemory {

    private static final String PROPERTY = "webhooksRequestMemory";

    private RequestMemory() {}

    /** From now on the request holds a reservation, which whoever made it closes. */
    static void hold(Exchange exchange, Reservation reservation) {
        exchange.setProperty(PROPERTY, reservation);
    }

    /**
     * Reserves more for the rest of the request; nothing where none is held, as for records of Kafka.
     *
     * @throws io.engagementwebhooks.ledger.BudgetExceededException if the account has no more at the moment
     */
    public static void grow(Exchange exchange, long bytes) {
        Reservation held = exchange.getProperty(PROPERTY, Reservation.class);
        if (held != null) {
            held.grow(bytes);
        }
    }
}
