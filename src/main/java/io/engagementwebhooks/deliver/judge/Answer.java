package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.credential.Redactor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A response: the complete status line and headers, and the start of the body.
 *
 * @param status the HTTP status
 * @param headers by lower-case name, repeated ones joined by ", "; at most a bounded number of bytes
 * @param body decoded, at most {@value #READ_BYTES} bytes; the record keeps the first {@value #KEPT_BYTES}
 * @param note why the body is incomplete, such as "answer cut after 64 KiB"; empty: it is complete
 */
public record Answer(int status, Map<String, String> headers, byte[] body, String note) {

    /** The most bytes of a response body that are read, before and after decoding. */
    public static final int READ_BYTES = 64 * 1024;

    /** The most decoded bytes that are stored. */
    public static final int KEPT_BYTES = 16 * 1024;

    /** The note on a truncated body. */
    public static final String CUT = "answer cut after " + READ_BYTES / 1024 + " KiB";

    /** The note on a body that was incomplete at the deadline. */
    public static final String LATE = "answer's body was late";

    private static final String RETRY_AFTER = "retry-after";

    public Answer {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(body);
        Objects.requireNonNull(note);
    }

    /** Whether the body was longer than is read. */
    public boolean isCut() {
        return note.equals(CUT);
    }

    /** A header's value by its lower-case name, or null. */
    public String header(String name) {
        return headers.get(name);
    }

    /** This response with secrets masked. Retry-After stays readable: a short number may match a part of a secret. */
    public Answer redacted(Redactor redactor) {
        Map<String, String> kept = new HashMap<>(headers);
        kept.replaceAll((name, value) -> name.equals(RETRY_AFTER) ? value : redactor.redactBytes(value));
        byte[] shown = redactor.redact(body);
        return shown == body && kept.equals(headers) ? this : new Answer(status, kept, shown, note);
    }
}
