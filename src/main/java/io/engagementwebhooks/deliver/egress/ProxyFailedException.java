package io.engagementwebhooks.deliver.egress;

import java.io.IOException;

/** The proxy did not open a tunnel; nothing reached the receiver. */
final class ProxyFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final boolean asked;

    private ProxyFailedException(String message, int status, boolean asked, IOException cause) {
        super(message, cause);
        this.status = status;
        this.asked = asked;
    }

    /** It cannot be reached, or broke off. @param asked whether it had been asked for a tunnel before */
    static ProxyFailedException unreachable(boolean asked, IOException cause) {
        return new ProxyFailedException(
                "the proxy of this installation cannot be reached, or broke off", 0, asked, cause);
    }

    /** What it said is no answer. */
    static ProxyFailedException senseless() {
        return new ProxyFailedException(
                "the proxy of this installation does not answer as an HTTP proxy does", 0, true, null);
    }

    /** It said no. */
    static ProxyFailedException refused(int status) {
        String why = status == 407
                ? "the proxy of this installation asks for another user or password (407)"
                : "the proxy of this installation refused the connection (" + status + ")";
        return new ProxyFailedException(why, status, true, null);
    }

    /** Of the answer; 0: there was none. */
    int status() {
        return status;
    }

    /** Whether it tried and could not reach the receiver: that is no fault of ours. */
    boolean isOfReceiver() {
        return status >= 502 && status <= 504;
    }

    /** Whether it was asked for a tunnel; one that says nothing then may be waiting for the receiver. */
    boolean wasAsked() {
        return asked;
    }

    /** Whether every other call would fail too. */
    boolean concernsAll() {
        return status == 0 || status == 407;
    }
}
