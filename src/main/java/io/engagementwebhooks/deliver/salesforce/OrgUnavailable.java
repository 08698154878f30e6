package io.engagementwebhooks.deliver.salesforce;

import java.time.Instant;

/** There is no session with the org, or it is paused. Nothing is sent. The message is for the customer. */
final class OrgUnavailable extends RuntimeException {

    private final transient Instant until;
    private final boolean lasting;

    /** @param lasting whether the connection or the org must be changed */
    OrgUnavailable(String reason, Instant until, boolean lasting) {
        super(reason, null, false, false);
        this.until = until;
        this.lasting = lasting;
    }

    boolean lasting() {
        return lasting;
    }

    Instant until() {
        return until;
    }
}
