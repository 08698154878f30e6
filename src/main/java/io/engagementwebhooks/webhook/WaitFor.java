package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;

/**
 * Holds a delivery until another event of the subject brings a field, up to a limit; then it is sent anyway.
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
