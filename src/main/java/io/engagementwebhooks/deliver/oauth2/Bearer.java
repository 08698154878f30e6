package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.OAuthClient;
import org.apache.camel.Exchange;

/** What the OAuth2 steps share: whose token a delivery needs, and how it is put on the request. */
final class Bearer {

    /** {@link Token}: the one on the request. */
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

    static void put(Exchange exchange, Token token) {
        OutgoingRequest request = Progress.request(exchange);
        request.header("Authorization", "Bearer " + token.value().reveal());
        exchange.setProperty(TOKEN, token);
    }
}
