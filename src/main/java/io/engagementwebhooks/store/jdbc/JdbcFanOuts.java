package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.Intake;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Reads the fan-outs of the partitions that this process owns, and inserts their deliveries. Thread-safe. */
final class JdbcFanOuts implements FanOuts {

    /** The most parts that {@link #next} returns. */
    private static final int MAX_PARTS = 64;

    private static final String PENDING_COUNTS = "SELECT a.id, CAST(sum(f.waiting) AS bigint)"
            + " FROM fan_out f JOIN account a ON a.key = f.account GROUP BY a.id";
    private static final String MEMBERS =
            "SELECT members FROM fan_out WHERE event = ? AND partition = ? AND number = ?";
    private static final String EVENT =
            "SELECT source, id, type, subject, time, document, data_sha256, trace FROM event WHERE key = ?";

    private final GroupWriter writer;
    private final Reader reader;
    private final Keys keys;
    private final JdbcEvents events;
    private final OwnedPartitions owned;
    private final String accounts;
    private final String next;

    JdbcFanOuts(GroupWriter writer, Reader reader, Keys keys, JdbcEvents events, OwnedPartitions owned) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.events = events;
        this.owned = owned;
        this.accounts = accounts(owned);
        this.next = next(owned);
    }

    /** Selects the accounts with parts. It reads one row per account, not all parts. */
    static String accounts(OwnedPartitions owned) {
        return "WITH RECURSIVE pending(account) AS (SELECT min(account) FROM fan_out"
                + " UNION ALL SELECT (SELECT min(account) FROM fan_out WHERE account > p.account)"
                + " FROM pending p WHERE p.account IS NOT NULL)"
                + " SELECT a.id FROM pending p JOIN account a ON a.key = p.account"
                + " WHERE EXISTS (SELECT 1 FROM fan_out f WHERE f.account = p.account" + owned.and("f.partition") + ")";
    }

    static String next(OwnedPartitions owned) {
        return "SELECT event, partition, number, deliveries FROM fan_out WHERE account = ?" + owned.and("partition")
                + " ORDER BY event, partition, number LIMIT " + MAX_PARTS;
    }

    @Override
    public List<String> accounts() {
        return reader.query(accounts, row -> row.getString(1), owned.with());
    }

    @Override
    public Map<String, Long> pendingCounts() {
        Map<String, Long> counts = new HashMap<>();
        reader.query(PENDING_COUNTS, row -> counts.put(row.getString(1), row.getLong(2)));
        return counts;
    }

    /** A stored part, without its deliveries (the column {@code members}). */
    private record Part(long event, int partition, int number, int deliveries) {}

    @Override
    public List<Pending> next(String account, int deliveries) {
        List<Pending> pending = new ArrayList<>();
        Map<Long, Event> read = new HashMap<>();
        int total = 0;
        for (Part part : parts(account)) {
            total += part.deliveries();
            if (!pending.isEmpty() && total > deliveries) {
                break;
            }
            members(part).ifPresent(members -> {
                Event event = read.computeIfAbsent(part.event(), key -> event(account, key));
                Intake intake = Intake.of(event, FanOutPart.deliveries(account, members));
                pending.add(new Pending(part.event(), part.partition(), part.number(), intake));
            });
        }
        return pending;
    }

    private List<Part> parts(String account) {
        return reader.query(
                next,
                row -> new Part(row.getLong(1), row.getInt(2), row.getInt(3), row.getInt(4)),
                owned.with(keys.find(account)));
    }

    /** @return empty: another thread has inserted the part since */
    private Optional<String> members(Part part) {
        return reader.first(MEMBERS, row -> row.getString(1), part.event(), part.partition(), part.number());
    }

    private Event event(String account, long key) {
        return reader.first(
                        EVENT,
                        row -> Columns.event(account, row, 1)
                                .withTrace(TraceParent.of(row.getString(8)).orElse(null)),
                        key)
                .orElseThrow();
    }

    @Override
    public CompletionStage<List<Inserted>> insert(String account, List<Pending> parts) {
        return writer.submit(new AcceptBatch.Step(account, parts)).thenApply(inserted -> {
            events.inserted(inserted);
            return inserted;
        });
    }
}
