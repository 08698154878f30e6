package io.engagementwebhooks.deliver.egress;

import java.net.UnknownHostException;

/**
 * An egress rule forbids the call; nothing was sent. The message is for the customer and names no address that a name
 * leads to. An {@link UnknownHostException} because that is what a DNS resolver may throw.
 */
public final class EgressRefusedException extends UnknownHostException {

    public EgressRefusedException(String message) {
        super(message);
    }
}
