package io.engagementwebhooks.console;

import java.util.Map;

/**
 * An answer that says more than its body.
 *
 * @param status the HTTP status
 * @param headers further headers
 * @param body what is written as JSON; null with 204
 */
record Answered(int status, Map<String, String> headers, Object body) {

    static final String ETAG = "ETag";

    static Answered ok(String version, Object body) {
        return new Answered(200, Map.of(ETAG, quoted(version)), body);
    }

    static Answered created(String location, String version, Object body) {
        return new Answered(201, Map.of(ETAG, quoted(version), "Location", location), body);
    }

    static Answered nothing() {
        return new Answered(204, Map.of(), null);
    }

    static String quoted(String version) {
        return '"' + version + '"';
    }

    /** Without the body, which holds a key that was made, and may be printed as that of an exchange. */
    @Override
    public String toString() {
        return status + " " + headers.keySet();
    }
}
