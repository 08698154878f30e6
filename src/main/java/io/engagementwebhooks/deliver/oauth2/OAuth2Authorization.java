package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.step.StepWait;
import io.engagementwebhooks.ledger.AsyncStep;
import java.time.Duration;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step {@code authorize-by-oauth2}: sets a bearer token on the request. Without a token the attempt ends by a
 * {@link io.engagementwebhooks.deliver.judge.NothingSentException}, and the receiver is not called. The token request does
 * not use up the receiver's timeout. Thread-safe.
 */
public final class OAuth2Authorization implements AsyncStep {

    private final TokenSource tokens;
    private final StepWait wait;

    /** @param wait waits for a token request */
    public OAuth2Authorization(TokenSource tokens, StepWait wait) {
        this.tokens = tokens;
        this.wait = wait;
    }

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        return wait.whenDone(
                () -> tokens.obtain(Bearer.client(DeliveryContext.delivery(exchange))),
                tokens.patience(),
                tokens::tooLong,
                (token, failure, waited) -> authorize(exchange, token, failure, waited),
                exchange,
                callback);
    }

    private static void authorize(Exchange exchange, Token token, Throwable failure, Duration waited) {
        if (failure != null) {
            exchange.setException(failure);
            return;
        }
        DeliveryContext.of(exchange).extendDeadline(waited);
        Bearer.put(exchange, token);
    }
}
