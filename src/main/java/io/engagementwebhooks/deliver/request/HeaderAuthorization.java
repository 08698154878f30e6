package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.webhook.auth.Authentication;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code authorize-by-header}: sets the webhook's Authorization header, or its API key in the header that the
 * receiver reads. The egress rules decide where it may be sent: https, or plain http to addresses that the operator
 * allowed. Thread-safe.
 */
public final class HeaderAuthorization implements Processor {

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Authentication credentials =
                delivery.webhook().delivery().authentication().credentials();
        if (credentials instanceof Authentication.Header header) {
            DeliveryContext.authorize(
                    exchange, OutgoingRequest.AUTHORIZATION, header.value().reveal());
            return;
        }
        if (credentials instanceof Authentication.ApiKey key) {
            DeliveryContext.authorize(exchange, key.header(), key.value().reveal());
            return;
        }
        throw new IllegalStateException(delivery.webhook() + " is authenticated by " + delivery.authentication()
                + ", by no header: the route chose the wrong branch");
    }
}
