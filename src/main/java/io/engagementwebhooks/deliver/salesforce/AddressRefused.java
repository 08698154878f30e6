package io.engagementwebhooks.deliver.salesforce;

import java.io.IOException;

/** The egress rules refuse an address of the host. The message is for the customer. */
final class AddressRefused extends IOException {

    AddressRefused(String host, String reason) {
        super("the address of " + host + " is refused: " + reason);
    }
}
