package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.WaitingDeliveries;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a person does with deliveries that wait. Thread-safe. */
final class Waits implements WaitingDeliveries {

    private static final String OF = "SELECT d.id, d.due_at FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
            + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account WHERE a.id = ? AND w.name = ?)"
            + " AND (d.due_at, d.id) > (?, ?) ORDER BY d.due_at, d.id LIMIT ?";

    private final GroupCommit writer;
    private final Reads reads;
    private final Writes writes;

    Waits(GroupCommit writer, Reads reads, Writes writes) {
        this.writer = writer;
        this.reads = reads;
        this.writes = writes;
    }

    @Override
    public List<Waiting> of(WebhookId webhook, Waiting after, int limit) {
        return reads.query(
                OF,
                List.of(webhook.account(), webhook.name(), after.dueAt().toEpochMilli(), after.id(), limit),
                row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))));
    }

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now) {
        return writer.submit(
                webhook.account(), deliveries.size(), connection -> writes.discard(deliveries, reason, now));
    }

    @Override
    public CompletionStage<Integer> makeDue(
            WebhookId webhook, List<String> deliveries, Instant now, boolean againstHold) {
        return writer.submit(webhook.account(), deliveries.size(), connection -> {
            if (againstHold) {
                writes.endHold(webhook);
            }
            return writes.makeDue(deliveries, now);
        });
    }
}
