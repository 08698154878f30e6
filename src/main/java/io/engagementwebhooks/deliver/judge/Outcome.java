package io.engagementwebhooks.deliver.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/** The outcome of an attempt. Reasons are for the customer, without exception texts and secrets. */
public sealed interface Outcome {

    String reason();

    /** Whether it is an attempt even if neither a request nor a response is known. */
    default boolean isAttempt() {
        return this instanceof Delivered || this instanceof TryLater;
    }

    /** Delivered. @param reason empty, or a note such as "answer cut after 64 KiB" */
    record Delivered(String reason) implements Outcome {
        public Delivered {
            Objects.requireNonNull(reason);
        }
    }

    /**
     * Failed; retried by the schedule.
     *
     * @param reason why
     * @param notBefore the earliest retry, or null: by the schedule alone
     * @param holdsWebhook whether {@code notBefore} applies to all deliveries of the webhook
     * @param slowDown whether the receiver is overloaded (429, 502, 503, 504, time-out)
     * @param lasting whether a person must first fix something, such as the URL
     */
    record TryLater(String reason, Instant notBefore, boolean holdsWebhook, boolean slowDown, boolean lasting)
            implements Outcome {
        /** One that may pass by itself. */
        public TryLater(String reason, Instant notBefore, boolean holdsWebhook, boolean slowDown) {
            this(reason, notBefore, holdsWebhook, slowDown, false);
        }

        public TryLater {
            Objects.requireNonNull(reason);
        }

        private static final Set<Integer> OVERLOADED = Set.of(429, 502, 503, 504);

        /** The longest that one response holds a webhook; then one delivery probes the receiver. */
        public static final Duration LONGEST_HOLD = Duration.ofHours(24);

        /**
         * Until when the webhook's other deliveries wait, or null if they do not.
         *
         * @param endedAt the end of the attempt
         */
        public Instant webhookHeldUntil(Instant endedAt) {
            if (!holdsWebhook) {
                return null;
            }
            Instant latest = endedAt.plus(LONGEST_HOLD);
            return notBefore.isBefore(latest) ? notBefore : latest;
        }

        /** Whether a status means that the receiver is overloaded (semantics 11). */
        public static boolean isOverload(int status) {
            return OVERLOADED.contains(status);
        }

        public static TryLater bySchedule(String reason) {
            return new TryLater(reason, null, false, false);
        }
    }

    /**
     * Failed; not retried.
     *
     * @param reason why
     * @param disablesWebhook whether the receiver is gone (410)
     * @param isAttempt whether the destination refused it, and not what was to be sent
     */
    record GaveUp(String reason, boolean disablesWebhook, boolean isAttempt) implements Outcome {
        public GaveUp {
            Objects.requireNonNull(reason);
        }

        public static GaveUp because(String reason) {
            return new GaveUp(reason, false, false);
        }
    }

    /** Ended without a request, since there is nothing to send. */
    record Skipped(String reason) implements Outcome {
        public Skipped {
            Objects.requireNonNull(reason);
        }
    }

    /**
     * Nothing was sent, for a reason that is not the receiver's: no token, a shutdown. Not an attempt; the delivery
     * waits.
     *
     * @param reason what is missing
     * @param until when to try again
     * @param lasting whether a person must first fix something, such as a secret
     */
    record NotSent(String reason, Instant until, boolean lasting) implements Outcome {
        /** One that may pass by itself. */
        public NotSent(String reason, Instant until) {
            this(reason, until, false);
        }

        public NotSent {
            Objects.requireNonNull(reason);
            Objects.requireNonNull(until);
        }
    }
}
