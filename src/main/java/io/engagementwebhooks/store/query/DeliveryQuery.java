package io.engagementwebhooks.store.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A filter of listed deliveries. A null field matches all.
 *
 * @param account the account, never null
 * @param webhook a webhook's id
 * @param eventId a CloudEvents id
 * @param eventType the event's type
 * @param standing a status that no outcome expresses
 * @param outcome outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 * @param text occurs in the delivery's id or reason, its webhook's name, or its event's id or subject; ASCII letters
 *     match in either case
 * @param test true: only tests; false: no tests
 * @param response of the last attempt
 * @param before only deliveries older than this id
 * @param limit the most to return
 */
public record DeliveryQuery(
        String account,
        String webhook,
        String eventId,
        String eventType,
        Standing standing,
        String outcome,
        Instant from,
        Instant to,
        String text,
        Boolean test,
        Response response,
        String before,
        int limit) {

    /**
     * A response of the last attempt.
     *
     * @param status the HTTP status, or null: any
     * @param fault why there was no response, or null: any
     */
    public record Response(Integer status, ResponseKind fault) {

        /** @return null: both are null */
        public static Response of(Integer status, ResponseKind fault) {
            return status == null && fault == null ? null : new Response(status, fault);
        }
    }

    /** A status of a delivery that is not an outcome. */
    public enum Standing {
        /** Pending, and its webhook is active. */
        WAITING,
        /** Pending, and its webhook is paused or disabled. */
        PAUSED,
        DISCARDED,
        /** Pending, and no retry: it is new, or was replayed. */
        QUEUED,
        /** Ended, with the outcome of its last attempt. */
        ENDED,
        /** Failed, or pending after a failed attempt while its webhook is active. */
        FAILING,
        /** Pending, or ended otherwise than delivered. */
        UNDELIVERED,
        /** Not there: events that the webhook has no delivery of. A backfill makes them. */
        MISSING;

        /** As in the API. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Standing of(String text) {
            return Arrays.stream(values())
                    .filter(each -> each.text().equals(text))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    public DeliveryQuery {
        Objects.requireNonNull(account);
    }

    /** Whether a condition has no index, so that deliveries are examined one by one. */
    public boolean needsScan() {
        return text != null
                || eventType != null
                || standing != null
                || response != null
                || Boolean.FALSE.equals(test)
                || isDelivered();
    }

    /** Whether it asks for delivered ones. Most are, so no index has them. */
    public boolean isDelivered() {
        return DeliveryState.DELIVERED.text().equals(outcome);
    }

    /** The text as a pattern of {@code LIKE … ESCAPE '!'}. */
    public String likeText() {
        return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    /** Deliveries that contain a text. */
    public static DeliveryQuery ofText(String account, String text, int limit) {
        return new DeliveryQuery(account, null, null, null, null, null, null, null, text, null, null, null, limit);
    }

    /** The query by the id of an event instead of a text. */
    public DeliveryQuery ofEvent(String id, int most) {
        return new DeliveryQuery(
                account, webhook, id, eventType, standing, outcome, from, to, null, test, response, before, most);
    }

    /** The query by another status. */
    public DeliveryQuery ofStatus(Standing other, String itsOutcome) {
        return new DeliveryQuery(
                account, webhook, eventId, eventType, other, itsOutcome, from, to, text, test, response, before, limit);
    }

    /** The query without deliveries that were accepted before a time. */
    public DeliveryQuery since(Instant time) {
        return new DeliveryQuery(
                account, webhook, eventId, eventType, standing, outcome, time, to, text, test, response, before, limit);
    }

    /** The HTTP status of the last response, or null: any. */
    public Integer httpStatus() {
        return response == null ? null : response.status();
    }

    /** Why there was no response, as in the API, or null: any. */
    public String fault() {
        return response == null || response.fault() == null
                ? null
                : response.fault().text();
    }

    /** The stored filter of a replay, without the account. */
    public String toJson() {
        return JSON.createObjectNode()
                .put("webhook", webhook)
                .put("eventType", eventType)
                .put("standing", standing == null ? null : standing.text())
                .put("outcome", outcome)
                .put("from", from == null ? null : from.toString())
                .put("to", to == null ? null : to.toString())
                .put("status", httpStatus())
                .put("fault", fault())
                .toString();
    }

    /** Parses the form of {@link #toJson}. A replay has no tests. */
    public static DeliveryQuery ofJson(String account, String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return new DeliveryQuery(
                    account,
                    json.path("webhook").textValue(),
                    null,
                    json.path("eventType").textValue(),
                    Standing.of(json.path("standing").textValue()),
                    json.path("outcome").textValue(),
                    time(json.path("from").textValue()),
                    time(json.path("to").textValue()),
                    null,
                    false,
                    Response.of(
                            json.path("status").isInt() ? json.path("status").intValue() : null,
                            ResponseKind.of(json.path("fault").textValue()).orElse(null)),
                    null,
                    0);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored filter of a replay is not JSON", e);
        }
    }

    private static Instant time(String text) {
        return text == null ? null : Instant.parse(text);
    }

    /** The query for the next page. */
    public DeliveryQuery before(String id, int most) {
        return new DeliveryQuery(
                account, webhook, eventId, eventType, standing, outcome, from, to, text, test, response, id, most);
    }
}
