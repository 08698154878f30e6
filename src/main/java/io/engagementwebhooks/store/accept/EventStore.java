package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Stores accepted events and finds them until they expire. Thread-safe. */
public class EventStore {
    /**
     * An event without its data.
     *
     * @param key its key, ascending in the order of acceptance
     * @param id the CloudEvents id
     * @param source the CloudEvents source
     * @param type the event type
     * @param subject the CloudEvents subject, or null
     * @param time the CloudEvents time, or null
     * @param acceptedAt when it was stored
     * @param deliveries the number of its deliveries
     * @param hasPayload whether its data is still stored
     */
    public record EventRow(
            long key,
            String id,
            String source,
            String type,
            String subject,
            Instant time,
            Instant acceptedAt,
            int deliveries,
            boolean hasPayload) {}

    private static final String ROWS = "SELECT key, id, source, type, subject, time, accepted_at, deliveries,"
            + " document IS NOT NULL FROM event WHERE account = ?";

    private final GroupWriter writer;
    private final Reader reader;
    private final Keys keys;
    private final IncompleteEvents incomplete;
    private final Cluster cluster;

    public EventStore(GroupWriter writer, Reader reader, Keys keys, IncompleteEvents incomplete, Cluster cluster) {
        this.writer = writer;
        this.incomplete = incomplete;
        this.reader = reader;
        this.keys = keys;
        this.cluster = cluster;
    }

    /**
     * Stores events with their deliveries, all or none. An event with a known identity and the same data is a duplicate
     * and adds nothing. A single event for many webhooks is stored in parts: the last one makes it and its deliveries
     * visible. Notifies the owners of the webhooks after the commit.
     *
     * @return one result per intake, in order, after the commit; fails with {@link IdentityReusedException}, which
     *     names all events whose identity is stored with other data
     */
    public CompletionStage<List<Accepted>> accept(List<Intake> intakes) {
        if (intakes.size() == 1 && intakes.get(0).deliveries().size() > FanOut.PART) {
            return fanOut(FanOut.Progress.none(intakes.get(0))).thenApply(List::of);
        }
        CompletionStage<List<Accepted>> accepted = writer.submit(new AcceptBatch.Part(intakes));
        return cluster == Cluster.ALONE
                ? accepted
                : accepted.thenApply(answers -> {
                    publish(intakes, answers);
                    return answers;
                });
    }

    private CompletionStage<Accepted> fanOut(FanOut.Progress before) {
        return write(before).thenCompose(after -> {
            if (after.accepted() == null) {
                return fanOut(after);
            }
            publish(List.of(after.intake()), List.of(after.accepted()));
            return CompletableFuture.completedFuture(after.accepted());
        });
    }

    /** Writes the next part. */
    CompletableFuture<FanOut.Progress> write(FanOut.Progress before) {
        return writer.submit(new FanOut.Part(before));
    }

    /**
     * Removes what is stored of incomplete events; only one of several instances does. Completes when it is done, also if
     * it fails.
     *
     * @param unchanged for how long no part of an event was stored
     */
    public CompletionStage<Void> removeIncomplete(Duration unchanged) {
        return incomplete.remove(unchanged);
    }

    private void publish(List<Intake> intakes, List<Accepted> answers) {
        Set<WebhookId> due = new HashSet<>();
        for (int i = 0; i < intakes.size(); i++) {
            addDue(due, intakes.get(i), answers.get(i));
        }
        due.removeIf(cluster.ownership()::owns);
        if (!due.isEmpty()) {
            cluster.publish(ClusterEvent.DUE, due);
        }
    }

    private static void addDue(Set<WebhookId> due, Intake intake, Accepted accepted) {
        due.addAll(accepted.released());
        if (!accepted.duplicate()) {
            intake.deliveries().stream()
                    .filter(delivery -> delivery.skipReason() == null)
                    .forEach(delivery -> due.add(delivery.webhook()));
        }
    }

    /**
     * Events of an account, newest first.
     *
     * @param id only those of this CloudEvents id, or null
     * @param before only those with a smaller key
     */
    public List<EventRow> events(String account, String id, long before, int limit) {
        List<Object> values = new ArrayList<>(List.of(keys.find(account)));
        if (id != null) {
            Collections.addAll(values, reader.dialect().eventIdValues(id));
        }
        values.add(before);
        values.add(limit);
        return reader.query(newest(reader.dialect(), id != null), EventStore::row, values.toArray());
    }

    public static String newest(Dialect dialect, boolean ofId) {
        // else the planner scans all events of the account in key order, even for an id
        String order = ofId ? dialect.noIndex("key") : "key";
        return ROWS + (ofId ? " AND " + dialect.ofEventId() : "") + " AND " + order + " < ? ORDER BY " + order
                + " DESC LIMIT ?";
    }

    /** An event without its data. */
    public Optional<EventRow> row(String account, long key) {
        return reader.first(ROWS + " AND key = ?", EventStore::row, keys.find(account), key);
    }

    private static EventRow row(ResultSet row) throws SQLException {
        return new EventRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Columns.instant(row, 6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getInt(8),
                row.getBoolean(9));
    }

    /** An event with its data; empty: it does not exist, or its payload has expired. */
    public Optional<Event> event(String account, long key) {
        return reader.first(
                "SELECT " + Columns.event("e", "event") + " FROM event e WHERE account = ? AND key = ?"
                        + " AND document IS NOT NULL",
                row -> Columns.event(account, row, "event"),
                keys.find(account),
                key);
    }
}
