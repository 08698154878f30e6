package io.engagementwebhooks.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An error of a request as RFC 9457 problem details.
 *
 * @param status the HTTP status
 * @param code short and stable, for programs; the end of {@code type}
 * @param title the kind of problem
 * @param detail this case: the thing, the rule and the way out
 * @param index position of the item in a batch, from 0, or null
 * @param retryAfter time until the next attempt, or null
 * @param fields errors of members of the body; may be empty
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
public record Problem(
        int status, String code, String title, String detail, Integer index, Duration retryAfter, List<Field> fields) {

    /**
     * An error of a member of the body.
     *
     * @param pointer JSON Pointer (RFC 6901) to it, also if it is missing; empty: the whole body
     * @param detail the thing and the rule
     * @param wayOut what to do about it
     * @param code the kind of error, in one word
     */
    public record Field(String pointer, String detail, String wayOut, String code) {}

    /** The media type of problem details. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final String TYPE_PREFIX = "urn:engagement-webhooks:problem:";
    private static final ObjectMapper JSON = new ObjectMapper();

    public Problem {
        Objects.requireNonNull(code);
        Objects.requireNonNull(title);
        Objects.requireNonNull(detail);
        fields = List.copyOf(fields);
    }

    /** A problem without errors of members. */
    public Problem(int status, String code, String title, String detail, Integer index, Duration retryAfter) {
        this(status, code, title, detail, index, retryAfter, List.of());
    }

    public static Problem badRequest(String code, String detail) {
        return new Problem(400, code, "Bad request", detail, null, null);
    }

    public static Problem unauthorized(String detail) {
        return new Problem(401, "unauthorized", "No valid API key", detail, null, null);
    }

    public static Problem forbidden(String code, String detail) {
        return new Problem(403, code, "Not allowed", detail, null, null);
    }

    public static Problem notFound(String detail) {
        return new Problem(404, "not-found", "Not found", detail, null, null);
    }

    public static Problem methodNotAllowed(String detail) {
        return new Problem(405, "method-not-allowed", "Method not allowed", detail, null, null);
    }

    public static Problem conflict(String code, String detail) {
        return new Problem(409, code, "Conflict", detail, null, null);
    }

    public static Problem gone(String code, String detail) {
        return new Problem(410, code, "Gone", detail, null, null);
    }

    public static Problem tooLarge(String detail) {
        return new Problem(413, "too-large", "Request too large", detail, null, null);
    }

    public static Problem unsupportedMediaType(String detail) {
        return new Problem(415, "unsupported-media-type", "Unsupported media type", detail, null, null);
    }

    /** @param fields at least one */
    public static Problem invalid(List<Field> fields) {
        Field first = fields.get(0);
        String more = fields.size() == 1 ? "" : "; and " + (fields.size() - 1) + " more, see 'faults'";
        return new Problem(
                422, "invalid", "Not valid", first.detail() + " (" + first.wayOut() + ")" + more, null, null, fields);
    }

    public static Problem editConflict(String detail) {
        return new Problem(412, "edit-conflict", "Precondition failed", detail, null, null);
    }

    public static Problem preconditionRequired(String detail) {
        return new Problem(428, "if-match-required", "Precondition required", detail, null, null);
    }

    public static Problem tooMany(String code, String detail, Duration retryAfter) {
        return new Problem(429, code, "Too many requests", detail, null, retryAfter);
    }

    public static Problem unavailable(String code, String detail, Duration retryAfter) {
        return new Problem(503, code, "Not available now", detail, null, retryAfter);
    }

    /** An error in the product; the log has the details. */
    public static Problem internal() {
        return new Problem(
                500,
                "internal",
                "Internal error",
                "This request failed because of an error in the product. Nothing was stored. Please try again.",
                null,
                null);
    }

    /** A route lacks a step, which the operator must correct. @param why names the step and its place */
    public static Problem faultyRoute(String why) {
        return new Problem(
                500,
                "faulty-route",
                "Faulty route",
                why + ". The operator of this installation must correct the route; send the request again afterwards.",
                null,
                null);
    }

    /** The problem of an item of a batch. */
    public Problem at(int item) {
        return new Problem(status, code, title, "item " + item + ": " + detail, item, retryAfter, fields);
    }

    /** The headers of the response. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", MEDIA_TYPE);
        if (retryAfter != null) {
            headers.put("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
        }
        if (status == 401) {
            headers.put("WWW-Authenticate", "Bearer");
        }
        return headers;
    }

    public byte[] json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", TYPE_PREFIX + code)
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
        if (index != null) {
            json.put("index", index);
        }
        if (!fields.isEmpty()) {
            ArrayNode faults = json.putArray("faults");
            fields.forEach(field -> faults.addObject()
                    .put("pointer", field.pointer())
                    .put("detail", field.detail())
                    .put("wayOut", field.wayOut()));
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
