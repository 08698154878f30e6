package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What a person does with deliveries that wait: what others send is discarded by them. Thread-safe. */
final class Waits implements WaitingDeliveries {

    private static final String OF = "SELECT d.id, d.due_at FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
            + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account WHERE a.id = ? AND w.name = ?)"
            + " AND (d.due_at, d.id) > (?, ?) ORDER BY d.due_at, d.id LIMIT ?";

    private final Outcomes outcomes;
    private final Outcomes.Writer writer;
    private final Reads reads;
    private final Changes changes;
    private final Leases leases;
    private final Bulletin bulletin;

    /** @param leases null: nobody else uses the store */
    Waits(Outcomes outcomes, Outcomes.Writer writer, Reads reads, Changes changes, Leases leases, Bulletin bulletin) {
        this.outcomes = outcomes;
        this.writer = writer;
        this.reads = reads;
        this.changes = changes;
        this.leases = leases;
        this.bulletin = bulletin;
    }

    @Override
    public List<Waiting> of(WebhookId webhook, Waiting after, int limit) {
        return reads.query(
                OF,
                List.of(webhook.account(), webhook.name(), after.dueAt(), after.id(), limit),
                row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))));
    }

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now) {
        Map<String, Leases.Try> under = new HashMap<>();
        if (leases != null) {
            deliveries.forEach(delivery -> under.put(delivery, leases.begun(webhook, delivery)));
        }
        return writer.write(
                webhook.account(),
                deliveries.size(),
                connection -> outcomes.discard(connection, deliveries, under, reason, now));
    }

    @Override
    public CompletionStage<Integer> letDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        return bulletin.ask(webhook, deliveries, reason);
    }

    @Override
    public CompletionStage<Integer> makeDue(
            WebhookId webhook, List<String> deliveries, Instant now, boolean againstHold) {
        return writer.write(webhook.account(), deliveries.size(), connection -> {
                    if (againstHold) {
                        changes.endHold(connection, webhook);
                    }
                    return Changes.makeDue(connection, deliveries, now);
                })
                .thenApply(changed -> {
                    bulletin.tell(againstHold ? Bulletin.News.NOW : Bulletin.News.DUE, Set.of(webhook));
                    return changed;
                });
    }
}
