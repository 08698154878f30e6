package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;

/** A token request failed. The message is for the customer, without secrets. */
final class TokenException extends Exception {

    private static final long serialVersionUID = 1L;

    private final TokenError trouble;
    private final Duration atLeast;

    TokenException(TokenError trouble, String message) {
        this(trouble, message, Duration.ZERO);
    }

    TokenException(TokenError trouble, String message, Duration atLeast) {
        super(message, null, false, false);
        this.trouble = trouble;
        this.atLeast = atLeast;
    }

    TokenError trouble() {
        return trouble;
    }

    Kind kind() {
        return trouble.kind();
    }

    /** How long the endpoint asked to wait. */
    Duration atLeast() {
        return atLeast;
    }

    /** The broken credential, and the time until the next attempt. */
    enum Kind {
        /** The endpoint: every client of the account that uses it waits. */
        ENDPOINT(Duration.ofSeconds(5), Duration.ofMinutes(5)),
        /** The answer, which held no usable token. */
        ANSWER(Duration.ofSeconds(5), Duration.ofMinutes(5)),
        /** The credential, which only a person can repair. */
        CREDENTIAL(Duration.ofMinutes(5), Duration.ofHours(1));

        private final Duration first;
        private final Duration longest;

        Kind(Duration first, Duration longest) {
            this.first = first;
            this.longest = longest;
        }

        Duration first() {
            return first;
        }

        Duration longest() {
            return longest;
        }
    }
}
