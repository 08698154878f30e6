package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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

    /**
     * An event as a backfill examines it.
     *
     * @param isMissing whether it has no delivery for the webhook, and is no test, no edited event and not erased
     */
    public record Examined(
            long key, String source, String type, Instant acceptedAt, boolean hasPayload, boolean isMissing) {}

    private static final String ROWS = "SELECT key, id, source, type, subject, time, accepted_at, deliveries,"
            + " document IS NOT NULL FROM event WHERE account = ?";

    /** A test of an event, such as that of a listener, is no delivery of it. */
    static final String EXAMINE = "SELECT e.key, e.source, e.type, e.accepted_at, e.document IS NOT NULL,"
            + " length(e.data_sha256) > 0 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.key"
            + " AND (d.webhook = ? AND d.kind IS NULL OR d.kind = 'edited')) FROM (SELECT * FROM event WHERE account = ? AND key > ?"
            + " ORDER BY key LIMIT ?) e ORDER BY e.key";

    /** By the index of each kind of event: with payload, and without. */
    static final String BEFORE = "SELECT coalesce(min(k), (SELECT max(key) + 1 FROM event), 1) FROM ("
            + first("IS NOT NULL") + " UNION ALL " + first("IS NULL") + ") x";

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

    private static String first(String document) {
        return "SELECT (SELECT key FROM event WHERE accepted_at >= ? AND document " + document
                + " ORDER BY accepted_at, key LIMIT 1) k";
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

    /**
     * Examines events of the webhook's account in the order of acceptance.
     *
     * @param after only those with a greater key
     * @param most the number to examine; a smaller result: there are no more
     */
    public List<Examined> examine(WebhookId webhook, long after, int most) {
        return reader.query(
                EXAMINE,
                row -> new Examined(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        Instant.ofEpochMilli(row.getLong(4)),
                        row.getBoolean(5),
                        row.getBoolean(6) && !Event.isTestSource(row.getString(2))),
                keys.find(webhook),
                keys.find(webhook.account()),
                after,
                most);
    }

    /** A key before those of all events that were accepted at or after a time. */
    public long before(Instant time) {
        return reader.first(BEFORE, row -> row.getLong(1) - 1, time, time).orElseThrow();
    }

    /** Events with their data, by their keys, in the order of acceptance; without those whose payload has expired. */
    public SortedMap<Long, Event> events(String account, Collection<Long> keys) {
        SortedMap<Long, Event> events = new TreeMap<>();
        reader.query(
                "SELECT key, " + Columns.event("e", "event") + " FROM event e WHERE "
                        + reader.dialect().in("key") + " AND document IS NOT NULL",
                row -> events.put(row.getLong(1), Columns.event(account, row, "event")),
                Values.longs(keys));
        return events;
    }
}
