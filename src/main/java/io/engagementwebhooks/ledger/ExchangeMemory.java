package io.engagementwebhooks.ledger;

import org.apache.camel.Exchange;

/** The memory reservation of an exchange, such as for a request's body. Stateless. */
public final class ExchangeMemory {

    private static final String PROPERTY = "webhooksMemory";

    private ExchangeMemory() {}

    /** Attaches a reservation to an exchange. Its creator closes it. */
    public static void attach(Exchange exchange, Reservation reservation) {
        exchange.setProperty(PROPERTY, reservation);
    }

    /**
     * Reserves more memory for the exchange; does nothing without a reservation.
     *
     * @throws BudgetExceededException if the account has no memory left now
     */
    public static void grow(Exchange exchange, long bytes) {
        Reservation held = exchange.getProperty(PROPERTY, Reservation.class);
        if (held != null) {
            held.grow(bytes);
        }
    }
}
