package io.engagementwebhooks.outbox;

import java.time.Instant;

/** What a delivery waits for (semantics 43). No time in it lies in the past when it is made. */
public sealed interface WaitingFor {

    /** When it is tried next at the earliest; null: that is not known. */
    default Instant until() {
        return null;
    }

    /** It is tried again by its schedule. */
    record Retry(Instant until) implements WaitingFor {}

    /**
     * A later event of its subject is to bring a field.
     *
     * @param name of the field
     * @param until the delivery is sent without the field then
     */
    record Field(String name, Instant until) implements WaitingFor {}

    /**
     * Another delivery of its FIFO key goes first.
     *
     * @param delivery the first of the key: a ULID
     * @param until the delivery overtakes that one then; null: it does not
     */
    record Order(String delivery, Instant until) implements WaitingFor {}

    /**
     * It is due and queued.
     *
     * @param behind how many deliveries of its webhook became due before it and have not ended
     * @param isExact false: there are more, which were not counted
     * @param unanswered how many requests of its webhook have no response yet; null: another instance owns the webhook, and knows
     */
    record Turn(int behind, boolean isExact, Integer unanswered) implements WaitingFor {}

    /** Requests to its webhook are limited. @param until the next one may begin then */
    record RateLimit(Limiter by, Instant until) implements WaitingFor {}

    /** Who limits the requests. */
    enum Limiter {
        /** The webhook's {@code rateLimit}. */
        WEBHOOK,
        /** The receiver: it sent {@code Retry-After}, or refused although it was asked one at a time. */
        RECEIVER
    }

    /** Nothing of its webhook is sent. */
    record Paused(Cause cause) implements WaitingFor {}

    /** Why nothing of a webhook is sent. */
    enum Cause {
        WEBHOOK_PAUSED,
        WEBHOOK_DISABLED,
        /** It was removed, or what it needs was. */
        WEBHOOK_NOT_CONFIGURED,
        /** The routes that deliver are stopped. */
        DELIVERY_STOPPED
    }

    /** Its webhook may begin a request, but a budget is used up. */
    record Budget(Kind which) implements WaitingFor {}

    /** The budgets of {@link Budget}. */
    enum Kind {
        /** Requests in flight, of its account or of all. */
        REQUESTS_IN_FLIGHT,
        /** Those of webhooks whose last attempt timed out. */
        TIMED_OUT_WEBHOOKS,
        /** Memory for events of its account. */
        MEMORY
    }

    /** It has begun and has no response yet. */
    record Answer(Instant since) implements WaitingFor {}
}
