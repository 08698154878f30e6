package io.engagementwebhooks.deliver.request;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.step.WebhookRef;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step {@code sign-message}: signs the message's body with the keys of the named webhook, for a route that sends it
 * elsewhere. An existing {@code webhook-id} stays, so that a resend is the same message. Thread-safe.
 *
 * @param webhooks finds a webhook of an account by its id or name
 * @param clock for the timestamp and the keys that sign
 */
public record WebhookSigning(BiFunction<String, String, Optional<Webhook>> webhooks, Clock clock) implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        Webhook webhook = WebhookRef.of(exchange)
                .orElseThrow(() -> new IllegalArgumentException("name the webhook whose keys sign"))
                .in(webhooks);
        if (!(webhook.delivery().target() instanceof Target.Http target)) {
            throw new IllegalArgumentException("webhook '" + webhook.name() + "' sends to no URL, and signs nothing");
        }
        Message message = exchange.getMessage();
        Instant now = clock.instant();
        byte[] body = message.getMandatoryBody(byte[].class);
        message.setBody(body);
        message.setHeader(
                Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class));
        RequestSigning.sign(
                message.getHeaders(),
                target.url(),
                target.method(),
                body,
                target.signing(),
                id(message, now),
                webhook.account(),
                now);
    }

    private static String id(Message message, Instant now) {
        String known = message.getHeader(WebhookSigner.ID, String.class);
        return known == null ? Delivery.MESSAGE_PREFIX + UlidCreator.getMonotonicUlid(now.toEpochMilli()) : known;
    }
}
