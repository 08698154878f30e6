package io.engagementwebhooks.store.erase;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Values;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the events of an account that have a value, in small steps, and what was made of them. Thread-safe. */
final class EventSearch {

    private static final String DATA = "data";
    private static final String NEXT =
            "SELECT key, source, id, type, subject, document, length(data_sha256) = 0 FROM event"
                    + " WHERE account = ? AND key > ? AND key <= ? ORDER BY key LIMIT ?";

    private final Reader reader;
    private final Keys keys;
    private final KeyedDigest digest;
    private final String edited;
    private final String counts;
    private final String unerased;

    EventSearch(Reader reader, Keys keys, KeyedDigest digest) {
        this.reader = reader;
        this.keys = keys;
        this.digest = digest;
        this.edited = "SELECT DISTINCT c.event FROM delivery d JOIN delivery c ON c.account = d.account"
                + " AND c.replay_of = d.id AND c.kind = 'edited' WHERE "
                + reader.dialect().in("d.event");
        this.counts = "SELECT count(*), count(*) - count(d.ended_at) FROM delivery d WHERE "
                + reader.dialect().in("d.event");
        this.unerased = "SELECT key FROM event WHERE " + reader.dialect().in("key") + " AND length(data_sha256) > 0";
    }

    /**
     * The result of a step.
     *
     * @param events matching events, and erased ones of a step that a crash interrupted
     * @param position the last examined event
     * @param examined the number examined; fewer than asked: there are no more
     * @param unsearched the number without payload, if the field is one of the data
     */
    record Found(List<Long> events, long position, int examined, int unsearched) {}

    private record Examined(long key, boolean isMatch, boolean isUnsearched) {}

    /** Examines the next events of an erasure. */
    Found find(Erasure erasure, long after, int limit) {
        List<Examined> rows = reader.query(
                NEXT, row -> examined(row, erasure), keys.find(erasure.account()), after, erasure.maxKey(), limit);
        return new Found(
                rows.stream().filter(Examined::isMatch).map(Examined::key).toList(),
                rows.isEmpty() ? erasure.maxKey() : rows.get(rows.size() - 1).key(),
                rows.size(),
                (int) rows.stream().filter(Examined::isUnsearched).count());
    }

    private Examined examined(ResultSet row, Erasure erasure) throws SQLException {
        long key = row.getLong(1);
        if (row.getBoolean(7)) {
            return new Examined(key, key <= erasure.begun(), false);
        }
        if (erasure.field().equals(Erasure.IDENTITY)) {
            String identity = digest.ofIdentity(erasure.account(), row.getString(2), row.getString(3));
            return new Examined(key, identity.equals(erasure.digest()), false);
        }
        byte[] document = ShortJson.restore(row.getBytes(6));
        JsonNode event = document == null ? attributes(row) : EventJson.parse(document);
        boolean isMatch = FieldPath.texts(event, erasure.field())
                .anyMatch(text ->
                        digest.of(erasure.account(), erasure.field(), text).equals(erasure.digest()));
        return new Examined(key, isMatch, document == null && isOfData(erasure.field()));
    }

    private static boolean isOfData(String field) {
        return field.equals(DATA) || field.startsWith(DATA + ".");
    }

    private static ObjectNode attributes(ResultSet row) throws SQLException {
        return JsonNodeFactory.instance
                .objectNode()
                .put("source", row.getString(2))
                .put("id", row.getString(3))
                .put("type", row.getString(4))
                .put("subject", row.getString(5));
    }

    /** These events, and those that replays made of them with other data. */
    List<Long> withEdited(List<Long> events) {
        Set<Long> all = new LinkedHashSet<>(events);
        List<Long> fresh = events;
        while (!fresh.isEmpty()) {
            fresh = reader.query(edited, row -> row.getLong(1), Values.longs(fresh)).stream()
                    .filter(all::add)
                    .toList();
        }
        return new ArrayList<>(all);
    }

    /** Those of the events that are not erased. */
    List<Long> unerased(List<Long> events) {
        return events.isEmpty() ? events : reader.query(unerased, row -> row.getLong(1), Values.longs(events));
    }

    Erasures.Count count(List<Long> events, int unsearched, boolean exact) {
        return events.isEmpty()
                ? new Erasures.Count(0, 0, 0, unsearched, exact)
                : reader.first(
                                counts,
                                row -> new Erasures.Count(
                                        events.size(), row.getLong(1), row.getLong(2), unsearched, exact),
                                Values.longs(events))
                        .orElseThrow();
    }
}
