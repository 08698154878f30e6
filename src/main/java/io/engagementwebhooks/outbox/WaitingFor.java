package io.engagementwebhooks.outbox;

import java.time.Instant;

/** What a delivery waits for (semantics 43). {@link #until} never lies in the past when it is made. */
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

    /** Other deliveries of its webhook may go before it. */
    sealed interface Queued extends WaitingFor {

        /**
         * The same, behind others.
         *
         * @param many deliveries of its webhook became due before it and have not ended
         * @param isExact false: there are more, which were not counted
         */
        Queued behind(int many, boolean isExact);
    }

    /**
     * It is due and queued.
     *
     * @param behind how many deliveries of its webhook became due before it and have not ended
     * @param isExact false: there are more, which were not counted
     * @param unanswered how many deliveries of its webhook were begun and have no response yet; null: this instance does not own
     *     the webhook
     */
    record BehindOthers(int behind, boolean isExact, Integer unanswered) implements Queued {

        @Override
        public BehindOthers behind(int many, boolean isExact) {
            return new BehindOthers(many, isExact, unanswered);
        }
    }

    /**
     * Requests to its webhook are limited.
     *
     * @param until the next one may begin then, for the first delivery of the queue
     * @param behind how many deliveries of its webhook became due before it and have not ended
     * @param isExact false: there are more, which were not counted
     */
    record RateLimit(Limiter by, Instant until, int behind, boolean isExact) implements Queued {

        RateLimit(Limiter by, Instant until) {
            this(by, until, 0, true);
        }

        @Override
        public RateLimit behind(int many, boolean isExact) {
            return new RateLimit(by, until, many, isExact);
        }
    }

    /** Who limits the requests. */
    enum Limiter {
        /** The webhook's {@code rateLimit}. */
        WEBHOOK,
        /** The receiver: it sent {@code Retry-After}, or refused although it was asked one at a time. */
        RECEIVER
    }

    /** It is not sent until a person resumes, configures or restarts something. */
    record Paused(Cause cause) implements WaitingFor {}

    /** Why a delivery is not sent. */
    enum Cause {
        WEBHOOK_PAUSED,
        WEBHOOK_DISABLED,
        /** The delivery or its webhook was removed. */
        WEBHOOK_NOT_CONFIGURED,
        /** The routes that deliver are stopped. */
        DELIVERY_STOPPED,
        /** Its last attempt could not be recorded; it is sent again after the next start. */
        NOT_RECORDED
    }

    /** Its webhook may begin a request, but a budget is used up. */
    record Budget(Kind which) implements WaitingFor {}

    /** The budgets of {@link Budget}. */
    enum Kind {
        /** No further request may begin now. */
        REQUESTS_IN_FLIGHT,
        /** Its account has as many requests in flight as are its share. */
        ACCOUNT,
        /** Of these, requests of webhooks whose last attempt timed out fill what all such webhooks may have. */
        TIMED_OUT_WEBHOOKS,
        /** Memory for events of its account. */
        MEMORY
    }

    /** It has begun and has no response yet. */
    record Answer(Instant since) implements WaitingFor {}
}
