package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code renew-refused-token}, after each call of a receiver: where it refused the token, by a status that the
 * webhook lists (401 by default) or by {@code WWW-Authenticate}, puts another token on the request and sets {@link Progress#SEND_AGAIN}, once per attempt. The second call gets what is left of the first one's
 * time.
 *
 * <p>A receiver that refuses the new token too has another complaint: its webhook gets no new token for 30 s, doubling
 * to 10 min, until the receiver accepts one. So that receiver cannot make us hammer the token endpoint. Thread-safe.
 */
public final class OAuth2TokenRenewal implements Processor {

    private static final Duration FIRST_HOLD = Duration.ofSeconds(30);
    private static final Duration LONGEST_HOLD = Duration.ofMinutes(10);

    private final TokenSource tokens;
    private final Clock clock;
    private final Map<WebhookId, Backoff> holds = new ConcurrentHashMap<>();

    public OAuth2TokenRenewal(TokenSource tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        boolean second = exchange.getProperty(Progress.SEND_AGAIN, false, Boolean.class);
        exchange.setProperty(Progress.SEND_AGAIN, false);
        Delivery delivery = Progress.delivery(exchange);
        Answer answer = Progress.answer(exchange);
        if (Refusal.isOne(answer, Bearer.authentication(delivery).renewOn())) {
            refused(exchange, delivery, second);
        } else if (answer.status() >= 200 && answer.status() < 300) {
            holds.remove(delivery.webhook().id());
        }
    }

    private void refused(Exchange exchange, Delivery delivery, boolean second) {
        WebhookId webhook = delivery.webhook().id();
        if (second) {
            hold(exchange, webhook, "the new token was refused too");
        } else if (mayRenew(webhook)) {
            renew(exchange, delivery);
        }
    }

    private boolean mayRenew(WebhookId webhook) {
        Backoff hold = holds.get(webhook);
        return hold == null || hold.pause(clock.instant()).isEmpty();
    }

    private void renew(Exchange exchange, Delivery delivery) {
        Token refused = Bearer.onRequest(exchange);
        Instant start = clock.instant();
        try {
            Token renewed = tokens.tokenInsteadOf(refused, Bearer.client(delivery));
            if (renewed.value().equals(refused.value())) {
                hold(exchange, delivery.webhook().id(), "the token endpoint gave the refused token again");
                return;
            }
            OutgoingRequest request = Progress.request(exchange);
            request.postpone(Duration.between(start, clock.instant()));
            Bearer.put(exchange, renewed);
            exchange.setProperty(Progress.SEND_AGAIN, true);
        } catch (NothingSentException e) {
            exchange.setProperty(Progress.NOTE, "and no new token was to be had: " + e.getMessage());
        }
    }

    private void hold(Exchange exchange, WebhookId webhook, String note) {
        exchange.setProperty(Progress.NOTE, note);
        holds.computeIfAbsent(webhook, id -> new Backoff())
                .failed(clock.instant(), note, FIRST_HOLD, LONGEST_HOLD, Duration.ZERO);
    }
}
