package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;

/**
 * Delays a delivery until another event of the subject has a field, up to a limit; then it is sent without.
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
