package io.engagementwebhooks.deliver;

import java.time.Instant;
import java.util.Objects;

/**
 * The receiver was not called, and it is not its fault: no token, a store that is down. Ends a try as
 * {@link Outcome.NotSent}. The message is for the customer.
 */
public final class NothingSentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Instant until;

    /**
     * @param reason what is missing, in words for the customer
     * @param until when to try again
     */
    public NothingSentException(String reason, Instant until) {
        super(reason, null, false, false);
        this.until = Objects.requireNonNull(until);
    }

    /** When to try again. */
    public Instant until() {
        return until;
    }
}
