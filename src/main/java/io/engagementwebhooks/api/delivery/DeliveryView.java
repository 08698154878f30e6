package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;

/**
 * A delivery in the API (semantics 17). Times are ISO 8601 in UTC.
 *
 * @param id as receivers get it in {@code webhook-id}
 * @param event the CloudEvents id
 * @param eventKey the event's id in {@code /v1/events}
 * @param status see {@link DeliveryStatus}
 * @param state its state
 * @param outcome of the last attempt, or null
 * @param httpStatus of the last response, or null
 * @param ms duration of the last attempt, or null
 * @param next time of the next attempt, or null
 * @param waitingFor null: it has ended
 * @param replayOf the delivery it replays, or null
 * @param origin the delivery whose event was edited to create it, or null
 * @param test whether it is a test of its webhook
 */
public record DeliveryView(
        String id,
        String event,
        String eventKey,
        String eventType,
        String webhook,
        String webhookId,
        String status,
        String state,
        String outcome,
        String reason,
        int attemptCount,
        Integer httpStatus,
        Long ms,
        String next,
        WaitingForView waitingFor,
        String acceptedAt,
        String endedAt,
        String replayOf,
        String origin,
        boolean test) {

    /** Prefix of the ULID in {@code webhook-id}. */
    public static final String PREFIX = "msg_";

    /** Stored bodies end here, possibly within a character. */
    private static final int KEPT_BYTES = 16 * 1024;

    private static final int LONGEST_CHARACTER = 4;
    /** A newer instance may have written members that are not known here. */
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** What an attempt stores as JSON. @param json null gives null */
    public static <T> T read(String json, TypeReference<T> type) {
        try {
            return json == null ? null : JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("request, headers and timing of an attempt are stored as JSON", e);
        }
    }

    public static String base64(byte[] body) {
        return Base64.getEncoder().encodeToString(body);
    }

    /** The text without a truncated last character; empty: it is not text. */
    public static Optional<String> utf8(byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        CharBuffer text = CharBuffer.allocate(body.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, false);
        boolean cut = body.length >= KEPT_BYTES && bytes.remaining() < LONGEST_CHARACTER;
        if (result.isError() || bytes.hasRemaining() && !cut) {
            return Optional.empty();
        }
        return Optional.of(text.flip().toString());
    }

    /** With milliseconds, as in the store. */
    public static String text(Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
