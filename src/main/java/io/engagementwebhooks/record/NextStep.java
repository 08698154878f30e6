package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Determines the state of a delivery after an attempt (semantics 12 to 14). It has ended, or is due again by retry
 * schedule, {@code Retry-After} and maximum age. Thread-safe.
 *
 * @param random from 0 to 1, for the jitter
 */
record NextStep(DoubleSupplier random) {

    /**
     * @param shown request and response, for the record
     * @param end end of the attempt
     */
    AttemptResult after(Delivery delivery, Outcome outcome, ShownAttempt shown, Instant end) {
        if (outcome instanceof Outcome.TryLater later) {
            AttemptResult failure = afterFailure(delivery, later, shown, end);
            return later.lasting()
                    ? failure.withHealth(effectiveHealth(delivery, AttemptResult.Health.FAILING))
                    : failure;
        }
        if (outcome instanceof Outcome.NotSent waits) {
            return afterNothingSent(delivery, waits);
        }
        DeliveryState state = state(outcome);
        boolean sent = outcome.isAttempt() || shown.answer() != null;
        AttemptRow attempt = sent ? shown.row(delivery.attempt(), state.text(), outcome.reason()) : null;
        String disables =
                outcome instanceof Outcome.GaveUp gaveUp && gaveUp.disablesWebhook() ? outcome.reason() : null;
        return result(delivery, state, outcome.reason(), null, attempt, null, disables);
    }

    private AttemptResult afterFailure(Delivery delivery, Outcome.TryLater later, ShownAttempt shown, Instant end) {
        Webhook webhook = delivery.webhook();
        Instant hold = later.webhookHeldUntil(end);
        Optional<Duration> gap = webhook.retry().gapAfter(delivery.attempt() - delivery.base(), random.getAsDouble());
        if (gap.isEmpty()) {
            String reason =
                    later.reason() + "; that was the last of " + webhook.retry().attempts() + " attempts";
            return ended(delivery, reason, shown, hold);
        }
        Instant next = end.plus(gap.get());
        if (later.notBefore() != null && later.notBefore().isAfter(next)) {
            next = later.notBefore();
        }
        if (later.notBefore() != null && later.notBefore().isAfter(delivery.expiresAt())) {
            return ended(delivery, later.reason() + "; this delivery would be too old then", shown, hold);
        }
        if (next.isAfter(delivery.expiresAt())) {
            String reason = later.reason() + "; the next attempt would come after the age limit of "
                    + Durations.text(webhook.maxAge());
            return ended(delivery, reason, shown, hold);
        }
        AttemptRow attempt = shown.row(delivery.attempt(), TRY_LATER, later.reason());
        return result(delivery, DeliveryState.WAITING, later.reason(), next, attempt, hold, null);
    }

    static final String TRY_LATER = "try-later";

    private static AttemptResult ended(Delivery delivery, String reason, ShownAttempt shown, Instant hold) {
        AttemptRow attempt = shown.row(delivery.attempt(), DeliveryState.GAVE_UP.text(), reason);
        return result(delivery, DeliveryState.GAVE_UP, reason, null, attempt, hold, null);
    }

    /** The result where nothing was sent, which is not an attempt. Only the maximum age ends the delivery. */
    private static AttemptResult afterNothingSent(Delivery delivery, Outcome.NotSent waits) {
        if (waits.until().isAfter(delivery.expiresAt())) {
            AttemptResult end =
                    result(delivery, DeliveryState.GAVE_UP, tooOld(delivery, waits), null, null, null, null);
            return end.withHealth(effectiveHealth(delivery, AttemptResult.Health.FAILING));
        }
        AttemptResult next = result(delivery, DeliveryState.WAITING, waits.reason(), waits.until(), null, null, null);
        return waits.lasting() ? next.withHealth(effectiveHealth(delivery, AttemptResult.Health.FAILING)) : next;
    }

    private static String tooOld(Delivery delivery, Outcome.NotSent waits) {
        String since = delivery.unsentSince() == null ? "" : "; nothing could be sent since " + delivery.unsentSince();
        return waits.reason() + since + ", and the age limit is "
                + Durations.text(delivery.webhook().maxAge());
    }

    private static DeliveryState state(Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            return DeliveryState.DELIVERED;
        }
        return outcome instanceof Outcome.Skipped ? DeliveryState.SKIPPED : DeliveryState.GAVE_UP;
    }

    private static AttemptResult result(
            Delivery delivery,
            DeliveryState state,
            String reason,
            Instant dueAt,
            AttemptRow attempt,
            Instant hold,
            String disables) {
        AttemptResult result = new AttemptResult(
                        delivery.id(), delivery.webhook().id(), state, reason, dueAt, attempt, hold, disables)
                .withFifo(delivery.fifo())
                .withTaken(delivery.attempt() - 1, delivery.dueAt());
        AttemptResult.Health health = effectiveHealth(delivery, result.health());
        return health == result.health() ? result : result.withHealth(health);
    }

    /** The effect on health: none for system events, which would otherwise cause further ones, and none for tests. */
    private static AttemptResult.Health effectiveHealth(Delivery delivery, AttemptResult.Health health) {
        if (delivery.event().isSystemEvent()) {
            return AttemptResult.Health.NONE;
        }
        return delivery.event().isTest() ? AttemptResult.Health.TEST : health;
    }
}
