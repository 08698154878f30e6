package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** An event to store, and the result. */
final class NewEvent {

    final Intake intake;
    final List<NewDelivery> deliveries;
    final HotWrites.EventRow stored;
    final Set<WebhookId> released = new HashSet<>();
    final Set<String> blocked = new HashSet<>();

    /** @param deliveries those to insert */
    NewEvent(Intake intake, List<NewDelivery> deliveries, int account) {
        this.intake = intake;
        this.deliveries = deliveries;
        this.stored = new HotWrites.EventRow(
                intake.event(), account, intake.deliveries().size());
    }

    Event event() {
        return stored.event;
    }

    int account() {
        return stored.account;
    }

    Long key() {
        return stored.key;
    }

    Accepted accepted() {
        return new Accepted(event().id(), intake.deliveries().size(), false, released, blocked);
    }

    /** @return null: its identity is stored with other data */
    Accepted result() {
        if (key() != null) {
            return accepted();
        }
        return stored.known.isSame(event().dataSha256())
                ? new Accepted(event().id(), stored.known.deliveries(), true, Set.of())
                : null;
    }
}
