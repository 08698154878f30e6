package io.engagementwebhooks.tls;

import javax.net.ssl.SSLException;

/** A peer exceeded a limit of {@link LimitedSslHandler}, which closed the connection. */
public final class TlsLimitException extends SSLException {

    private static final long serialVersionUID = 1L;

    private final String predicate;

    /** @param predicate of a sentence about the peer */
    TlsLimitException(String predicate) {
        super("the peer " + predicate);
        this.predicate = predicate;
    }

    /** Too many records carried no data. */
    public static TlsLimitException tooManyRecords() {
        return new TlsLimitException("sent too many TLS records without data");
    }

    public String predicate() {
        return predicate;
    }
}
