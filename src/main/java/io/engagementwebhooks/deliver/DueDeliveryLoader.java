package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.judge.MissingRoute;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.outbox.DeliveryLoader;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;

/**
 * Builds the message of a due delivery from its row and the current definition of its webhook.
 *
 * @param webhooks finds a webhook by id, as defined now
 * @param destinations the accounts that may use each custom destination
 * @param outbox for how long a webhook has been paused
 */
public record DueDeliveryLoader(
        Function<WebhookId, Optional<Webhook>> webhooks, OwnDestinations destinations, Outbox outbox, Clock clock)
        implements DeliveryLoader {

    /** Retry delay while the webhook is unknown, as during a change of the configuration. */
    private static final Duration UNDEFINED_RETRY = Duration.ofSeconds(1);

    @Override
    public boolean load(Exchange exchange, DueDelivery row) {
        Instant now = clock.instant();
        Optional<Webhook> webhook = webhooks.apply(row.webhook());
        if (webhook.isEmpty()) {
            DeliveryContext.end(
                    exchange,
                    new Outcome.NotSent("the webhook is not defined at the moment", now.plus(UNDEFINED_RETRY)));
            return false;
        }
        Delivery delivery = new Delivery(
                row.id(),
                webhook.get(),
                row.event(),
                row.laterEvent(),
                row.attempts() + 1,
                row.attemptsBeforeReplay(),
                row.dueAt(),
                expiry(row, webhook.get()),
                row.unsentSince(),
                fifo(row, webhook.get()));
        DeliveryContext.begin(exchange, delivery, now);
        Optional<String> refusal = destinations.refusal(webhook.get());
        refusal.ifPresent(why -> DeliveryContext.end(exchange, MissingRoute.notOpen(why, delivery, now)));
        return refusal.isEmpty();
    }

    /** If FIFO was turned off, the next delivery follows as soon as this one fails. */
    private static FifoSuccession fifo(DueDelivery row, Webhook webhook) {
        if (row.fifoKey() == null) {
            return null;
        }
        Optional<Fifo> fifo = webhook.delivery().fifo();
        Duration skipAfter =
                fifo.isEmpty() ? Duration.ZERO : fifo.get().skipAfter().orElse(null);
        return new FifoSuccession(row.fifoKey(), skipAfter);
    }

    /** The maximum age does not count time in which the webhook was paused. */
    private Instant expiry(DueDelivery row, Webhook webhook) {
        Duration paused = outbox.pausedTotal(row.webhook()).minus(row.pausedBefore());
        return row.startedAt().plus(webhook.maxAge()).plus(paused);
    }
}
