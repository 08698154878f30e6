package io.engagementwebhooks.api.delivery;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The result of an attempt: an HTTP status, or why there is none. Derived from the stored reason. */
public enum ResponseKind {
    /** The receiver answered with a status. */
    STATUS(""),
    /** The receiver did not answer or was not reached in time. */
    TIMEOUT(
            "did not answer within|did not answer in time|did not complete the TLS handshake within|connecting took too long"),
    CONNECTION_REFUSED("refused the connection|could not be reached: no route"),
    NAME_NOT_RESOLVED("host name could not be resolved"),
    /** The rules for outbound requests do not allow it. */
    NOT_ALLOWED("^Not allowed: "),
    /** A token endpoint or third party refuses the credential. */
    CREDENTIAL_REFUSED("^No token for OAuth client .* answered 4\\d\\d\\b|refused the login|refuses the token"),
    /** Nothing could be sent for another reason, such as a token endpoint that is down. */
    NOT_SENT(null),
    /** The connection broke, or the response was not HTTP. */
    NO_RESPONSE(null);

    private static final List<ResponseKind> BY_WORDS =
            List.of(NOT_ALLOWED, CREDENTIAL_REFUSED, TIMEOUT, CONNECTION_REFUSED, NAME_NOT_RESOLVED);

    private final Pattern words;

    ResponseKind(String words) {
        this.words = words == null ? null : Pattern.compile(words);
    }

    /** @param status of the response, or null @param reason the stored reason */
    public static ResponseKind of(Integer status, String reason) {
        return status != null ? STATUS : byWords(reason, NO_RESPONSE);
    }

    /** For an attempt that sent nothing. */
    public static ResponseKind unsent(String reason) {
        return byWords(reason, NOT_SENT);
    }

    private static ResponseKind byWords(String reason, ResponseKind otherwise) {
        String text = reason == null ? "" : reason;
        return BY_WORDS.stream()
                .filter(kind -> kind.words.matcher(text).find())
                .findFirst()
                .orElse(otherwise);
    }

    /** Its name in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
