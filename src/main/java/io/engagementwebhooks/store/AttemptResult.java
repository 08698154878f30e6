package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * What is written when a try has ended.
 *
 * @param delivery the delivery's id
 * @param webhook its webhook
 * @param state where it stands now
 * @param reason our words for it
 * @param dueAt when it is tried again, or null: it has ended
 * @param attempt the attempt, or null: nothing was sent, and nothing but state, reason and due time changes
 * @param holdWebhookUntil the receiver asked for a pause until then, or null
 * @param disableWebhook why the webhook is disabled by this, or null
 * @param sequel what follows from it for others
 */
public record AttemptResult(
        String delivery,
        WebhookId webhook,
        DeliveryState state,
        String reason,
        Instant dueAt,
        AttemptRow attempt,
        Instant holdWebhookUntil,
        String disableWebhook,
        Sequel sequel) {

    public AttemptResult {
        Objects.requireNonNull(delivery);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(state);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(sequel);
    }

    /** One that tells about its webhook what its state tells. */
    public AttemptResult(
            String delivery,
            WebhookId webhook,
            DeliveryState state,
            String reason,
            Instant dueAt,
            AttemptRow attempt,
            Instant holdWebhookUntil,
            String disableWebhook) {
        this(
                delivery,
                webhook,
                state,
                reason,
                dueAt,
                attempt,
                holdWebhookUntil,
                disableWebhook,
                new Sequel(Health.of(state, attempt), Set.of(), null, null, false));
    }

    /**
     * What follows from a try for others than its delivery.
     *
     * @param health what it tells about the webhook
     * @param written the records of a third party that have the event now; mostly none
     * @param fifo what it means for those behind it, or null: nothing
     * @param breaksAfter a webhook that has failed for so long without one success is disabled by this failure, or null
     * @param slowDown whether the receiver is overloaded
     */
    public record Sequel(
            Health health, Set<RecordKey> written, FifoSuccession fifo, Duration breaksAfter, boolean slowDown) {
        public Sequel {
            Objects.requireNonNull(health);
            written = Set.copyOf(written);
        }
    }

    /** The same, telling something else about its webhook. */
    public AttemptResult withHealth(Health other) {
        return with(disableWebhook, new Sequel(other, written(), fifo(), breaksAfter(), slowDown()));
    }

    /** The same, after which records of a third party have the event. */
    public AttemptResult writing(Set<RecordKey> records) {
        return with(disableWebhook, new Sequel(health(), records, fifo(), breaksAfter(), slowDown()));
    }

    /** The same of a delivery that others wait for, or null: none does. */
    public AttemptResult inOrder(FifoSuccession turn) {
        return with(disableWebhook, new Sequel(health(), written(), turn, breaksAfter(), slowDown()));
    }

    /** The same, which disables its webhook if that has failed for so long; null: it never does. */
    public AttemptResult breakingAfter(Duration failure) {
        return with(disableWebhook, new Sequel(health(), written(), fifo(), failure, slowDown()));
    }

    /** The same of a receiver that is overloaded. */
    public AttemptResult slowingDown() {
        return with(disableWebhook, new Sequel(health(), written(), fifo(), breaksAfter(), true));
    }

    /** The same, after which its webhook is disabled. */
    public AttemptResult disabling(String why) {
        return with(why, sequel);
    }

    /** About how many rows it is; see {@link FairQueue#rows}. */
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
    public boolean isOver() {
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

    /** See {@link Sequel#breaksAfter()}. */
    public Duration breaksAfter() {
        return sequel.breaksAfter();
    }

    /** See {@link Sequel#slowDown()}. */
    public boolean slowDown() {
        return sequel.slowDown();
    }

    /** Whether it is a failure of the webhook, for its owner to know of. */
    public boolean hasFailed() {
        return Set.of(Health.TRY_LATER, Health.GAVE_UP, Health.FAILING).contains(health());
    }

    /** What an attempt says about the health of its webhook. */
    public enum Health {
        /** Nothing: a delivery of a system event causes no further system events. */
        NONE,
        /** It arrived. */
        WELL,
        /** It was sent and did not arrive; it is tried again. */
        TRY_LATER,
        /** It gave up; several in a row mean trouble. */
        GAVE_UP,
        /** None will arrive until a person repairs something, or none could be sent for too long. */
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
