package io.engagementwebhooks.deliver.egress;

import io.netty.handler.proxy.HttpProxyHandler.HttpProxyConnectException;
import io.netty.handler.proxy.ProxyConnectException;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** The proxy did not open a tunnel; nothing reached the receiver. */
final class ProxyFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Netty's message if a proxy accepted the request for a tunnel and did not respond. */
    private static final Pattern TIMEOUT = Pattern.compile("\\btimeout\\b");

    private static final Pattern STATUS = Pattern.compile("status: ([1-5]\\d\\d)\\b");

    private final boolean affectsAllCalls;

    private ProxyFailedException(String predicate, boolean affectsAllCalls, Throwable cause) {
        super("the proxy of this installation " + predicate, cause);
        this.affectsAllCalls = affectsAllCalls;
    }

    /** The exception of a failed connection to or through the proxy: this one unless it is the receiver's failure. */
    static IOException of(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof SSLException) {
            return NoResponseException.of(failure);
        }
        if (failure instanceof ProxyConnectException && TIMEOUT.matcher(message).find()) {
            // the proxy accepted the request for a tunnel, and may have waited for the receiver
            return new NoResponseException(NoResponseException.Reason.CONNECT_TIMEOUT);
        }
        if (!(failure instanceof HttpProxyConnectException)) {
            return new ProxyFailedException("cannot be reached, or closed the connection", true, failure);
        }
        Matcher status = STATUS.matcher(message);
        return status.find()
                ? refused(status.group(1))
                : new ProxyFailedException("does not answer as an HTTP proxy does", true, failure);
    }

    private static IOException refused(String status) {
        return switch (status) {
            case "502", "503", "504" -> NoResponseException.byProxy(status);
            case "407" -> new ProxyFailedException("requires a different user or password (407)", true, null);
            default -> new ProxyFailedException("refused the connection (" + status + ")", false, null);
        };
    }

    boolean affectsAllCalls() {
        return affectsAllCalls;
    }
}
