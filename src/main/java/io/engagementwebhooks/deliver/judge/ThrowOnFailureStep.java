package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.step.WebhookRef;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code throw-on-failure}, the last of the Kamelets that send. If the Kamelet names a webhook, it throws an
 * exception for a failure, and otherwise sets the event as body. A stored delivery keeps its outcome for the record
 * room. Thread-safe.
 */
public final class ThrowOnFailureStep implements Processor {

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
