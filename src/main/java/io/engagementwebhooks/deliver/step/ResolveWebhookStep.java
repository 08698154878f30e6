package io.engagementwebhooks.deliver.step;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.ExchangeEnd;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;

/**
 * Step {@code resolve-webhook} of the Kamelets that send. If the Kamelet names a webhook, the message's event becomes a
 * delivery that is not stored and is sent once, whatever the webhook's event types, condition and state. Otherwise the
 * message is a delivery already. Thread-safe.
 *
 * @param webhooks finds a webhook of an account by its id or name
 * @param reader reads an event of an account
 */
public record ResolveWebhookStep(
        BiFunction<String, String, Optional<Webhook>> webhooks, BiFunction<String, byte[], Event> reader, Clock clock)
        implements Processor {

    @Override
    public void process(Exchange exchange) throws InvalidPayloadException {
        Optional<WebhookRef> named = WebhookRef.of(exchange);
        if (named.isPresent()) {
            begin(exchange, named.get().in(webhooks));
        } else if (DeliveryContext.delivery(exchange) == null) {
            throw new IllegalStateException("the message is no delivery; set 'account' and 'webhook', which send it");
        }
    }

    private void begin(Exchange exchange, Webhook webhook) throws InvalidPayloadException {
        Event event = event(exchange, webhook.account());
        Instant now = clock.instant();
        String id = UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
        Delivery delivery = new Delivery(id, webhook, event, null, 1, now);
        DeliveryContext context = DeliveryContext.beginTrial(exchange, delivery, now);
        // no record step follows that would release the lock
        ExchangeEnd.run(exchange, ended -> context.releaseRecordLock());
    }

    private Event event(Exchange exchange, String account) throws InvalidPayloadException {
        Object body = exchange.getMessage().getBody();
        Object one = body instanceof List<?> list && list.size() == 1 ? list.get(0) : body;
        if (one instanceof Event event) {
            if (!event.account().equals(account)) {
                throw new IllegalArgumentException(
                        "an event of account '" + event.account() + "' is not sent by a webhook of '" + account + "'");
            }
            return event;
        }
        if (one instanceof List<?> several) {
            throw new IllegalArgumentException(several.size() + " events in one message; split it, and send each");
        }
        return reader.apply(account, exchange.getMessage().getMandatoryBody(byte[].class));
    }
}
