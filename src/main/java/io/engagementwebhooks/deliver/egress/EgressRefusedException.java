package io.engagementwebhooks.deliver.egress;

import java.net.UnknownHostException;

/**
 * An egress rule forbids the call; nothing was sent. The message is for the customer, without resolved addresses. An
 * {@link UnknownHostException} so that a DNS resolver may throw it.
 */
public final class EgressRefusedException extends UnknownHostException {

    public EgressRefusedException(String message) {
        super(message);
    }
}
