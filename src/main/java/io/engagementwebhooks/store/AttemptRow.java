package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Sha256;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * One attempt as it is kept.
 *
 * @param number from 1
 * @param startedAt when it began
 * @param ms how long it took
 * @param outcome delivered, try-later, gave-up or skipped
 * @param reason our words for it; empty where it was delivered without remark
 * @param note something worth knowing, or null
 * @param status the HTTP status, or null: no answer
 * @param headers a JSON object, or null
 * @param body the response body, at most 16 KiB, or null
 * @param timing how long its parts took, a JSON object in milliseconds, or null
 * @param request the head of what was sent without what is secret, and size and {@link #hash} of its body: a JSON object; null:
 *     a destination of the customer's own does not tell
 * @param requestBody the start of that body, at most 16 KiB, or null: it was delivered, and can be built again from the event; or the
 *     event's payload is no longer kept
 */
public record AttemptRow(
        int number,
        Instant startedAt,
        long ms,
        String outcome,
        String reason,
        String note,
        Integer status,
        String headers,
        byte[] body,
        String timing,
        String request,
        byte[] requestBody) {

    /** So much of a body is kept at most. */
    public static final int KEPT_BYTES = 16 * 1024;

    /** Tells whether a rebuilt body equals the one that was sent: the first 16 bytes of its SHA-256. */
    public static String hash(byte[] body) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(Sha256.of(body), 16));
    }
}
