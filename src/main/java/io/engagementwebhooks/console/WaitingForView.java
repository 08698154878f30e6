package io.engagementwebhooks.console;

import io.engagementwebhooks.outbox.WaitingFor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How {@link WaitingFor} looks in the API (semantics 43). */
final class WaitingForView {

    private static final String KIND = "kind";

    private WaitingForView() {}

    /** @param reason null: it waits for nothing; so is what this answers */
    static Map<String, Object> of(WaitingFor reason) {
        if (reason == null) {
            return null;
        }
        Map<String, Object> view = new LinkedHashMap<>();
        if (reason instanceof WaitingFor.Retry) {
            view.put(KIND, "retry");
        } else if (reason instanceof WaitingFor.Field field) {
            view.put(KIND, "field");
            view.put("field", field.name());
        } else if (reason instanceof WaitingFor.Order order) {
            view.put(KIND, "order");
            view.put("delivery", DeliveryView.PREFIX + order.delivery());
        } else if (reason instanceof WaitingFor.BehindOthers turn) {
            view.put(KIND, "turn");
            putBehind(view, turn.behind(), turn.isExact());
            view.put("unanswered", turn.unanswered());
        } else if (reason instanceof WaitingFor.RateLimit limit) {
            view.put(KIND, "rate-limit");
            view.put("limitedBy", text(limit.by()));
            putBehind(view, limit.behind(), limit.isExact());
        } else if (reason instanceof WaitingFor.Paused paused) {
            view.put(KIND, "paused");
            view.put("cause", text(paused.cause()));
        } else if (reason instanceof WaitingFor.Budget budget) {
            view.put(KIND, "budget");
            view.put("budget", text(budget.which()));
        } else if (reason instanceof WaitingFor.Answer answer) {
            view.put(KIND, "answer");
            view.put("since", DeliveryView.text(answer.since()));
        }
        if (reason.until() != null) {
            view.put("until", DeliveryView.text(reason.until()));
        }
        return view;
    }

    private static void putBehind(Map<String, Object> view, int behind, boolean isExact) {
        view.put("behind", behind);
        view.put("exact", isExact);
    }

    private static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
