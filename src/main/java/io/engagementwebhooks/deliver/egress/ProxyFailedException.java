package io.engagementwebhooks.deliver.egress;

import java.io.IOException;

/** The proxy did not open a tunnel; nothing reached the receiver. */
final class ProxyFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    private ProxyFailedException(String message, int status, IOException cause) {
        super(message, cause);
        this.status = status;
    }

    /** The proxy cannot be reached, or closed the connection. */
    static ProxyFailedException unreachable(IOException cause) {
        return new ProxyFailedException(
                "the proxy of this installation cannot be reached, or closed the connection", 0, cause);
    }

    /** The proxy's reply is not valid HTTP. */
    static ProxyFailedException invalidResponse() {
        return new ProxyFailedException(
                "the proxy of this installation does not answer as an HTTP proxy does", 0, null);
    }

    /** The proxy refused the tunnel. */
    static ProxyFailedException refused(int status) {
        String why = status == 407
                ? "the proxy of this installation requires a different user or password (407)"
                : "the proxy of this installation refused the connection (" + status + ")";
        return new ProxyFailedException(why, status, null);
    }

    /** The HTTP status; 0 if there was no response. */
    int status() {
        return status;
    }

    /** Whether the proxy could not reach the receiver. */
    boolean isReceiverFailure() {
        return status >= 502 && status <= 504;
    }

    boolean affectsAllCalls() {
        return status == 0 || status == 407;
    }
}
