package io.engagementwebhooks.ingest;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.WaitFor;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code look-up-webhooks}: each event is joined by one delivery for every webhook that asks for it, by account,
 * event type and condition. A condition that fails makes a skipped delivery, so that its owner sees why. Thread-safe.
 */
public final class WebhookLookup implements Processor {

    private final Supplier<SetUp> setUp;
    private final Clock clock;

    public WebhookLookup(Supplier<SetUp> setUp, Clock clock) {
        this.setUp = setUp;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        List<?> events = exchange.getIn().getBody(List.class);
        List<Intake> intakes = new ArrayList<>(events.size());
        for (Object event : events) {
            intakes.add(lookUp((Event) event));
        }
        exchange.getIn().setBody(intakes);
    }

    /** The event with its deliveries. */
    public Intake lookUp(Event event) {
        List<NewDelivery> deliveries = new ArrayList<>();
        Instant now = clock.instant();
        for (Webhook webhook : matching(event)) {
            try {
                if (webhook.condition().isEmpty() || webhook.condition().get().test(event.tree())) {
                    deliveries.add(waiting(webhook, event, now));
                }
            } catch (BodyFault e) {
                deliveries.add(skipped(webhook, "condition failed: " + e.getMessage(), now));
            }
        }
        return new Intake(event, deliveries, brings(event));
    }

    /** What an event brings that webhooks of its account wait for, whether it comes before or after what waits. */
    private Set<String> brings(Event event) {
        Set<String> awaited = setUp.get().awaited(event.account());
        if (awaited.isEmpty() || event.subject() == null) {
            return Set.of();
        }
        return awaited.stream()
                .filter(field -> FieldPath.isPresent(event.tree(), field))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Of the product's own events a webhook gets those that it asks for by name or prefix, not by {@code *}, and none
     * about itself: one that fails cannot be told so by itself.
     */
    private List<Webhook> matching(Event event) {
        List<Webhook> matching = setUp.get().matching(event.account(), event.type());
        if (!event.isOurs()) {
            return matching;
        }
        return matching.stream()
                .filter(webhook -> webhook.events().matchByName(event.type()))
                .filter(webhook -> !subject(webhook.name()).equals(event.subject()))
                .toList();
    }

    /** The subject of the product's own events about a webhook. */
    static String subject(String webhook) {
        return "webhook/" + webhook;
    }

    private static NewDelivery waiting(Webhook webhook, Event event, Instant now) {
        Optional<WaitFor> wait = webhook.delivery().waitFor();
        if (wait.isEmpty() || FieldPath.isPresent(event.tree(), wait.get().field())) {
            return new NewDelivery(id(now), webhook.id(), null, now, now, null, fifoKey(webhook, event));
        }
        Instant dueAt = now.plus(wait.get().atMost());
        return new NewDelivery(
                id(now), webhook.id(), null, now, dueAt, wait.get().field());
    }

    /** What must not overtake others of its webhook is told by this; null: it may. */
    private static String fifoKey(Webhook webhook, Event event) {
        return webhook.delivery()
                .fifo()
                .flatMap(fifo -> fifo.valueIn(event.tree()))
                .map(value -> FifoTurn.key(webhook.id(), value))
                .orElse(null);
    }

    private static NewDelivery skipped(Webhook webhook, String why, Instant now) {
        return new NewDelivery(id(now), webhook.id(), why, now, now, null);
    }

    private static String id(Instant now) {
        return UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
    }
}
