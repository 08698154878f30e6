package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.credential.Backoffs;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.MessageRequest;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.ledger.AsyncStep;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Step {@code renew-refused-token}, after each call of a receiver. If the receiver refused the token, by a status that
 * the webhook lists (401 by default) or by {@code WWW-Authenticate}, it puts the signed request with a new token on the
 * message and sets {@link DeliveryContext#SEND_AGAIN}. At most once per attempt; the second call gets the remaining
 * time.
 *
 * <p>If the receiver refuses the new token too, its webhook gets no new token for 30 s, doubling to 10 min, until the
 * receiver accepts one. Ten minutes after a pause it is forgotten. This protects the token endpoint. Thread-safe.
 */
public final class OAuth2TokenRenewal implements AsyncStep {

    private final TokenSource tokens;
    private final Clock clock;
    private final Resuming resuming;
    private final Backoffs<WebhookId> holds = new Backoffs<>(BackoffSchedule.NEW_TOKEN_REFUSED.longest());

    /** @param resuming continues exchanges that waited for a new token */
    public OAuth2TokenRenewal(TokenSource tokens, Clock clock, Resuming resuming) {
        this.tokens = tokens;
        this.clock = clock;
        this.resuming = resuming;
    }

    @Override
    public boolean begin(Exchange exchange, AsyncCallback callback) {
        boolean second = exchange.getProperty(DeliveryContext.SEND_AGAIN, false, Boolean.class);
        exchange.setProperty(DeliveryContext.SEND_AGAIN, false);
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        Answer answer = context.answer();
        if (Refusal.isOne(answer, Bearer.authentication(delivery).renewOn())) {
            WebhookId webhook = delivery.webhook().id();
            if (second) {
                hold(exchange, webhook, "the new token was refused too");
            } else if (holds.pause(webhook, clock.instant()).isEmpty()) {
                return renew(exchange, delivery, callback);
            }
        } else if (answer.status() >= 200 && answer.status() < 300) {
            holds.succeeded(delivery.webhook().id());
        }
        return true;
    }

    private boolean renew(Exchange exchange, Delivery delivery, AsyncCallback callback) {
        Token refused = Bearer.onRequest(exchange);
        return resuming.whenDone(
                tokens.obtainTimedInsteadOf(refused, Bearer.client(delivery)),
                (token, failure) -> renewed(exchange, refused, token, failure),
                exchange,
                callback);
    }

    private void renewed(Exchange exchange, Token refused, TokenSource.TimedToken renewed, Throwable failure) {
        DeliveryContext context = DeliveryContext.of(exchange);
        if (failure != null) {
            context.note("and no new token could be fetched: " + failure.getMessage());
        } else if (renewed.token().value().equals(refused.value())) {
            hold(exchange, context.delivery().webhook().id(), "the token endpoint gave the refused token again");
        } else {
            MessageRequest.putAgain(exchange);
            Bearer.put(exchange, renewed);
            exchange.setProperty(DeliveryContext.SEND_AGAIN, true);
        }
    }

    private void hold(Exchange exchange, WebhookId webhook, String note) {
        DeliveryContext.of(exchange).note(note);
        holds.failed(webhook, clock.instant(), note, BackoffSchedule.NEW_TOKEN_REFUSED, Duration.ZERO);
    }
}
