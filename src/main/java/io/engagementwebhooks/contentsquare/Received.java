package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.credential.Redactor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A raw HTTP response.
 *
 * @param text at most {@link ContentsquareHttpClient#MOST_BYTES} bytes of the body
 * @param cut whether the body was longer
 * @param retryAfter the header, or null
 * @param left the rest of the timeout, more than 0
 */
record Received(int status, String text, boolean cut, String retryAfter, Duration left) {

    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Set<Integer> LATER = Set.of(408, 425, 429);

    /** A copy with an echoed secret masked, since responses are stored, logged and shown. */
    Received redacted(String secret) {
        return new Received(status, Redactor.of(List.of(secret)).redact(text), cut, retryAfter, left);
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    /** Whether a retry may succeed. */
    boolean isRetryable() {
        return LATER.contains(status) || status >= 500;
    }

    boolean isRedirect() {
        return status / 100 == 3;
    }

    /** Whether a successful status comes with a body that says otherwise. */
    boolean isFailure() {
        JsonNode success = json().path("success");
        return success.isBoolean() && !success.booleanValue();
    }

    boolean refusesToken() {
        return status == 401 || isSuccess() && isFailure() && "JWT_EXPIRED".equals(code("errorCode"));
    }

    /** The body as JSON; a missing node if it is none. */
    JsonNode json() {
        return Json.readOrMissing(text);
    }

    /** The first of these members that is a code; free text is ignored, since it may echo the request. */
    String code(String... members) {
        JsonNode json = json();
        for (String member : members) {
            String code = json.path(member).asText("");
            if (CODE.matcher(code).matches()) {
                return code;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return "answer with status " + status;
    }
}
