package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.jq.JqProgram;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A subscription made in the Engagement Builder: which events, on what condition, delivered how, and how often tried.
 * Immutable; its state (active, paused, disabled) is run-time and kept elsewhere.
 *
 * @param id account, immutable id and name; the name replaces the id until the store has assigned one
 * @param events the subscribed event types
 * @param condition a jq program that returns true for matching events, or empty: all match
 * @param delivery target and method
 * @param retry the retry schedule
 * @param maxAge the maximum age of a delivery from the event's acceptance, without paused time
 * @param giveUpOn statuses of the receiver after which no further attempt is made, empty by default
 * @param breaker when it is disabled for failing, or empty: the installation's default
 */
public record Webhook(
        WebhookId id,
        EventTypes events,
        Optional<JqProgram> condition,
        DeliveryMethod delivery,
        RetrySchedule retry,
        Duration maxAge,
        Set<Integer> giveUpOn,
        Optional<Breaker> breaker)
        implements OwnedResource {

    public Webhook {
        Objects.requireNonNull(id);
        Objects.requireNonNull(events);
        Objects.requireNonNull(condition);
        Objects.requireNonNull(delivery);
        Objects.requireNonNull(retry);
        Objects.requireNonNull(maxAge);
        Objects.requireNonNull(breaker);
        giveUpOn = Set.copyOf(giveUpOn);
    }

    /** A webhook with the installation's default breaker. */
    public Webhook(
            WebhookId id,
            EventTypes events,
            Optional<JqProgram> condition,
            DeliveryMethod delivery,
            RetrySchedule retry,
            Duration maxAge,
            Set<Integer> giveUpOn) {
        this(id, events, condition, delivery, retry, maxAge, giveUpOn, Optional.empty());
    }

    /** A copy signed by all keys of its account, unless the webhook selects its keys. */
    public Webhook signedBy(List<SigningKey> keys) {
        Target signed = delivery.target().signedBy(keys);
        return signed == delivery.target()
                ? this
                : new Webhook(id, events, condition, delivery.to(signed), retry, maxAge, giveUpOn, breaker);
    }

    /** The same webhook with the id that the store has assigned to it. */
    public Webhook identified(String assigned) {
        WebhookId identity = new WebhookId(account(), assigned, name());
        return new Webhook(identity, events, condition, delivery, retry, maxAge, giveUpOn, breaker);
    }

    /** The account it belongs to. */
    @Override
    public String account() {
        return id.account();
    }

    @Override
    public String name() {
        return id.name();
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.WEBHOOK;
    }

    @Override
    public String toString() {
        return "webhook '" + name() + "' of account '" + account() + "'";
    }
}
