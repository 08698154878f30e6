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
 * @param id its account, the id that never changes, and its name; its name stands for the id until the store has assigned one
 * @param events the types it asks for
 * @param condition a jq program that must answer true, or empty: every event matches
 * @param delivery where to and how
 * @param retry the gaps between attempts
 * @param maxAge how old a delivery may get while it is not paused, counted from the event's acceptance
 * @param giveUpOn statuses of the receiver after which no further attempt is made, empty by default
 * @param breaker when it is disabled for failing, or empty: as the installation has it
 */
public record Webhook(
        WebhookId id,
        EventTypes events,
        Optional<JqProgram> condition,
        DeliveryMethod delivery,
        RetrySchedule retry,
        Duration maxAge,
        Set<Integer> giveUpOn,
        Optional<Breaker> breaker) {

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

    /** One that is disabled for failing when others of its installation are. */
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

    /** The same signed by all keys of its account, unless it names others. */
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
    public String account() {
        return id.account();
    }

    /** Unique within the account. */
    public String name() {
        return id.name();
    }

    @Override
    public String toString() {
        return "webhook '" + name() + "' of account '" + account() + "'";
    }
}
