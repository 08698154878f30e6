package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * Which deliveries are listed; null fields do not narrow.
 *
 * @param account the account, never null
 * @param webhook a webhook's id
 * @param eventId a CloudEvents id
 * @param eventType the event's type
 * @param standing where they stand that no outcome tells of
 * @param outcome outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 * @param text stands in the delivery's id or reason, its webhook's name, or its event's id or subject; letters A to Z alike
 * @param test whether tests alone are listed, or everything else alone
 * @param status the HTTP status of the last response
 * @param before only deliveries older than this id
 * @param limit how many at most
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
        Integer status,
        String before,
        int limit) {

    /** Where a delivery stands that has not ended by an outcome. */
    public enum Standing {
        /** It has not ended, and its webhook is active. */
        WAITING("waiting"),
        /** It has not ended, and its webhook is paused or disabled. */
        PAUSED("paused"),
        DISCARDED("discarded"),
        /** It waits, and its last attempt, if there was one, is followed by none: it is new, or it was replayed. */
        QUEUED("queued"),
        /** It has ended, by its last outcome. */
        ENDED("ended");

        private final String text;

        Standing(String text) {
            this.text = text;
        }

        /** As it stands in the API. */
        public String text() {
            return text;
        }
    }

    public DeliveryQuery {
        Objects.requireNonNull(account);
    }

    /** Whether there is something in it that no index leads to: it is found by looking at each. */
    public boolean isLookedFor() {
        return text != null
                || eventType != null
                || standing != null
                || status != null
                || Boolean.FALSE.equals(test)
                || isDelivered();
    }

    /** Most were delivered, so that no index has these. */
    public boolean isDelivered() {
        return DeliveryState.DELIVERED.text().equals(outcome);
    }

    /** The text as {@code LIKE … ESCAPE '!'} takes it. */
    public String likeText() {
        return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    /** The same from further back. */
    public DeliveryQuery before(String id, int most) {
        return new DeliveryQuery(
                account, webhook, eventId, eventType, standing, outcome, from, to, text, test, status, id, most);
    }
}
