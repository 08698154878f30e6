package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.jdbc.Dialect;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The result of an attempt: an HTTP status, or why there is none. Derived from the stored reason. */
public enum ResponseKind {
    /** The receiver answered with a status. */
    STATUS(),
    /** The rules for outbound requests do not allow it. */
    NOT_ALLOWED("Not allowed: %"),
    /** A token endpoint or third party refuses the credential. */
    CREDENTIAL_REFUSED("No token for OAuth client % answered 4__%", "%refused the login%", "%refuses the token%"),
    /** The receiver did not answer or was not reached in time. */
    TIMEOUT(
            "%did not answer within%",
            "%did not answer in time%", "%did not complete the TLS handshake within%", "%connecting took too long%"),
    CONNECTION_REFUSED("%refused the connection%", "%could not be reached: no route%"),
    NAME_NOT_RESOLVED("%host name could not be resolved%"),
    /** Nothing could be sent for another reason, such as a token endpoint that is down. */
    NOT_SENT(),
    /** The connection broke, or the response was not HTTP. */
    NO_RESPONSE();

    private static final String UNSENT = "(d.ended_at IS NULL AND EXISTS (SELECT 1 FROM due u WHERE "
            + DueRows.OF_DELIVERY + " AND u.unsent_since IS NOT NULL) OR d.reason LIKE '%, and the age limit is %')";

    /** Of {@code LIKE}, which ignores the case of ASCII letters. */
    private final List<String> likes;

    private final Pattern words;

    ResponseKind(String... likes) {
        this.likes = List.of(likes);
        String regex = this.likes.stream()
                .map(like -> "\\Q" + like.replace("%", "\\E.*\\Q").replace("_", "\\E.\\Q") + "\\E")
                .collect(Collectors.joining("|"));
        this.words = Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
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
        return Arrays.stream(values())
                .filter(kind ->
                        !kind.likes.isEmpty() && kind.words.matcher(text).matches())
                .findFirst()
                .orElse(otherwise);
    }

    /** An expression with the {@link #text} of the last attempt's kind, for a delivery {@code d}. */
    static String sql(Dialect dialect) {
        String byWords = Arrays.stream(values())
                .filter(kind -> !kind.likes.isEmpty())
                .map(kind -> kind.likes.stream()
                                .map(like -> "d.reason " + dialect.like() + " '" + like + "'")
                                .collect(Collectors.joining(" OR ", " WHEN ", " THEN "))
                        + "'" + kind.text() + "'")
                .collect(Collectors.joining());
        return "CASE WHEN d.status IS NOT NULL AND NOT " + UNSENT + " THEN '" + STATUS.text() + "'" + byWords + " WHEN "
                + UNSENT + " THEN '" + NOT_SENT.text() + "' ELSE '" + NO_RESPONSE.text() + "' END";
    }

    /** Its name in the API. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @param text as in the API, or null */
    public static Optional<ResponseKind> of(String text) {
        return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst();
    }

    /** Names of the kinds without a status. */
    public static List<String> faults() {
        return Arrays.stream(values())
                .filter(kind -> kind != STATUS)
                .map(ResponseKind::text)
                .toList();
    }
}
