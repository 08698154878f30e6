package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Finds and removes events of which a {@link FanOut} has not stored all deliveries. Thread-safe. */
final class IncompleteEvents {

    private static final String ABANDONED = "SELECT event FROM incomplete_event WHERE written < 0 OR written_at < ?";

    /** Its deliveries can no longer be completed. */
    private static final String BEGIN_REMOVAL =
            "UPDATE incomplete_event SET written = -1 WHERE event = ? AND (written < 0 OR written_at < ?)";

    private static final String SOME = "SELECT d.key, d.id, d.fifo_key IS NOT NULL, a.id, r.id, r.name FROM delivery d"
            + " JOIN resource r ON r.key = d.webhook JOIN account a ON a.key = d.account WHERE d.event = ? LIMIT "
            + FanOut.PART;

    private final Writer writer;
    private final Reader reader;
    private final JdbcDue due;
    private final Clock clock;
    private final String removeDeliveries;

    IncompleteEvents(Writer writer, Reader reader, JdbcDue due, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.due = due;
        this.clock = clock;
        this.removeDeliveries = "DELETE FROM delivery WHERE " + reader.dialect().in("key");
    }

    /** A stored delivery. */
    private record Stored(long key, String id, boolean isFifo, WebhookId webhook) {}

    /** The keys of events without a new part since a time. */
    List<Long> abandoned(Instant before) {
        return reader.query(ABANDONED, row -> row.getLong(1), before);
    }

    /**
     * Removes an event in steps, unless a part was written since.
     *
     * @return webhooks that may send the next delivery of a FIFO key
     */
    CompletionStage<Set<WebhookId>> remove(long event, Instant before) {
        Set<WebhookId> released = new HashSet<>();
        return writer.write(statements -> removeSome(statements, event, before, released))
                .thenCompose(isMore -> isMore
                        ? remove(event, before).thenApply(others -> {
                            released.addAll(others);
                            return released;
                        })
                        : CompletableFuture.completedFuture(released));
    }

    /** @return whether more deliveries are to be removed */
    private boolean removeSome(Statements statements, long event, Instant before, Set<WebhookId> released)
            throws SQLException {
        if (statements.update(BEGIN_REMOVAL, event, before) == 0) {
            return false;
        }
        List<Stored> some = statements.query(
                SOME,
                row -> new Stored(
                        row.getLong(1),
                        row.getString(2),
                        row.getBoolean(3),
                        new WebhookId(row.getString(4), row.getString(5), row.getString(6))),
                event);
        if (some.isEmpty()) {
            statements.update("DELETE FROM incomplete_event WHERE event = ?", event);
            statements.update("DELETE FROM event WHERE key = ?", event);
            return false;
        }
        String account = some.get(0).webhook().account();
        List<String> ids = some.stream().map(Stored::id).toList();
        due.end(statements, account, ids, clock.instant(), "incomplete", DeliveryState.DISCARDED);
        statements.update(
                removeDeliveries, Values.longs(some.stream().map(Stored::key).toList()));
        released.addAll(
                some.stream().filter(Stored::isFifo).map(Stored::webhook).collect(Collectors.toSet()));
        return true;
    }
}
