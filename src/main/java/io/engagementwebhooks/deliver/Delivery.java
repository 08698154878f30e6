package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.request.MergedEvent;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Instant;
import java.util.Objects;

/**
 * One event for one webhook, in one attempt; the message body in the deliver routes. Immutable; its state is in the
 * {@link DeliveryContext}.
 *
 * @param id a ULID
 * @param webhook the webhook as it is defined now
 * @param event the event
 * @param later the later event with the field that this delivery waited for, or null
 * @param attempt the number of this attempt, from 1
 * @param base attempts made before the last replay; the retry schedule restarts there
 * @param dueAt when it was due, or null: it is not stored
 * @param expiresAt when it is too old for a retry
 * @param unsentSince since when nothing could be sent, for example for lack of a token, or null
 * @param fifo how the next delivery of the FIFO queue follows, or null without FIFO
 */
public record Delivery(
        String id,
        Webhook webhook,
        Event event,
        Event later,
        int attempt,
        int base,
        Instant dueAt,
        Instant expiresAt,
        Instant unsentSince,
        FifoSuccession fifo) {

    /** The prefix of {@code webhook-id}. */
    public static final String MESSAGE_PREFIX = "msg_";

    public Delivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(expiresAt);
    }

    /** A delivery without FIFO of which every attempt was sent. */
    public Delivery(String id, Webhook webhook, Event event, Event later, int attempt, int base, Instant expiresAt) {
        this(id, webhook, event, later, attempt, base, null, expiresAt, null, null);
    }

    /** A first attempt, whose maximum age counts from acceptance. */
    public Delivery(String id, Webhook webhook, Event event, Event later, int attempt, Instant acceptedAt) {
        this(id, webhook, event, later, attempt, 0, acceptedAt.plus(webhook.maxAge()));
    }

    /** The {@code webhook-id}: the same on every attempt and replay, so that receivers can drop duplicates. */
    public String messageId() {
        return MESSAGE_PREFIX + id;
    }

    /** Selects the branch of the deliver route: none, header, oauth2, salesforce, contentsquare or custom. */
    public String authentication() {
        return webhook.delivery().authentication().type();
    }

    /**
     * The HTTP receiver.
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
     * The JSON that templates, macros and programs read: the event, merged with the later one if there is one. Reserves
     * the memory of the tree in this thread's {@link Evaluation}.
     */
    public JsonNode content() {
        long size = EventJson.treeBound(event.document());
        Evaluation.use(size);
        if (later == null) {
            return event.tree();
        }
        // both trees, and a copy of the first
        Evaluation.use(size + 2 * EventJson.treeBound(later.document()));
        return MergedEvent.of(event.tree(), later.tree());
    }

    @Override
    public String toString() {
        return "delivery " + id;
    }
}
