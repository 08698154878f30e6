package io.engagementwebhooks.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Objects;

/**
 * A filter of deliveries to replay. A null field matches all.
 *
 * @param account the account, never null
 * @param webhook a webhook's id
 * @param eventType the event's type
 * @param outcome the outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 * @param state the state in which it ended
 * @param httpStatus the HTTP status of the last response
 * @param undelivered whether delivered ones are left out
 */
public record ReplayFilter(
        String account,
        String webhook,
        String eventType,
        String outcome,
        Instant from,
        Instant to,
        DeliveryState state,
        Integer httpStatus,
        boolean undelivered) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public ReplayFilter {
        Objects.requireNonNull(account);
    }

    /** Whether a delivery of the same account and webhook matches. */
    public boolean matches(
            DeliveryState itsState, String itsOutcome, Integer itsHttpStatus, String itsEventType, Instant acceptedAt) {
        return !(undelivered && itsState == DeliveryState.DELIVERED)
                && (state == null || state == itsState)
                && (httpStatus == null || httpStatus.equals(itsHttpStatus))
                && (outcome == null || outcome.equals(itsOutcome))
                && (eventType == null || eventType.equals(itsEventType))
                && (from == null || !acceptedAt.isBefore(from))
                && (to == null || acceptedAt.isBefore(to));
    }

    /** The failure outcome that all matches have, or null: unknown or none. */
    public String failureOutcome() {
        String of = outcome == null && state != null ? state.text() : outcome;
        boolean isProblem =
                of != null && !of.equals(DeliveryState.DELIVERED.text()) && !of.equals(DeliveryState.DISCARDED.text());
        return isProblem ? of : null;
    }

    /** The stored form, without the account. */
    public String toJson() {
        return JSON.createObjectNode()
                .put("webhook", webhook)
                .put("eventType", eventType)
                .put("outcome", outcome)
                .put("from", from == null ? null : from.toString())
                .put("to", to == null ? null : to.toString())
                .put("state", state == null ? null : state.text())
                .put("httpStatus", httpStatus)
                .put("undelivered", undelivered)
                .toString();
    }

    /** Parses the form of {@link #toJson}. */
    public static ReplayFilter ofJson(String account, String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return new ReplayFilter(
                    account,
                    json.path("webhook").textValue(),
                    json.path("eventType").textValue(),
                    json.path("outcome").textValue(),
                    time(json.path("from").textValue()),
                    time(json.path("to").textValue()),
                    json.path("state").isTextual()
                            ? DeliveryState.of(json.path("state").textValue())
                            : null,
                    json.path("httpStatus").isInt() ? json.path("httpStatus").intValue() : null,
                    json.path("undelivered").asBoolean());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored filter of a replay is not JSON", e);
        }
    }

    private static Instant time(String text) {
        return text == null ? null : Instant.parse(text);
    }
}
