package io.engagementwebhooks.deliver.egress;

import io.netty.handler.proxy.HttpProxyHandler.HttpProxyConnectException;
import io.netty.handler.proxy.ProxyConnectException;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxy did not open a tunnel; nothing reached the receiver. */
final class ProxyFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    private static final Pattern STATUS = Pattern.compile("status: ([1-5]\\d\\d)\\b");

    private final boolean affectsAllCalls;

    private ProxyFailedException(String predicate, boolean affectsAllCalls, Throwable cause) {
        super("the proxy of this installation " + predicate, cause);
        this.affectsAllCalls = affectsAllCalls;
    }

    /** The exception of a failed connection to or through the proxy: this one unless it is the receiver's failure. */
    static IOException of(Throwable failure) {
        if (failure instanceof NoResponseException handshake) {
            return handshake;
        }
        if (!(failure instanceof ProxyConnectException)) {
            return new ProxyFailedException("cannot be reached", true, failure);
        }
        Matcher status = STATUS.matcher(String.valueOf(failure.getMessage()));
        if (status.find()) {
            return refused(status.group(1));
        }
        // a target can have caused it
        return failure instanceof HttpProxyConnectException
                ? new ProxyFailedException("does not answer as an HTTP proxy does", false, failure)
                : new ProxyFailedException("opened no tunnel to this receiver", false, failure);
    }

    /** The call's deadline passed before the proxy was reached; other calls may have more time. */
    static ProxyFailedException notInTime() {
        return new ProxyFailedException("was not reached in time", false, null);
    }

    private static IOException refused(String status) {
        return switch (status) {
            case "502", "503", "504" -> NoResponseException.byProxy(status);
            case "407" -> new ProxyFailedException("requires a different user or password (407)", true, null);
            default -> new ProxyFailedException("refused the connection (" + status + ")", false, null);
        };
    }

    /** Whether the proxy itself cannot be used, whatever the target. */
    boolean affectsAllCalls() {
        return affectsAllCalls;
    }
}
