package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * What a retention step may remove.
 *
 * @param now the time of the step
 * @param payloadsBefore payloads of events whose last delivery ended before this
 * @param attemptsBefore attempts likewise
 * @param identitiesBefore events, with all that is left of them, likewise
 * @param waitingBefore deliveries waiting since before this give up
 * @param expiringBefore accounts are notified of deliveries pending since before this
 * @param rows how many rows of each kind one step takes
 */
public record RetentionLimits(
        Instant now,
        Instant payloadsBefore,
        Instant attemptsBefore,
        Instant identitiesBefore,
        Instant waitingBefore,
        Instant expiringBefore,
        int rows) {}
