package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.NameWait;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.OAuthClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Step {@code authorize-by-oauth2}: puts a bearer token on the request. Where none is to be had the try ends, without
 * calling the receiver, by a {@link io.engagementwebhooks.deliver.NothingSentException}. The time a token takes is not
 * the receiver's. Thread-safe.
 */
public final class OAuth2Authorization extends AsyncProcessorSupport {

    private final TokenSource tokens;
    private final Clock clock;
    private final NameWait wait;

    /** One that waits for no name. */
    public OAuth2Authorization(TokenSource tokens, Clock clock) {
        this(tokens, clock, NameWait.NONE);
    }

    /** @param wait for the address of a token endpoint that is about to be asked */
    public OAuth2Authorization(TokenSource tokens, Clock clock, NameWait wait) {
        this.tokens = tokens;
        this.clock = clock;
        this.wait = wait;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Instant start = clock.instant();
            OAuthClient client = Bearer.client(Progress.delivery(exchange));
            if (!tokens.asksFor(client)) {
                authorize(exchange, client, start);
                callback.done(true);
                return true;
            }
            return wait.before(
                    (waiting, lookup) -> authorize(waiting, client, start),
                    client.tokenUrl(),
                    TokenEndpoint.TIMEOUT,
                    exchange,
                    callback);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private void authorize(Exchange exchange, OAuthClient client, Instant start) {
        Token token = tokens.token(client);
        Progress.request(exchange).postpone(Duration.between(start, clock.instant()));
        Bearer.put(exchange, token);
    }
}
