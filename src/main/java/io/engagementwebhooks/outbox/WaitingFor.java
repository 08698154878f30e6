package io.engagementwebhooks.outbox;

import java.time.Instant;

/** What a delivery waits for (semantics 43). {@link #until} is not in the past at creation. */
public sealed interface WaitingFor {

    /** The earliest time of the next attempt; null: unknown. */
    default Instant until() {
        return null;
    }

    /** It waits for the next attempt of its retry schedule. */
    record Retry(Instant until) implements WaitingFor {}

    /**
     * Its receiver has not permitted deliveries; the reason of the delivery says what it answered.
     *
     * @param until when the receiver is asked again
     */
    record Permission(Instant until) implements WaitingFor {}

    /**
     * It waits for a field of a later event with the same subject.
     *
     * @param name of the field
     * @param until when it is sent without the field
     */
    record Field(String name, Instant until) implements WaitingFor {}

    /**
     * Another delivery of its FIFO key is before it.
     *
     * @param delivery the head of the key: a ULID
     * @param until when it overtakes that one; null: it does not
     */
    record FifoHead(String delivery, Instant until) implements WaitingFor {}

    /** It is in the queue of its webhook. */
    sealed interface Queued extends WaitingFor {

        /**
         * The same with a queue position.
         *
         * @param many the number of unfinished deliveries of its webhook that became due before it
         * @param isExact false: there are more, which were not counted
         */
        Queued behind(int many, boolean isExact);
    }

    /**
     * It is due and queued.
     *
     * @param behind the number of unfinished deliveries of its webhook that became due before it
     * @param isExact false: there are more, which were not counted
     * @param inFlight the number of deliveries of its webhook in flight; null: another instance owns the webhook
     */
    record Dispatch(int behind, boolean isExact, Integer inFlight) implements Queued {

        @Override
        public Dispatch behind(int many, boolean isExact) {
            return new Dispatch(many, isExact, inFlight);
        }
    }

    /**
     * Requests to its webhook are limited.
     *
     * @param until when the next request may begin, for the first delivery of the queue
     * @param behind the number of unfinished deliveries of its webhook that became due before it
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
        /** The receiver: it sent {@code Retry-After}, or refused even one request at a time. */
        RECEIVER
    }

    /** It is not sent until a user resumes, configures or restarts something. */
    record Paused(Cause cause) implements WaitingFor {}

    /** Why a delivery is not sent. */
    enum Cause {
        WEBHOOK_PAUSED,
        WEBHOOK_DISABLED,
        /** The delivery or its webhook was removed. */
        WEBHOOK_NOT_CONFIGURED,
        /** The delivery routes are stopped. */
        DELIVERY_STOPPED,
        /** Its last attempt could not be recorded; it is sent again after a restart. */
        NOT_RECORDED
    }

    /** Its webhook may begin a request, but a budget is used up. */
    record Budget(Kind which) implements WaitingFor {}

    /** The budgets of {@link Budget}. */
    enum Kind {
        /** The in-flight budget is used up. */
        REQUESTS_IN_FLIGHT,
        /** Its account's part of the in-flight budget is used up. */
        ACCOUNT,
        /** The part of the budget for webhooks whose last attempt timed out is used up. */
        TIMED_OUT_WEBHOOKS,
        /** Memory for events of its account. */
        MEMORY
    }

    /** It is in flight, without a response yet. */
    record Response(Instant since) implements WaitingFor {}
}
