package io.engagementwebhooks.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.SystemEvent;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the health of webhooks to their accounts as events of source {@value Event#OWN_SOURCE}. They are handled
 * like all events: a webhook that subscribes to {@code webhook.failing} or {@code webhook.*} gets them.
 *
 * <p>A system event is a row in the store until its event is stored. The event's id is derived from the row: published
 * twice, after a crash, it is a duplicate. Thread-safe.
 */
public final class SystemEventPublisher {

    /** The interval of {@link #publish}. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(SystemEventPublisher.class);
    private static final int AT_ONCE = 100;

    private final Store store;
    private final Outbox outbox;
    private final WebhookLookup webhooks;

    /**
     * @param outbox stores the events
     * @param webhooks finds their subscribers
     */
    public SystemEventPublisher(Store store, Outbox outbox, WebhookLookup webhooks) {
        this.store = store;
        this.outbox = outbox;
        this.webhooks = webhooks;
    }

    /** Publishes all unpublished system events; waits for the store. */
    public void publish() {
        for (SystemEvent notice : store.outcomes().notices(AT_ONCE)) {
            try {
                accept(event(notice));
            } catch (CompletionException e) {
                if (e.getCause() instanceof BudgetExceededException) {
                    // the account has no memory now: the next poll retries; other accounts continue
                    continue;
                }
                throw e;
            }
            LOG.warn(
                    "{} account={} webhook={} reason=\"{}\"",
                    notice.type().text(),
                    notice.webhook().account(),
                    notice.webhook().name(),
                    notice.reason());
            store.outcomes().published(notice.key()).toCompletableFuture().join();
        }
    }

    private void accept(Event event) {
        try {
            outbox.accept(webhooks.lookUp(List.of(event)).join())
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof IdentityReusedException)) {
                throw e;
            }
            LOG.debug("{} was published before, with other numbers", event);
        }
    }

    private Event event(SystemEvent notice) {
        String name = notice.webhook().name();
        ObjectNode data = EventJson.mapper().createObjectNode();
        data.put("webhook", name)
                .put("webhookId", notice.webhook().id())
                .put("reason", notice.reason())
                .put("since", notice.since().toString());
        if (notice.deliveries() != null) {
            data.put("deliveries", notice.deliveries());
        }
        data.put(
                "waiting",
                store.deliveries()
                        .waiting(notice.webhook().account(), List.of(notice.webhook()))
                        .getOrDefault(notice.webhook(), 0L));
        String id = notice.type().text() + ":" + notice.webhook().id() + ":" + occasion(notice);
        String subject = "webhook/" + name;
        ObjectNode document = EventJson.mapper().createObjectNode();
        document.put("specversion", "1.0")
                .put("id", id)
                .put("source", Event.OWN_SOURCE)
                .put("type", notice.type().text())
                .put("subject", subject)
                .put("time", notice.at().toString())
                .put("datacontenttype", "application/json")
                .set("data", data);
        return new Event(
                new EventIdentity(notice.webhook().account(), Event.OWN_SOURCE, id),
                notice.type().text(),
                subject,
                notice.at(),
                bytes(document),
                Sha256.of(bytes(data)));
    }

    /** The part of the id that limits expiring deliveries to one event a day; other events are unique. */
    private static String occasion(SystemEvent notice) {
        return notice.type() == SystemEvent.Type.EXPIRING
                ? LocalDate.ofInstant(notice.at(), ZoneOffset.UTC).toString()
                : Long.toString(notice.at().toEpochMilli());
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return EventJson.mapper().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }
}
