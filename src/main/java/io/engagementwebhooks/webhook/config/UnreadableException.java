package io.engagementwebhooks.webhook.config;

/** A value is missing or does not fit the {@link Schema}. Its fault is reported already. */
final class UnreadableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnreadableException() {
        super("", null, false, false);
    }
}
