package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * The result of an attempt, as it is recorded.
 *
 * @param delivery the delivery's id
 * @param webhook its webhook
 * @param state its state after the attempt
 * @param reason why, as the customer reads it
 * @param dueAt when the next attempt is due, or null: the delivery has ended
 * @param attempt the attempt, or null: nothing was sent; only state, reason and due time change
 * @param holdWebhookUntil until when the receiver asked for a pause, or null
 * @param disableReason why this disables the webhook, or null
 * @param sequel its consequences beyond the delivery
 */
public record AttemptResult(
        String delivery,
        WebhookId webhook,
        DeliveryState state,
        String reason,
        Instant dueAt,
        AttemptRow attempt,
        Instant holdWebhookUntil,
        String disableReason,
        Sequel sequel) {

    public AttemptResult {
        Objects.requireNonNull(delivery);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(state);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(sequel);
    }

    /** A result whose {@link Health} follows from its state. */
    public AttemptResult(
            String delivery,
            WebhookId webhook,
            DeliveryState state,
            String reason,
            Instant dueAt,
            AttemptRow attempt,
            Instant holdWebhookUntil,
            String disableReason) {
        this(
                delivery,
                webhook,
                state,
                reason,
                dueAt,
                attempt,
                holdWebhookUntil,
                disableReason,
                new Sequel(Health.of(state, attempt), Set.of(), null, null, false, null));
    }

    /**
     * The consequences of an attempt beyond its delivery.
     *
     * @param health what it says about the webhook
     * @param written records of a third party that the event was written to; mostly none
     * @param fifo its place in FIFO order, or null: it has none
     * @param disableAfter disables a webhook that has failed for this long without a success, or null: never
     * @param slowDown whether the receiver is overloaded
     * @param taken the delivery as it was taken: it is recorded only if the delivery is still so, or it is delivered; null: however
     *     it is
     */
    public record Sequel(
            Health health,
            Set<RecordKey> written,
            FifoSuccession fifo,
            Duration disableAfter,
            boolean slowDown,
            Taken taken) {
        public Sequel {
            Objects.requireNonNull(health);
            written = Set.copyOf(written);
        }
    }

    /** A pending delivery as it was taken. @param attempts those made before @param dueAt null: whenever it was due */
    public record Taken(int attempts, Instant dueAt) {}

    public AttemptResult withHealth(Health other) {
        return with(disableReason, new Sequel(other, written(), fifo(), disableAfter(), slowDown(), sequel.taken()));
    }

    public AttemptResult withWritten(Set<RecordKey> records) {
        return with(disableReason, new Sequel(health(), records, fifo(), disableAfter(), slowDown(), sequel.taken()));
    }

    public AttemptResult withFifo(FifoSuccession order) {
        return with(disableReason, new Sequel(health(), written(), order, disableAfter(), slowDown(), sequel.taken()));
    }

    public AttemptResult withDisableAfter(Duration failure) {
        return with(disableReason, new Sequel(health(), written(), fifo(), failure, slowDown(), sequel.taken()));
    }

    public AttemptResult withSlowDown() {
        return with(disableReason, new Sequel(health(), written(), fifo(), disableAfter(), true, sequel.taken()));
    }

    public AttemptResult withTaken(int attempts, Instant due) {
        Taken taken = new Taken(attempts, due);
        return with(disableReason, new Sequel(health(), written(), fifo(), disableAfter(), slowDown(), taken));
    }

    public AttemptResult withDisableReason(String why) {
        return with(why, sequel);
    }

    /** The end of an attempt that changed nothing, since the delivery had ended before. */
    public AttemptResult withoutConsequences() {
        return new AttemptResult(delivery, webhook, DeliveryState.DISCARDED, reason, null, null, null, null);
    }

    /** Its approximate size in rows; see {@link FairQueue#rows}. */
    public int rows() {
        return attempt == null ? 1 : FairQueue.rows(2, length(attempt.body()) + length(attempt.requestBody()));
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private AttemptResult with(String disables, Sequel other) {
        return new AttemptResult(delivery, webhook, state, reason, dueAt, attempt, holdWebhookUntil, disables, other);
    }

    /** Whether nothing was sent and the delivery stays pending. */
    public boolean isUnsent() {
        return attempt == null && dueAt != null;
    }

    /** Whether nothing was sent and the delivery expired. */
    public boolean isExpired() {
        return attempt == null && state == DeliveryState.GAVE_UP;
    }

    /** See {@link Sequel#health()}. */
    public Health health() {
        return sequel.health();
    }

    /** See {@link Sequel#written()}. */
    public Set<RecordKey> written() {
        return sequel.written();
    }

    /** See {@link Sequel#fifo()}. */
    public FifoSuccession fifo() {
        return sequel.fifo();
    }

    /** See {@link Sequel#disableAfter()}. */
    public Duration disableAfter() {
        return sequel.disableAfter();
    }

    /** See {@link Sequel#slowDown()}. */
    public boolean slowDown() {
        return sequel.slowDown();
    }

    /** Whether the webhook failed, as its health shows it. */
    public boolean hasFailed() {
        return Set.of(Health.TRY_LATER, Health.GAVE_UP, Health.FAILING).contains(health());
    }

    /** The effect of an attempt on the health of its webhook. */
    public enum Health {
        /**
         * Neither a success nor a failure; deliveries of system events have it, so that they cause no further system
         * events. A 410 disables the webhook, and a delivery closes its half-open breaker.
         */
        NONE,
        /** No effect at all, and not counted in statistics; deliveries of tests and samples have it. */
        TEST,
        /** Delivered. */
        WELL,
        /** Sent and failed; a retry follows. */
        TRY_LATER,
        /** Failed for good; several in a row make the webhook failing. */
        GAVE_UP,
        /** The webhook is failing at once: it needs a repair, or nothing could be sent for too long. */
        FAILING;

        static Health of(DeliveryState state, AttemptRow attempt) {
            return switch (state) {
                case DELIVERED -> WELL;
                case GAVE_UP -> GAVE_UP;
                case WAITING -> attempt == null ? NONE : TRY_LATER;
                default -> NONE;
            };
        }
    }
}
