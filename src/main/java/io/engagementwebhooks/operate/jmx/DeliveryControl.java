package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.WaitingFor;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.ReplayJobs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** Single deliveries, by the id that receivers see in {@code webhook-id}. Thread-safe. */
@ManagedResource(
        description =
                "Single deliveries, by their id as in webhook-id. The audit log of the account lists changes as made by 'JMX'")
public record DeliveryControl(JmxLookup known, Outbox outbox) {

    private static final String KIND = "delivery";

    @ManagedOperation(description = "Status of a delivery, without payload. Parameters: account, delivery")
    public Map<String, String> show(String account, String delivery) {
        DeliveryRow row = known.delivery(account, delivery);
        WaitingFor reason = outbox.waitingFor(List.of(row)).get(row.id());
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("id", JmxLookup.shown(row));
        shown.put("event", row.eventId());
        shown.put("webhook", row.webhook().name());
        shown.put(
                "state",
                reason instanceof WaitingFor.Response ? "sending" : row.state().text());
        shown.put("outcome", text(row.outcome()));
        shown.put("reason", text(row.reason()));
        shown.put("attempts", Integer.toString(row.attempts()));
        shown.put("next", text(reason == null ? null : reason.until()));
        return shown;
    }

    /** The text of a value; open types do not allow null. */
    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    @ManagedOperation(
            description =
                    "Retries a queued delivery now, even before its Retry-After; its retry schedule continues. Parameters: account, delivery")
    public Map<String, String> retryNow(String account, String delivery) {
        DeliveryRow row = waiting(account, delivery);
        outbox.manual().retryNow(row.webhook(), row.id());
        return noted(row, "retried");
    }

    @ManagedOperation(
            description = "Replays a delivery with its id and a new retry schedule. Parameters: account, delivery")
    public Map<String, String> replay(String account, String delivery) {
        DeliveryRow row = known.delivery(account, delivery);
        known.webhook(account, row.webhook().id());
        if (outbox.isInFlight(row.webhook(), row.id())) {
            throw beingSent(row);
        }
        ReplayJobs.Replayed replayed = outbox.manual()
                .replay(row.webhook(), row.id(), null)
                .toCompletableFuture()
                .join();
        if (replayed != ReplayJobs.Replayed.DUE) {
            throw new IllegalStateException("delivery '" + JmxLookup.shown(row)
                    + "' cannot be sent again: its event's payload was removed when its retention time was over"
                    + " (webhooks.retention.payload)");
        }
        return noted(row, "replayed");
    }

    @ManagedOperation(description = "Cancels a queued delivery: it is not sent. Parameters: account, delivery")
    public Map<String, String> cancel(String account, String delivery) {
        DeliveryRow row = waiting(account, delivery);
        if (!outbox.manual().discardOne(row.webhook(), row.id(), "discarded over JMX")) {
            throw ended(known.delivery(account, delivery));
        }
        return noted(row, "discarded");
    }

    private DeliveryRow waiting(String account, String delivery) {
        DeliveryRow row = known.delivery(account, delivery);
        if (row.state().ended()) {
            throw ended(row);
        }
        return row;
    }

    private static IllegalStateException ended(DeliveryRow row) {
        return new IllegalStateException("delivery '" + JmxLookup.shown(row) + "' has ended ("
                + row.state().text() + "); to send it again, replay it");
    }

    private static IllegalStateException beingSent(DeliveryRow row) {
        return new IllegalStateException(
                "delivery '" + JmxLookup.shown(row) + "' is being sent at this moment; look again when it has ended");
    }

    private Map<String, String> noted(DeliveryRow row, String action) {
        known.note(row.webhook().account(), action, KIND, JmxLookup.shown(row), null);
        return show(row.webhook().account(), row.id());
    }
}
