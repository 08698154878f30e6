package io.engagementwebhooks.ledger;

import org.apache.camel.Exchange;

/** Memory that is reserved for an exchange until it ends: a request's body, the body of an attempt. Stateless. */
public final class ExchangeMemory {

    private static final String PROPERTY = "webhooksMemory";

    private ExchangeMemory() {}

    /** The exchange holds a reservation from now on, which its maker closes. */
    public static void hold(Exchange exchange, Reservation reservation) {
        exchange.setProperty(PROPERTY, reservation);
    }

    /**
     * Reserves more for the rest of the exchange; does nothing where it holds no reservation.
     *
     * @throws BudgetExceededException if the account has no more at the moment
     */
    public static void grow(Exchange exchange, long bytes) {
        Reservation held = exchange.getProperty(PROPERTY, Reservation.class);
        if (held != null) {
            held.grow(bytes);
        }
    }
}
