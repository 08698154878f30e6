package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.AttemptRow;
import java.time.Instant;

/** Attempts of which neither the parts were measured nor the request is known. */
public final class SampleAttempt {

    private SampleAttempt() {}

    /** As {@link AttemptRow} has it. */
    public static AttemptRow of(
            int number,
            Instant startedAt,
            long ms,
            String outcome,
            String reason,
            String note,
            Integer status,
            String headers,
            byte[] body) {
        return new AttemptRow(number, startedAt, ms, outcome, reason, note, status, headers, body, null, null, null);
    }
}
