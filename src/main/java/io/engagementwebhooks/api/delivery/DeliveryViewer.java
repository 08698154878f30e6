package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.WaitingFor;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.webhook.Config;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Combines stored deliveries with their state in memory. Thread-safe. */
public record DeliveryViewer(Outbox outbox, Supplier<Config> config) {

    DeliveryView of(DeliveryRow row) {
        return of(List.of(row)).get(0);
    }

    List<DeliveryView> of(List<DeliveryRow> rows) {
        Map<String, WaitingFor> reasons = outbox.waitingFor(rows);
        return rows.stream().map(row -> of(row, reasons.get(row.id()))).toList();
    }

    private DeliveryView of(DeliveryRow row, WaitingFor reason) {
        String state = state(row, reason);
        boolean isEdited = row.kind() == DeliveryRow.Kind.EDITED;
        String other = row.replayOf() == null ? null : DeliveryView.PREFIX + row.replayOf();
        return new DeliveryView(
                DeliveryView.PREFIX + row.id(),
                row.eventId(),
                Events.PREFIX + row.event(),
                row.eventType(),
                row.webhook().name(),
                row.webhook().id(),
                DeliveryStatus.of(state, row.outcome()).text(),
                state,
                row.outcome(),
                reason(row),
                row.attempts(),
                row.status(),
                row.ms(),
                reason == null ? null : DeliveryView.text(reason.until()),
                WaitingForView.of(reason),
                DeliveryView.text(row.acceptedAt()),
                DeliveryView.text(row.endedAt()),
                isEdited ? null : other,
                isEdited ? other : null,
                row.kind() == DeliveryRow.Kind.TEST);
    }

    private static String state(DeliveryRow row, WaitingFor reason) {
        if (row.state().ended()) {
            return row.state().text();
        }
        if (reason instanceof WaitingFor.Response) {
            return "sending";
        }
        return row.webhookState() == WebhookState.State.ACTIVE ? "waiting" : "paused";
    }

    private String reason(DeliveryRow row) {
        if (!row.state().ended() && config.get().webhook(row.webhook()).isEmpty()) {
            return "webhook '" + row.webhook().name() + "' (" + row.webhook().id()
                    + ") is no longer configured; the delivery is sent when the webhook is configured again";
        }
        return row.reason() == null || row.reason().isEmpty() ? null : row.reason();
    }
}
