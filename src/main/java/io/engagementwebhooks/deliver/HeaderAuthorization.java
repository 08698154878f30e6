package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * Step {@code authorize-by-header}: the webhook's own value of the Authorization header, or its key in the
 * header that the receiver looks at. It leaves only where the egress
 * rules let the call leave: by https, or by plain http to addresses that an operator opened for it. Thread-safe.
 */
final class HeaderAuthorization implements Processor {

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Authentication credentials =
                delivery.webhook().delivery().authentication().credentials();
        if (credentials instanceof Authentication.Header header) {
            DeliveryContext.authorize(
                    exchange, HttpHeaders.AUTHORIZATION, header.value().reveal());
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
