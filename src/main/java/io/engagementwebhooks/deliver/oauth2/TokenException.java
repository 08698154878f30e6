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

    Kind kind() {
        return error.kind();
    }

    /** The wait that the endpoint requested; zero if none. */
    Duration atLeast() {
        return atLeast;
    }

    /** What failed, with its backoff. */
    enum Kind {
        /** The endpoint; all clients of the account that use it wait. */
        ENDPOINT(Duration.ofSeconds(5), Duration.ofMinutes(5)),
        /** The response, which had no usable token. */
        ANSWER(Duration.ofSeconds(5), Duration.ofMinutes(5)),
        /** The credential, which a person must fix. */
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
