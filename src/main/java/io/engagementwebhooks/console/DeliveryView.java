package io.engagementwebhooks.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.WaitingFor;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.Config;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** How a delivery and its attempts look in the API (semantics 17). Thread-safe. */
final class DeliveryView {

    /** What the message id has in front of the ULID, as receivers see it in {@code webhook-id}. */
    static final String PREFIX = "msg_";

    /** Bodies are kept up to here, so that one of this size may end within a character. */
    private static final int KEPT_BYTES = 16 * 1024;

    private static final int LONGEST_CHARACTER = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Outbox outbox;
    private final Supplier<Config> config;

    DeliveryView(Outbox outbox, Supplier<Config> config) {
        this.outbox = outbox;
        this.config = config;
    }

    Map<String, Object> of(DeliveryRow row) {
        return of(List.of(row)).get(0);
    }

    List<Map<String, Object>> of(List<DeliveryRow> rows) {
        Map<String, WaitingFor> reasons = outbox.waitingFor(rows);
        return rows.stream().map(row -> of(row, reasons.get(row.id()))).toList();
    }

    private Map<String, Object> of(DeliveryRow row, WaitingFor reason) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", PREFIX + row.id());
        view.put("event", row.eventId());
        view.put("eventKey", Events.PREFIX + row.event());
        view.put("eventType", row.eventType());
        view.put("webhook", row.webhook().name());
        view.put("webhookId", row.webhook().id());
        String state = state(row, reason);
        view.put("status", DeliveryStatus.of(state, row.outcome()).text());
        view.put("state", state);
        view.put("outcome", row.outcome());
        view.put("reason", reason(row));
        view.put("attemptCount", row.attempts());
        view.put("next", reason == null ? null : text(reason.until()));
        view.put("waitingFor", WaitingForView.of(reason));
        view.put("acceptedAt", text(row.acceptedAt()));
        view.put("endedAt", text(row.endedAt()));
        view.put("replayOf", row.replayOf() == null ? null : PREFIX + row.replayOf());
        return view;
    }

    private static String state(DeliveryRow row, WaitingFor reason) {
        if (row.state().ended()) {
            return row.state().text();
        }
        if (reason instanceof WaitingFor.Answer) {
            return "sending";
        }
        return row.webhookState() == WebhookState.State.ACTIVE ? "waiting" : "paused";
    }

    private String reason(DeliveryRow row) {
        if (!row.state().ended() && config.get().webhook(row.webhook()).isEmpty()) {
            return "webhook '" + row.webhook().name() + "' (" + row.webhook().id()
                    + ") is no longer configured; the delivery is sent when it is again";
        }
        return row.reason() == null || row.reason().isEmpty() ? null : row.reason();
    }

    static Map<String, Object> of(AttemptRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("number", row.number());
        view.put("startedAt", text(row.startedAt()));
        view.put("outcome", row.outcome());
        view.put("reason", row.reason().isEmpty() ? null : row.reason());
        view.put("note", row.note());
        view.put("status", row.status());
        view.put("ms", row.ms());
        view.put("timing", parsed(row.timing()));
        view.put("headers", parsed(row.headers()));
        if (row.body() != null) {
            putBody(view, row.body());
        }
        return view;
    }

    static JsonNode parsed(String json) {
        try {
            return json == null ? null : JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("headers and timing of an attempt are stored as JSON", e);
        }
    }

    /** As text where it is UTF-8, else as Base64. */
    static void putBody(Map<String, Object> view, byte[] body) {
        Optional<String> text = utf8(body);
        view.put(text.isPresent() ? "body" : "bodyBase64", text.orElseGet(() -> base64(body)));
    }

    private static String base64(byte[] body) {
        return Base64.getEncoder().encodeToString(body);
    }

    /** The text, but for a last character that was cut; empty: it is none. */
    private static Optional<String> utf8(byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        CharBuffer text = CharBuffer.allocate(body.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, false);
        boolean cut = body.length >= KEPT_BYTES && bytes.remaining() < LONGEST_CHARACTER;
        if (result.isError() || bytes.hasRemaining() && !cut) {
            return Optional.empty();
        }
        return Optional.of(text.flip().toString());
    }

    /** To the millisecond, as the store keeps times. */
    static String text(Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
