package io.engagementwebhooks.deliver;

import java.util.Map;
import java.util.Objects;

/**
 * What came back: the complete status line and headers, and the start of the body.
 *
 * @param status the HTTP status
 * @param headers by lower-case name, values of repeated ones joined by ", "; only a bounded part
 * @param body what was read and decoded, at most {@value #READ_BYTES} bytes; the record keeps the first {@value #KEPT_BYTES}
 * @param note what happened to the rest, such as "answer cut after 64 KiB"; empty: nothing
 */
public record Answer(int status, Map<String, String> headers, byte[] body, String note) {

    /** Bytes of an answer that are read at most, counted before and after decoding. */
    public static final int READ_BYTES = 64 * 1024;

    /** Decoded bytes that are kept. */
    public static final int KEPT_BYTES = 16 * 1024;

    public Answer {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(body);
        Objects.requireNonNull(note);
    }

    /** A header's value by its lower-case name, or null. */
    public String header(String name) {
        return headers.get(name);
    }
}
