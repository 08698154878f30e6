package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.IdentityReusedException;
import io.engagementwebhooks.store.accept.SystemEvent;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the health of webhooks to their accounts as events of source {@value Event#SYSTEM_SOURCE}. They are handled
 * like all events: a webhook that subscribes to {@code webhook.failing} or {@code webhook.*} gets them.
 *
 * <p>A system event is a row in the store until its event is stored. The event's id is derived from the row: published
 * twice, after a crash, it is a duplicate. Thread-safe.
 *
 * @param outbox stores the events
 * @param webhooks finds their subscribers
 */
public record SystemEventPublisher(Store store, Outbox outbox, WebhookLookup webhooks) {

    /** The interval of {@link #publish}. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(SystemEventPublisher.class);
    private static final int MAX_PER_POLL = 100;

    /** Publishes all unpublished system events; waits for the store. */
    public void publish() {
        for (SystemEvent systemEvent : store.outcomes().unpublishedSystemEvents(MAX_PER_POLL)) {
            try {
                accept(event(systemEvent));
            } catch (CompletionException e) {
                if (e.getCause() instanceof BudgetExceededException) {
                    // the account has no memory now: the next poll retries; other accounts continue
                    continue;
                }
                throw e;
            }
            LOG.warn(
                    "{} account={} webhook={} reason=\"{}\"",
                    systemEvent.type().text(),
                    systemEvent.webhook().account(),
                    systemEvent.webhook().name(),
                    systemEvent.reason());
            store.outcomes()
                    .removeSystemEvent(systemEvent.key())
                    .toCompletableFuture()
                    .join();
        }
    }

    private void accept(Event event) {
        try {
            outbox.acceptance()
                    .accept(webhooks.lookUp(List.of(event)).join())
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof IdentityReusedException)) {
                throw e;
            }
            LOG.debug("{} was published before, with other numbers", event);
        }
    }

    private Event event(SystemEvent systemEvent) {
        String name = systemEvent.webhook().name();
        ObjectNode data = EventJson.mapper().createObjectNode();
        data.put("webhook", name)
                .put("webhookId", systemEvent.webhook().id())
                .put("reason", systemEvent.reason())
                .put("since", systemEvent.since().toString());
        if (systemEvent.deliveries() != null) {
            data.put("deliveries", systemEvent.deliveries());
        }
        data.put(
                "waiting",
                store.backlogs().pendingCounts(List.of(systemEvent.webhook())).getOrDefault(systemEvent.webhook(), 0L));
        String id = systemEvent.type().text() + ":" + systemEvent.webhook().id() + ":" + uniqueSuffix(systemEvent);
        String subject = "webhook/" + name;
        ObjectNode document = EventJson.mapper().createObjectNode();
        document.put("specversion", "1.0")
                .put("id", id)
                .put("source", Event.SYSTEM_SOURCE)
                .put("type", systemEvent.type().text())
                .put("subject", subject)
                .put("time", systemEvent.at().toString())
                .put("datacontenttype", "application/json")
                .set("data", data);
        return new Event(
                new EventIdentity(systemEvent.webhook().account(), Event.SYSTEM_SOURCE, id),
                systemEvent.type().text(),
                subject,
                systemEvent.at(),
                bytes(document),
                Sha256.of(bytes(data)));
    }

    /** The part of the id that limits expiring deliveries to one event a day; other events are unique. */
    private static String uniqueSuffix(SystemEvent systemEvent) {
        return systemEvent.type() == SystemEvent.Type.EXPIRING
                ? LocalDate.ofInstant(systemEvent.at(), ZoneOffset.UTC).toString()
                : Long.toString(systemEvent.at().toEpochMilli());
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return EventJson.mapper().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }
}
