package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.NoAnswerInTimeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;

/** What stands between us and a token. The code is stable, for programs; the kind says who waits and how long. */
enum TokenTrouble {
    NAME_NOT_RESOLVED(TokenFault.Kind.ENDPOINT),
    ADDRESS_REFUSED(TokenFault.Kind.ENDPOINT),
    CONNECTION_REFUSED(TokenFault.Kind.ENDPOINT),
    TLS(TokenFault.Kind.ENDPOINT),
    TIME_OUT(TokenFault.Kind.ENDPOINT),
    NO_ANSWER(TokenFault.Kind.ENDPOINT),
    UNAVAILABLE(TokenFault.Kind.ENDPOINT),
    REDIRECT(TokenFault.Kind.ANSWER),
    NOT_JSON(TokenFault.Kind.ANSWER),
    NO_TOKEN(TokenFault.Kind.ANSWER),
    UNUSABLE_TOKEN(TokenFault.Kind.ANSWER),
    CLIENT_REFUSED(TokenFault.Kind.CREDENTIAL),
    REQUEST_REFUSED(TokenFault.Kind.CREDENTIAL);

    private final TokenFault.Kind kind;

    TokenTrouble(TokenFault.Kind kind) {
        this.kind = kind;
    }

    TokenFault.Kind kind() {
        return kind;
    }

    /** As programs read it: {@code name-not-resolved}. */
    String code() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Of a call that brought no answer. */
    static TokenTrouble of(IOException failure) {
        if (failure instanceof EgressRefusedException) {
            return ADDRESS_REFUSED;
        }
        if (failure instanceof UnknownHostException) {
            return NAME_NOT_RESOLVED;
        }
        if (failure instanceof SSLException) {
            return TLS;
        }
        if (failure instanceof NoAnswerInTimeException
                || failure instanceof SocketTimeoutException
                || failure instanceof ConnectTimeoutException) {
            return TIME_OUT;
        }
        return failure instanceof ConnectException ? CONNECTION_REFUSED : NO_ANSWER;
    }
}
