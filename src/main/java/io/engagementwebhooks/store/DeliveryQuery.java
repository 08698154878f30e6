package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * Which deliveries are listed; null fields do not narrow.
 *
 * @param account the account, never null
 * @param webhook a webhook's name
 * @param eventId a CloudEvents id
 * @param outcome outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 * @param text stands in the delivery's id or reason, its webhook's name, or its event's id or subject; letters A to Z alike
 * @param before only deliveries older than this id
 * @param limit how many at most
 */
public record DeliveryQuery(
        String account,
        String webhook,
        String eventId,
        String outcome,
        Instant from,
        Instant to,
        String text,
        String before,
        int limit) {

    public DeliveryQuery {
        Objects.requireNonNull(account);
    }

    /** Whatever its text. */
    public DeliveryQuery(
            String account,
            String webhook,
            String eventId,
            String outcome,
            Instant from,
            Instant to,
            String before,
            int limit) {
        this(account, webhook, eventId, outcome, from, to, null, before, limit);
    }

    /** The text as {@code LIKE … ESCAPE '!'} takes it. */
    public String likeText() {
        return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    /** The same from further back. */
    public DeliveryQuery before(String id, int most) {
        return new DeliveryQuery(account, webhook, eventId, outcome, from, to, text, id, most);
    }
}
