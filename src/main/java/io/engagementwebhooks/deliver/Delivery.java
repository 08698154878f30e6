package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.store.FifoSuccession;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Instant;
import java.util.Objects;

/**
 * One event for one webhook, in an attempt: the body of the message in the deliver routes. Immutable; what
 * happens to it is kept in its {@link DeliveryContext}.
 *
 * @param id a ULID
 * @param webhook the webhook as it is defined now
 * @param event the event
 * @param later the later event that brought the field this delivery waited for, or null
 * @param attempt the number of this attempt, from 1
 * @param base attempts made before the last replay; the retry schedule restarts there
 * @param expiresAt when it is too old to be tried again
 * @param unsentSince since when its attempts have sent nothing, for lack of a token for example, or null
 * @param fifo what its end means for those behind it, or null: none waits for it
 */
public record Delivery(
        String id,
        Webhook webhook,
        Event event,
        Event later,
        int attempt,
        int base,
        Instant expiresAt,
        Instant unsentSince,
        FifoSuccession fifo) {

    /** What {@code webhook-id} starts with. */
    public static final String MESSAGE_PREFIX = "msg_";

    public Delivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(expiresAt);
    }

    /** One of which nothing was kept from being sent. */
    public Delivery(String id, Webhook webhook, Event event, Event later, int attempt, int base, Instant expiresAt) {
        this(id, webhook, event, later, attempt, base, expiresAt, null, null);
    }

    /** A first attempt, for which the age limit counts from its acceptance. */
    public Delivery(String id, Webhook webhook, Event event, Event later, int attempt, Instant acceptedAt) {
        this(id, webhook, event, later, attempt, 0, acceptedAt.plus(webhook.maxAge()));
    }

    /** The same on every attempt and on replay; receivers drop duplicates by it. */
    public String messageId() {
        return MESSAGE_PREFIX + id;
    }

    /** Which branch of the deliver route it takes: none, header, oauth2, salesforce, contentsquare. */
    public String authentication() {
        return webhook.delivery().authentication().type();
    }

    /**
     * The HTTP receiver that it goes to.
     *
     * @throws IllegalStateException if the webhook has another kind of target
     */
    public Target.Http receiver() {
        if (webhook.delivery().target() instanceof Target.Http http) {
            return http;
        }
        throw new IllegalStateException(webhook + " delivers to no URL: the route chose the wrong branch");
    }

    /**
     * What bodies, macros and programs read: the event, completed by the later one where there is one. Its tree is memory of
     * the {@link Evaluation} on this thread.
     */
    public JsonNode content() {
        long size = EventJson.treeBound(event.document());
        Evaluation.use(size);
        if (later == null) {
            return event.tree();
        }
        // both are read, and the first is copied
        Evaluation.use(size + 2 * EventJson.treeBound(later.document()));
        return MergedEvent.of(event.tree(), later.tree());
    }

    @Override
    public String toString() {
        return "delivery " + id;
    }
}
