package io.engagementwebhooks.deliver.egress;

import java.time.Duration;
import java.util.Optional;
import org.apache.hc.client5.http.ConnectTimeoutException;

/** The TLS handshake of an open connection did not end in time. */
public final class HandshakeTimeoutException extends ConnectTimeoutException {

    private static final long serialVersionUID = 1L;

    private final transient Duration limit;

    /** @param limit the time limit of handshakes; null: the deadline of the call passed */
    HandshakeTimeoutException(Duration limit) {
        super("the TLS handshake did not end in time");
        this.limit = limit;
    }

    /** The time limit of handshakes; empty if the deadline of the call passed. */
    Optional<Duration> limit() {
        return Optional.ofNullable(limit);
    }
}
