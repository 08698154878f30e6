package io.engagementwebhooks.store.query;

import io.engagementwebhooks.event.Sha256;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * An attempt as it is stored.
 *
 * @param number from 1
 * @param startedAt when it began
 * @param ms its duration in milliseconds
 * @param outcome delivered, try-later, gave-up or skipped
 * @param reason why, as the customer reads it; empty where it was delivered without remark
 * @param note a remark for the customer, or null
 * @param status the HTTP status, or null: no response
 * @param headers the response headers as a JSON object, or null
 * @param body the response body, at most 16 KiB, or null
 * @param timing the durations of its phases, a JSON object in milliseconds, or null
 * @param request the request line and headers without secrets, and size and {@link #hash} of the body, as a JSON
 *     object; null for a custom destination, which does not report them
 * @param requestBody the start of the request body, at most 16 KiB, or null: it was delivered and can be rebuilt from
 *     the event, or the payload has expired
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

    /** The stored part of a body, at most. */
    public static final int MAX_BODY_BYTES = 16 * 1024;

    /** The attempt without the bodies of its request and response. */
    public AttemptRow withoutBodies() {
        return new AttemptRow(
                number, startedAt, ms, outcome, reason, note, status, headers, null, timing, request, null);
    }

    /** The attempt without what may be made of the event's data. */
    public AttemptRow withoutTexts() {
        return new AttemptRow(
                number,
                startedAt,
                ms,
                outcome,
                reason.isEmpty() ? "" : "erased",
                null,
                status,
                null,
                null,
                timing,
                null,
                null);
    }

    public AttemptRow withNumber(int other) {
        return new AttemptRow(
                other, startedAt, ms, outcome, reason, note, status, headers, body, timing, request, requestBody);
    }

    /** The first 16 bytes of a body's SHA-256, to compare a rebuilt body with the one sent. */
    public static String hash(byte[] body) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(Sha256.of(body), 16));
    }
}
