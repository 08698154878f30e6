package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.webhook.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides when a webhook has failed for so long without a success that it is disabled. */
public final class AutoDisablePolicy {

    private AutoDisablePolicy() {}

    /**
     * The reason to disable a webhook, as its owner reads it; empty: it stays enabled.
     *
     * @param failure the attempt that failed now
     * @param since when its first attempt without a later success failed, in milliseconds
     * @param now in milliseconds
     */
    public static Optional<String> of(AttemptResult failure, long since, long now) {
        Duration most = failure.disableAfter();
        if (most == null || now - since < most.toMillis()) {
            return Optional.empty();
        }
        return Optional.of("no delivery has arrived for " + Durations.text(most) + ", since "
                + Instant.ofEpochMilli(since) + ", the last one because: " + failure.reason());
    }
}
