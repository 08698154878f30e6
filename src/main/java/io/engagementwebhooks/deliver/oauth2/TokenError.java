package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.NoResponseException;
import java.io.IOException;
import java.time.Duration;

/** The error of a failed token request. Its code is stable, for programs; its kind decides who waits and how long. */
enum TokenError {
    NAME_NOT_RESOLVED(Kind.ENDPOINT),
    ADDRESS_REFUSED(Kind.ENDPOINT),
    CONNECTION_REFUSED(Kind.ENDPOINT),
    TLS(Kind.ENDPOINT),
    TIME_OUT(Kind.ENDPOINT),
    NO_ANSWER(Kind.ENDPOINT),
    UNAVAILABLE(Kind.ENDPOINT),
    REDIRECT(Kind.ANSWER),
    NOT_JSON(Kind.ANSWER),
    NO_TOKEN(Kind.ANSWER),
    UNUSABLE_TOKEN(Kind.ANSWER),
    CLIENT_REFUSED(Kind.CREDENTIAL),
    REQUEST_REFUSED(Kind.CREDENTIAL);

    private final Kind kind;

    TokenError(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** The code in the API, such as {@code name-not-resolved}. */
    String code() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The error of a call without response. */
    static TokenError of(IOException failure) {
        if (failure instanceof EgressRefusedException) {
            return ADDRESS_REFUSED;
        }
        return NoResponseException.known(failure)
                .map(known -> switch (known.reason()) {
                    case NAME_NOT_RESOLVED -> NAME_NOT_RESOLVED;
                    case CONNECTION_REFUSED -> CONNECTION_REFUSED;
                    case TLS -> TLS;
                    default -> known.reason().isTimeout() ? TIME_OUT : NO_ANSWER;
                })
                .orElse(NO_ANSWER);
    }

    /** What failed, with its backoff. */
    enum Kind {
        /** The endpoint; all clients of the account that use it wait. */
        ENDPOINT(BackoffSchedule.tokenRequestFailed(Duration.ofSeconds(5))),
        /** The response, which had no usable token. */
        ANSWER(BackoffSchedule.tokenRequestFailed(Duration.ofSeconds(5))),
        /** The credential, which a person must fix. */
        CREDENTIAL(BackoffSchedule.CREDENTIAL_REFUSED);

        private final BackoffSchedule pauses;

        Kind(BackoffSchedule pauses) {
            this.pauses = pauses;
        }

        BackoffSchedule pauses() {
            return pauses;
        }
    }
}
