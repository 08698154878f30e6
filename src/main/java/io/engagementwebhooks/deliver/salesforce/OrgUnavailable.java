package io.engagementwebhooks.deliver.salesforce;

import java.time.Instant;

/** There is no session with the org, so nothing is sent to it. The message is for the customer. */
final class OrgUnavailable extends RuntimeException {

    private final transient Instant until;

    OrgUnavailable(String reason, Instant until) {
        super(reason, null, false, false);
        this.until = until;
    }

    /** When to try again. */
    Instant until() {
        return until;
    }
}
