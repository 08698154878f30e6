package io.engagementwebhooks.deliver.egress;

import java.io.IOException;

/** Every name server failed to look the name up. The message is the DNS code, such as {@code SERVFAIL}. */
final class NameServerException extends IOException {

    private static final long serialVersionUID = 1L;

    NameServerException(String code) {
        super(code);
    }
}
