package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.RetentionLimits;
import java.time.Instant;

/** Retention limits without warnings. */
public final class SampleLimits {

    private SampleLimits() {}

    /** As {@link RetentionLimits} has it. */
    public static RetentionLimits of(
            Instant now,
            Instant payloadsBefore,
            Instant attemptsBefore,
            Instant identitiesBefore,
            Instant waitingBefore,
            int rows) {
        return new RetentionLimits(
                now, payloadsBefore, attemptsBefore, identitiesBefore, waitingBefore, waitingBefore, rows);
    }
}
