package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;

/** A token request failed. The message is for the customer, without secrets. */
final class TokenException extends Exception {

    private static final long serialVersionUID = 1L;

    private final TokenError error;
    private final Duration atLeast;

    TokenException(TokenError error, String message) {
        this(error, message, Duration.ZERO);
    }

    TokenException(TokenError error, String message, Duration atLeast) {
        super(message, null, false, false);
        this.error = error;
        this.atLeast = atLeast;
    }

    TokenError error() {
        return error;
    }

    /** The wait that the endpoint requested; zero if none. */
    Duration atLeast() {
        return atLeast;
    }
}
