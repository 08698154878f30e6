package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A name leads to an address that may not be called; nothing was sent. For a customer it is a name that is not resolved, in
 * every word and figure: else webhooks would tell which names there are in the operator's network. The operator reads more
 * in the log ({@link NotPublicLog}).
 */
public final class NotPublicException extends UnknownHostException {

    private static final long serialVersionUID = 1L;

    private final String detail;

    /**
     * @param host the name
     * @param address one that it leads to
     * @param why such as "private network"
     */
    public NotPublicException(String host, InetAddress address, String why) {
        super(host);
        this.detail = address.getHostAddress() + " (" + why + ")";
    }

    /** For the operator: the address, and why it may not be called. */
    String detail() {
        return detail;
    }
}
