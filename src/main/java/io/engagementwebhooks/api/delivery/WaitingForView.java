package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.engagementwebhooks.outbox.WaitingFor;
import java.util.Locale;

/**
 * A {@link WaitingFor} in the API (semantics 43). Members that its kind does not have are null and left out.
 *
 * @param kind retry, permission, field, order, turn, rate-limit, paused, budget or answer
 * @param delivery the first of its FIFO key
 * @param behind deliveries of its webhook before it
 * @param exact false: at least one more is before it
 * @param unanswered deliveries of its webhook in flight, as a number; JSON's null: another instance knows
 * @param until when that ends, as in the API
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WaitingForView(
        String kind,
        String field,
        String delivery,
        Integer behind,
        Boolean exact,
        JsonNode unanswered,
        String limitedBy,
        String cause,
        String budget,
        String since,
        String until) {

    /** @param reason null gives null: it waits for nothing */
    public static WaitingForView of(WaitingFor reason) {
        if (reason == null) {
            return null;
        }
        String until = DeliveryView.text(reason.until());
        if (reason instanceof WaitingFor.Field field) {
            return new WaitingForView("field", field.name(), null, null, null, null, null, null, null, null, until);
        }
        if (reason instanceof WaitingFor.FifoHead head) {
            String first = DeliveryView.PREFIX + head.delivery();
            return new WaitingForView("order", null, first, null, null, null, null, null, null, null, until);
        }
        if (reason instanceof WaitingFor.Dispatch turn) {
            JsonNode unanswered = turn.inFlight() == null ? NullNode.getInstance() : IntNode.valueOf(turn.inFlight());
            return new WaitingForView(
                    "turn", null, null, turn.behind(), turn.isExact(), unanswered, null, null, null, null, until);
        }
        if (reason instanceof WaitingFor.RateLimit limit) {
            String by = text(limit.by());
            return new WaitingForView(
                    "rate-limit", null, null, limit.behind(), limit.isExact(), null, by, null, null, null, until);
        }
        if (reason instanceof WaitingFor.Paused paused) {
            String cause = text(paused.cause());
            return new WaitingForView("paused", null, null, null, null, null, null, cause, null, null, until);
        }
        if (reason instanceof WaitingFor.Budget budget) {
            String which = text(budget.which());
            return new WaitingForView("budget", null, null, null, null, null, null, null, which, null, until);
        }
        if (reason instanceof WaitingFor.Response response) {
            String since = DeliveryView.text(response.since());
            return new WaitingForView("answer", null, null, null, null, null, null, null, null, since, until);
        }
        String kind = reason instanceof WaitingFor.Permission ? "permission" : "retry";
        return new WaitingForView(kind, null, null, null, null, null, null, null, null, null, until);
    }

    private static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
