package io.engagementwebhooks.config.schema;

/** A value is missing or does not fit the {@link Schema}. Its fault is reported already. */
public final class UnreadableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnreadableException() {
        super("", null, false, false);
    }
}
