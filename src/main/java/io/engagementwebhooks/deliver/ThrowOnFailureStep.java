package io.engagementwebhooks.deliver;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code throw-on-failure}, the last of the Kamelets that send. A delivery keeps its outcome for the record room; who
 * named a webhook, and has no record, gets an exception for a failure, and otherwise the event as the body.
 * Thread-safe.
 */
final class ThrowOnFailureStep implements Processor {

    @Override
    public void process(Exchange exchange) throws NotDeliveredException {
        if (WebhookRef.of(exchange).isEmpty()) {
            return;
        }
        Delivery delivery = DeliveryContext.delivery(exchange);
        Outcome outcome = DeliveryContext.outcome(exchange);
        if (!(outcome instanceof Outcome.Delivered) && !(outcome instanceof Outcome.Skipped)) {
            throw new NotDeliveredException(delivery, outcome);
        }
        exchange.getMessage().setBody(delivery.event());
    }
}
