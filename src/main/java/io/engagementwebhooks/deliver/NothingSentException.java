package io.engagementwebhooks.deliver;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * The receiver was not called, and it is not its fault: no token, a store that is down. Ends a try as
 * {@link Outcome.NotSent}. The message is for the customer.
 */
public final class NothingSentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** When a call is tried again that lacked a file descriptor. */
    private static final Duration WITHOUT_SOCKET = Duration.ofSeconds(5);

    private final transient Instant until;
    private final boolean lasting;

    /**
     * @param reason what is missing, in words for the customer
     * @param until when to try again
     */
    public NothingSentException(String reason, Instant until) {
        this(reason, until, false);
    }

    /** @param lasting whether a person has to repair something first, such as a secret */
    public NothingSentException(String reason, Instant until, boolean lasting) {
        this(reason, until, lasting, null);
    }

    private NothingSentException(String reason, Instant until, boolean lasting, Throwable cause) {
        super(reason, cause, false, false);
        this.until = Objects.requireNonNull(until);
        this.lasting = lasting;
    }

    /** As {@link #NothingSentException(String, Instant)}, with what kept it from being sent. */
    NothingSentException(String reason, Instant until, Throwable cause) {
        this(reason, until, false, cause);
    }

    /** Another instance sends what this one was about to send, or may. */
    public static NothingSentException notOwned(Instant until) {
        return new NothingSentException("This instance's lease on the webhook has ended; its owner sends it", until);
    }

    /** This installation had none left of what a connection needs. @param what such as "file descriptor" */
    static NothingSentException outOf(String what, Instant now) {
        return new NothingSentException(
                "Not sent: this installation has no " + what + " left for a connection", now.plus(WITHOUT_SOCKET));
    }

    /** The outcome for the delivery. */
    public Outcome.NotSent outcome() {
        return new Outcome.NotSent(getMessage(), until, lasting);
    }

    /** Whether a person has to repair something first. */
    public boolean isLasting() {
        return lasting;
    }

    /** When to try again. */
    public Instant until() {
        return until;
    }
}
