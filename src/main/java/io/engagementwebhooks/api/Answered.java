package io.engagementwebhooks.api;

import java.util.Map;

/**
 * A response with status and headers besides its body.
 *
 * @param status the HTTP status
 * @param headers further headers
 * @param body written as JSON; null with 204
 */
public record Answered(int status, Map<String, String> headers, Object body) {

    static final String ETAG = "ETag";

    public static Answered ok(String version, Object body) {
        return new Answered(200, Map.of(ETAG, quoted(version)), body);
    }

    public static Answered created(String location, String version, Object body) {
        return new Answered(201, Map.of(ETAG, quoted(version), "Location", location), body);
    }

    public static Answered nothing() {
        return new Answered(204, Map.of(), null);
    }

    static String quoted(String version) {
        return '"' + version + '"';
    }

    /** Leaves out the body, which may hold a new key and be logged. */
    @Override
    public String toString() {
        return status + " " + headers.keySet();
    }
}
