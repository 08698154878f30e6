package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code authorize-by-oauth2}: puts a bearer token on the request. Where none is to be had the try ends, without
 * calling the receiver, by a {@link io.engagementwebhooks.deliver.NothingSentException}. The time a token takes is not
 * the receiver's. Thread-safe.
 */
public final class OAuth2Authorization implements Processor {

    private final TokenSource tokens;
    private final Clock clock;

    public OAuth2Authorization(TokenSource tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Instant start = clock.instant();
        Token token = tokens.token(Bearer.client(Progress.delivery(exchange)));
        Progress.request(exchange).postpone(Duration.between(start, clock.instant()));
        Bearer.put(exchange, token);
    }
}
