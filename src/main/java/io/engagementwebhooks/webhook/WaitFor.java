package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;

/**
 * Holds a delivery until an event of the same subject brings a field, at most so long; then it is sent anyway.
 *
 * @param field a dotted path from the event, such as {@code data.recording_id}
 * @param atMost the longest wait
 */
public record WaitFor(String field, Duration atMost) {

    public WaitFor {
        Objects.requireNonNull(field);
        Objects.requireNonNull(atMost);
    }
}
