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

/** Finds and inserts fan-outs of webhooks that this process owns. Thread-safe. */
final class JdbcFanOuts implements FanOuts {

    /** The most parts of a step. */
    private static final int MAX_PARTS = 64;

    private static final String MEMBERS =
            "SELECT members FROM fan_out WHERE event = ? AND partition = ? AND number = ?";

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

    /** Skips from one account with parts to the next. */
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
        Map<String, Long> waiting = new HashMap<>();
        reader.query(
                "SELECT a.id, CAST(sum(f.waiting) AS bigint) FROM fan_out f JOIN account a ON a.key = f.account GROUP BY a.id",
                row -> waiting.put(row.getString(1), row.getLong(2)));
        return waiting;
    }

    /** A stored part, without its members. */
    private record Row(long event, int partition, int number, int deliveries) {}

    @Override
    public List<Pending> next(String account, int deliveries) {
        List<Row> rows = reader.query(
                next,
                row -> new Row(row.getLong(1), row.getInt(2), row.getInt(3), row.getInt(4)),
                owned.with(keys.find(account)));
        List<Pending> step = new ArrayList<>();
        Map<Long, Event> known = new HashMap<>();
        int all = 0;
        for (Row row : rows) {
            all += row.deliveries();
            if (!step.isEmpty() && all > deliveries) {
                break;
            }
            members(row).ifPresent(members -> {
                Event event = known.computeIfAbsent(row.event(), key -> event(account, key));
                Intake intake = Intake.of(event, FanOutPart.deliveries(account, members));
                step.add(new Pending(row.event(), row.partition(), row.number(), intake));
            });
        }
        return step;
    }

    private Optional<String> members(Row part) {
        return reader.first(MEMBERS, row -> row.getString(1), part.event(), part.partition(), part.number());
    }

    private Event event(String account, long key) {
        return reader.first(
                        "SELECT source, id, type, subject, time, document, data_sha256, trace FROM event WHERE key = ?",
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
