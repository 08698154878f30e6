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

    /** It cannot be reached, or broke off. */
    static ProxyFailedException unreachable(IOException cause) {
        return new ProxyFailedException("the proxy of this installation cannot be reached, or broke off", 0, cause);
    }

    /** The proxy's reply is not valid HTTP. */
    static ProxyFailedException senseless() {
        return new ProxyFailedException(
                "the proxy of this installation does not answer as an HTTP proxy does", 0, null);
    }

    /** It said no. */
    static ProxyFailedException refused(int status) {
        String why = status == 407
                ? "the proxy of this installation asks for another user or password (407)"
                : "the proxy of this installation refused the connection (" + status + ")";
        return new ProxyFailedException(why, status, null);
    }

    /** Of the answer; 0: there was none. */
    int status() {
        return status;
    }

    /** Whether it tried and could not reach the receiver: that is no fault of ours. */
    boolean isOfReceiver() {
        return status >= 502 && status <= 504;
    }

    /** Whether every other call would fail too. */
    boolean concernsAll() {
        return status == 0 || status == 407;
    }
}
