package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.NoResponseException;
import java.io.IOException;

/** The error of a failed token request. Its code is stable, for programs; its kind decides who waits and how long. */
enum TokenError {
    NAME_NOT_RESOLVED(TokenException.Kind.ENDPOINT),
    ADDRESS_REFUSED(TokenException.Kind.ENDPOINT),
    CONNECTION_REFUSED(TokenException.Kind.ENDPOINT),
    TLS(TokenException.Kind.ENDPOINT),
    TIME_OUT(TokenException.Kind.ENDPOINT),
    NO_ANSWER(TokenException.Kind.ENDPOINT),
    UNAVAILABLE(TokenException.Kind.ENDPOINT),
    REDIRECT(TokenException.Kind.ANSWER),
    NOT_JSON(TokenException.Kind.ANSWER),
    NO_TOKEN(TokenException.Kind.ANSWER),
    UNUSABLE_TOKEN(TokenException.Kind.ANSWER),
    CLIENT_REFUSED(TokenException.Kind.CREDENTIAL),
    REQUEST_REFUSED(TokenException.Kind.CREDENTIAL);

    private final TokenException.Kind kind;

    TokenError(TokenException.Kind kind) {
        this.kind = kind;
    }

    TokenException.Kind kind() {
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
}
