package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A name resolves to a forbidden address; nothing was sent. Customers get the text and times of an unresolved name, so
 * that webhooks do not reveal names in the operator's network. The operator's log has the details ({@link
 * NotPublicLog}).
 */
public final class NotPublicException extends UnknownHostException {

    private static final long serialVersionUID = 1L;

    private final String detail;

    /**
     * @param host the name
     * @param address a resolved address
     * @param why such as "private network"
     */
    public NotPublicException(String host, InetAddress address, String why) {
        super(host);
        this.detail = address.getHostAddress() + " (" + why + ")";
    }

    /** For the operator: the address, and why it is forbidden. */
    String detail() {
        return detail;
    }
}
