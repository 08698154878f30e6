package io.engagementwebhooks.webhook.auth;

/** A PEM text cannot be used. The message continues "the key …" or "the text …", without any part of it. */
public final class PemException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String wayOut;

    /** @param wayOut what to do */
    PemException(String message, String wayOut) {
        super(message);
        this.wayOut = wayOut;
    }

    /** What to do. */
    public String wayOut() {
        return wayOut;
    }
}
