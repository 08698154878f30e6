package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import java.time.Instant;
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
                answer == null ? null : AnswerText.headers(answer),
                answer == null ? null : AnswerText.body(answer),
                request == null ? null : request.timing().json(),
                request == null ? null : RequestText.head(request),
                isBodyKept(outcome) ? RequestText.body(request) : null);
    }

    private boolean isBodyKept(String outcome) {
        return request != null && (request.isLasting() || !outcome.equals(DeliveryState.DELIVERED.text()));
    }
}
