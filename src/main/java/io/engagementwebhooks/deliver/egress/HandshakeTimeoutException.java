package io.engagementwebhooks.deliver.egress;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/** A connection was open, and its TLS handshake did not end in time. */
public final class HandshakeTimeoutException extends InterruptedIOException {

    private static final long serialVersionUID = 1L;

    private final transient Duration limit;

    /** @param limit what a handshake may take; null: the deadline of the call passed */
    HandshakeTimeoutException(Duration limit) {
        super("the TLS handshake did not end in time");
        this.limit = limit;
    }

    /** What a handshake may take; empty: the deadline of the call passed. */
    Optional<Duration> limit() {
        return Optional.ofNullable(limit);
    }
}
