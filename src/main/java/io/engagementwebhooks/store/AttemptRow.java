package io.engagementwebhooks.store;

import java.time.Instant;

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
 * @param body what came back, at most 16 KiB, or null
 * @param timing how long its parts took, a JSON object in milliseconds, or null
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
        String timing) {

    /** One whose parts were not measured. */
    public AttemptRow(
            int number,
            Instant startedAt,
            long ms,
            String outcome,
            String reason,
            String note,
            Integer status,
            String headers,
            byte[] body) {
        this(number, startedAt, ms, outcome, reason, note, status, headers, body, null);
    }
}
