package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.ShownRequest;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The recorded part of an attempt, with secrets masked.
 *
 * @param startedAt when it began
 * @param ms how long it took
 * @param answer the response, or null
 * @param note a note for the customer, or null
 * @param request the request, or null if nothing was sent or a custom destination does not report it
 */
public record ShownAttempt(Instant startedAt, long ms, Answer answer, String note, OutgoingRequest request) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** From the context of an attempt that has just ended. */
    public static ShownAttempt of(DeliveryContext context) {
        return new ShownAttempt(
                context.startedAt(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - context.startedNanos()),
                context.answer(),
                note(context),
                context.request());
    }

    private static String note(DeliveryContext context) {
        String note = context.note();
        Answer answer = context.answer();
        if (answer == null || answer.note().isEmpty()) {
            return note;
        }
        return note == null ? answer.note() : note + "; " + answer.note();
    }

    /** As a row of the store. */
    public AttemptRow row(int number, String outcome, String reason) {
        return new AttemptRow(
                number,
                startedAt,
                ms,
                outcome,
                reason,
                note,
                answer == null ? null : answer.status(),
                answer == null || answer.headers().isEmpty() ? null : json(new TreeMap<>(answer.headers())),
                answer == null ? null : start(answer.body(), Answer.KEPT_BYTES),
                request == null ? null : request.timing().json(),
                request == null ? null : json(head(request)),
                isBodyKept(outcome) ? start(ShownRequest.body(request), AttemptRow.MAX_BODY_BYTES) : null);
    }

    private static Map<String, Object> head(OutgoingRequest request) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("method", request.method());
        head.put("url", ShownRequest.url(request));
        head.put("headers", ShownRequest.headers(request));
        head.put("bytes", request.body().length);
        head.put("hash", AttemptRow.hash(request.body()));
        return head;
    }

    private static byte[] start(byte[] body, int most) {
        return body.length <= most ? body : Arrays.copyOf(body, most);
    }

    private static String json(Map<String, ?> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers is always JSON", e);
        }
    }

    private boolean isBodyKept(String outcome) {
        return request != null && (request.isLasting() || !outcome.equals(DeliveryState.DELIVERED.text()));
    }
}
