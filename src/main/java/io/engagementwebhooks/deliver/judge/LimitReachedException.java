package io.engagementwebhooks.deliver.judge;

import java.time.Instant;

/** Nothing was sent, since the account has reached a limit. A delivery waits; a test is refused. */
public final class LimitReachedException extends NothingSentException {

    private static final long serialVersionUID = 1L;

    /**
     * @param reason which limit, for the customer
     * @param until when to try again
     */
    public LimitReachedException(String reason, Instant until) {
        super(reason, until);
    }
}
