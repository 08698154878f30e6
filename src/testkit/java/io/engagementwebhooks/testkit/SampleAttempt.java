package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.query.AttemptRow;
import java.time.Instant;

/** Sample attempts without timing and request. */
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
