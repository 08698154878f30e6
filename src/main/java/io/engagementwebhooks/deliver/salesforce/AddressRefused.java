package io.engagementwebhooks.deliver.salesforce;

import java.io.IOException;

/** The egress rules refuse an address of the host. The message is for the customer. */
final class AddressRefused extends IOException {

    /** @param kind of address, such as "loopback" */
    AddressRefused(String host, String kind) {
        super(host + " is no public address (" + kind + ")");
    }
}
