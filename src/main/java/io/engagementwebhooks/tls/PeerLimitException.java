package io.engagementwebhooks.tls;

import java.io.IOException;

/** A peer sent more than is read of it. The message is the predicate of a sentence about the peer. */
public final class PeerLimitException extends IOException {

    private static final long serialVersionUID = 1L;

    public PeerLimitException(String predicate) {
        super(predicate);
    }

    /** Too many records carried no data. */
    public static PeerLimitException tooManyRecords() {
        return new PeerLimitException(" sent too many TLS records without data");
    }
}
