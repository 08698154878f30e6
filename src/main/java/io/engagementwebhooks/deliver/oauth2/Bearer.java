package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.Authentication;
import org.apache.camel.Exchange;

/** The bearer token of a delivery: its OAuth client, and its header on the request. */
final class Bearer {

    /** {@link Token}: the token of the request. */
    private static final String TOKEN = "webhookToken";

    private Bearer() {}

    static OAuthClient client(Delivery delivery) {
        return authentication(delivery).client();
    }

    static Authentication.OAuth2 authentication(Delivery delivery) {
        if (delivery.webhook().delivery().authentication().credentials() instanceof Authentication.OAuth2 oauth2) {
            return oauth2;
        }
        throw new IllegalStateException(delivery.webhook() + " is authenticated by " + delivery.authentication()
                + ", not by oauth2: the route chose the wrong branch");
    }

    static Token onRequest(Exchange exchange) {
        return exchange.getProperty(TOKEN, Token.class);
    }

    /** Puts a token on the request; the wait for it is not the receiver's time. */
    static void put(Exchange exchange, TokenSource.TimedToken timed) {
        Token token = timed.token();
        DeliveryContext.of(exchange).extendDeadline(timed.waited());
        DeliveryContext.authorize(
                exchange,
                OutgoingRequest.AUTHORIZATION,
                "Bearer " + token.value().reveal());
        exchange.setProperty(TOKEN, token);
    }
}
