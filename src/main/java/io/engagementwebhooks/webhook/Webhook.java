package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A subscription made in the Engagement Builder: which events, on what condition, delivered how, and how often tried.
 * Immutable; its state (active, paused, disabled) is run-time and kept elsewhere.
 *
 * @param account the account it belongs to
 * @param name unique within the account
 * @param events the types it asks for
 * @param condition a jq program that must answer true, or empty: every event matches
 * @param delivery where to and how
 * @param retry the gaps between attempts
 * @param maxAge how old a delivery may get while it is not paused, counted from the event's acceptance
 * @param giveUpOn statuses of the receiver after which no further attempt is made, empty by default
 * @param breaker when it is disabled for failing, or empty: as the installation has it
 */
public record Webhook(
        String account,
        String name,
        EventTypes events,
        Optional<JqProgram> condition,
        DeliveryMethod delivery,
        RetrySchedule retry,
        Duration maxAge,
        Set<Integer> giveUpOn,
        Optional<Breaker> breaker) {

    public Webhook {
        Objects.requireNonNull(account);
        Objects.requireNonNull(name);
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
            String account,
            String name,
            EventTypes events,
            Optional<JqProgram> condition,
            DeliveryMethod delivery,
            RetrySchedule retry,
            Duration maxAge,
            Set<Integer> giveUpOn) {
        this(account, name, events, condition, delivery, retry, maxAge, giveUpOn, Optional.empty());
    }

    /** The same signed by all keys of its account, unless it names others. */
    public Webhook signedBy(List<SigningKey> keys) {
        Target signed = delivery.target().signedBy(keys);
        return signed == delivery.target()
                ? this
                : new Webhook(account, name, events, condition, delivery.to(signed), retry, maxAge, giveUpOn, breaker);
    }

    /** Account and name: what everything else refers to it by. */
    public WebhookId id() {
        return new WebhookId(account, name);
    }

    @Override
    public String toString() {
        return "webhook '" + name + "' of account '" + account + "'";
    }
}
