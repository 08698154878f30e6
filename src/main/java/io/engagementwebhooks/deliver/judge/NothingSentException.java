package io.engagementwebhooks.deliver.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Nothing was sent, for a reason that is not the receiver's, such as a missing token or a store outage. The attempt
 * ends as {@link Outcome.NotSent}. The message is for the customer.
 */
public class NothingSentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Retry delay after a lack of file descriptors or ports. */
    private static final Duration WITHOUT_SOCKET = Duration.ofSeconds(5);

    private final transient Instant until;
    private final boolean lasting;

    /**
     * @param reason what is missing, for the customer
     * @param until when to try again
     */
    public NothingSentException(String reason, Instant until) {
        this(reason, until, false);
    }

    /** @param lasting whether a person must first fix something, such as a secret */
    public NothingSentException(String reason, Instant until, boolean lasting) {
        this(reason, until, lasting, null);
    }

    private NothingSentException(String reason, Instant until, boolean lasting, Throwable cause) {
        super(reason, cause, false, false);
        this.until = Objects.requireNonNull(until);
        this.lasting = lasting;
    }

    /** As {@link #NothingSentException(String, Instant)}, with a cause. */
    public NothingSentException(String reason, Instant until, Throwable cause) {
        this(reason, until, false, cause);
    }

    /** Another instance owns the webhook now, or deliveries of it were canceled. */
    public static NothingSentException fenced(Instant until) {
        return new NothingSentException(
                "Not sent yet: a delivery of this request was canceled, or another instance sends it now", until);
    }

    /** The process ran out of a resource that connections need. @param what such as "file descriptor" */
    static NothingSentException outOf(String what, Instant now) {
        return new NothingSentException(
                "Not sent: this installation has no " + what + " left for a connection", now.plus(WITHOUT_SOCKET));
    }

    public Outcome.NotSent outcome() {
        return new Outcome.NotSent(getMessage(), until, lasting);
    }

    /** Whether a person must first fix something. */
    public boolean isLasting() {
        return lasting;
    }

    public Instant until() {
        return until;
    }
}
