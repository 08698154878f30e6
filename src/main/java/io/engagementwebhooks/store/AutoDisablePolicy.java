package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a webhook has failed for too long: nothing has arrived since then, and what was sent now did not either. */
public final class AutoDisablePolicy {

    private AutoDisablePolicy() {}

    /**
     * Why a webhook is to be disabled, in words for its owner; empty: it is not.
     *
     * @param failure the try that failed now
     * @param since when its deliveries began to fail without one that arrived, in milliseconds
     * @param now in milliseconds
     */
    public static Optional<String> of(AttemptResult failure, long since, long now) {
        Duration most = failure.breaksAfter();
        if (most == null || now - since < most.toMillis()) {
            return Optional.empty();
        }
        return Optional.of("no delivery has arrived for " + Durations.text(most) + ", since "
                + Instant.ofEpochMilli(since) + ", the last one because: " + failure.reason());
    }
}
