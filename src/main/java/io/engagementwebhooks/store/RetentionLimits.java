package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * The limits of a retention step.
 *
 * @param now the time of the step
 * @param payloadsBefore removes payloads of events whose last delivery ended before this
 * @param attemptsBefore removes attempts of such events
 * @param identitiesBefore removes such events entirely
 * @param waitingBefore pending deliveries expire that were accepted before this
 * @param expiringBefore accounts are notified of pending deliveries that were accepted before this
 * @param rows the most rows of each kind
 */
public record RetentionLimits(
        Instant now,
        Instant payloadsBefore,
        Instant attemptsBefore,
        Instant identitiesBefore,
        Instant waitingBefore,
        Instant expiringBefore,
        int rows) {}
