package io.engagementwebhooks.ledger;

import org.apache.camel.Exchange;
import org.apache.camel.spi.Synchronization;

/** Code that runs at the end of an exchange, whether it succeeded or failed. */
@FunctionalInterface
public interface ExchangeEnd extends Synchronization {

    void ended(Exchange exchange);

    @Override
    default void onComplete(Exchange exchange) {
        ended(exchange);
    }

    @Override
    default void onFailure(Exchange exchange) {
        ended(exchange);
    }

    /** Runs code at the end of an exchange. */
    static void run(Exchange exchange, ExchangeEnd code) {
        exchange.getExchangeExtension().addOnCompletion(code);
    }
}
