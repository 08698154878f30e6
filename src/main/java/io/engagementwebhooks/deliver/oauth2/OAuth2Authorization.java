package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.ledger.AsyncStep;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step {@code authorize-by-oauth2}: sets a bearer token on the request. Without a token the attempt ends by a
 * {@link io.engagementwebhooks.deliver.judge.NothingSentException}, and the receiver is not called. The token request does
 * not use up the receiver's timeout. Thread-safe.
 *
 * @param resuming continues exchanges that waited for a token request
 */
public record OAuth2Authorization(TokenSource tokens, Resuming resuming) implements AsyncStep {

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        return resuming.whenDone(
                tokens.obtainTimed(Bearer.client(DeliveryContext.delivery(exchange))),
                (token, failure) -> authorize(exchange, token, failure),
                exchange,
                callback);
    }

    private static void authorize(Exchange exchange, TokenSource.TimedToken token, Throwable failure) {
        if (failure == null) {
            Bearer.put(exchange, token);
        } else {
            exchange.setException(failure);
        }
    }
}
