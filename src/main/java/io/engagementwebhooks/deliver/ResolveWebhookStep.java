package io.engagementwebhooks.deliver;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Step {@code resolve-webhook} of the Kamelets that send. Where a webhook is named, the message's event becomes a delivery
 * for it that no store knows: it is sent once, whatever the webhook's types, condition and state. Where none is named,
 * the message is a delivery already, and stays as it is. Thread-safe.
 */
public final class ResolveWebhookStep implements Processor {

    private final BiFunction<String, String, Optional<Webhook>> webhooks;
    private final BiFunction<String, byte[], Event> reader;
    private final Clock clock;

    /**
     * @param webhooks finds a webhook of an account by its id or name
     * @param reader reads an event of an account
     * @param clock now
     */
    public ResolveWebhookStep(
            BiFunction<String, String, Optional<Webhook>> webhooks,
            BiFunction<String, byte[], Event> reader,
            Clock clock) {
        this.webhooks = webhooks;
        this.reader = reader;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws InvalidPayloadException {
        Optional<WebhookRef> named = WebhookRef.of(exchange);
        if (named.isPresent()) {
            begin(exchange, named.get().in(webhooks));
        } else if (DeliveryContext.delivery(exchange) == null) {
            throw new IllegalStateException(
                    "no delivery comes here; give 'account' and 'webhook', by which it is sent");
        }
    }

    private void begin(Exchange exchange, Webhook webhook) throws InvalidPayloadException {
        Event event = event(exchange, webhook.account());
        Instant now = clock.instant();
        String id = UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
        Delivery delivery = new Delivery(id, webhook, event, null, 1, now);
        DeliveryContext context = DeliveryContext.beginTrial(exchange, delivery, now);
        // no record step follows, which would release the lock
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                context.endTurn();
            }
        });
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
            throw new IllegalArgumentException(several.size() + " events came at once; split them, and send each");
        }
        return reader.apply(account, exchange.getMessage().getMandatoryBody(byte[].class));
    }
}
