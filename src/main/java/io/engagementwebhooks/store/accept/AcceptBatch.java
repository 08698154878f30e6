package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.FifoOrder;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.erase.KeyedDigest;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.outcome.MinuteStats;
import io.engagementwebhooks.store.query.PendingCount;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Stores the events of a group commit with their deliveries. Used by a writer thread. */
public final class AcceptBatch {

    private static final String ANY_ERASURE = "SELECT 1 FROM erasure LIMIT 1";
    /** Events that are stored all or none. */
    public static final class Part extends GroupWriter.Part<List<Accepted>> {

        private final List<Intake> intakes;

        Part(List<Intake> intakes) {
            super(Intake.account(intakes), Intake.rows(intakes), false);
            this.intakes = intakes;
        }

        public List<Intake> intakes() {
            return intakes;
        }
    }

    private final Dialect dialect;
    private final Keys keys;
    private final FifoOrder fifo;
    private final FieldWaits waits;
    private final PendingCount.Row pending;
    private final MinuteStats minutes;
    private final FanOut fanOut;
    private final KeyedDigest digest;
    private final Clock clock;
    private final String findEvent;
    private final String makeEarlyDue;
    private final String lockStored;
    private final String countMissing;

    public AcceptBatch(
            Dialect dialect,
            Keys keys,
            FifoOrder fifo,
            DueRows dueRows,
            PendingCount.Row pending,
            MinuteStats minutes,
            KeyedDigest digest,
            Clock clock) {
        this.dialect = dialect;
        this.keys = keys;
        this.fifo = fifo;
        this.waits = new FieldWaits(dialect, dueRows, clock);
        this.pending = pending;
        this.minutes = minutes;
        this.digest = digest;
        this.fanOut = new FanOut(this, dialect);
        this.clock = clock;
        this.findEvent = "SELECT key, data_sha256, deliveries FROM event WHERE account = ? AND " + dialect.ofEventId()
                + " AND source = ?";
        this.makeEarlyDue = "INSERT INTO due (webhook, due_at, id, delivery, account, started_at, paused_before)"
                + " SELECT d.webhook, d.due_at, d.id, d.key, d.account, d.accepted_at, w.paused_total"
                + " + CASE WHEN w.state = 'active' THEN 0 ELSE " + dialect.greatest()
                + "(0, d.accepted_at - w.since) END FROM delivery d JOIN webhook w ON w.key = d.webhook"
                + " WHERE d.event = ? AND d.ended_at IS NULL";
        this.lockStored =
                "SELECT key FROM event WHERE " + dialect.in("key") + " ORDER BY key" + dialect.locking("FOR UPDATE");
        this.countMissing = "UPDATE event SET deliveries = deliveries + 1 WHERE key = ? AND document IS NOT NULL"
                + " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = event.key AND d.webhook = ?)";
    }

    public void write(Statements statements, List<Part> parts, List<FanOut.Part> fanOuts) throws SQLException {
        List<Part> single = new ArrayList<>(parts.size());
        List<Part> special = new ArrayList<>();
        for (Part part : parts) {
            (part.intakes.size() == 1 && !FieldWaits.mayWait(part.intakes.get(0)) ? single : special).add(part);
        }
        lock(statements, parts, fanOuts);
        if (!single.isEmpty()) {
            writeTogether(statements, single);
        }
        for (Part part : special) {
            writeOne(statements, part);
        }
        for (FanOut.Part part : fanOuts) {
            fanOut.write(statements, part);
        }
    }

    /** Takes locks before any write, so that a transaction with a lock waits for no one that requests it. */
    private void lock(Statements statements, List<Part> parts, List<FanOut.Part> fanOuts) throws SQLException {
        List<Intake> intakes = Stream.concat(
                        parts.stream().flatMap(part -> part.intakes.stream()),
                        fanOuts.stream().filter(FanOut.Part::isLast).map(FanOut.Part::intake))
                .toList();
        lockStored(statements, intakes);
        fifo.lock(
                statements,
                intakes.stream()
                        .flatMap(intake -> intake.deliveries().stream())
                        .map(NewDelivery::fifoKey)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList());
        waits.lock(statements, intakes);
    }

    /** Other instances cannot add a delivery to these events, nor remove their payloads. */
    private void lockStored(Statements statements, List<Intake> intakes) throws SQLException {
        List<Long> stored =
                intakes.stream().map(Intake::stored).filter(Objects::nonNull).toList();
        if (!stored.isEmpty()) {
            statements.query(lockStored, row -> true, Values.longs(stored));
        }
    }

    private void writeTogether(Statements statements, List<Part> parts) throws SQLException {
        List<NewEvent> rows = new ArrayList<>(parts.size());
        for (Part part : parts) {
            rows.add(row(statements, part.intakes.get(0)));
        }
        accept(statements, rows);
        for (int i = 0; i < rows.size(); i++) {
            Accepted accepted = rows.get(i).result();
            if (accepted == null) {
                parts.get(i)
                        .refuse(new IdentityReusedException(rows.get(i).event().identity(), 0));
            } else {
                parts.get(i).complete(List.of(accepted));
                count(rows.get(i));
            }
        }
    }

    private void writeOne(Statements statements, Part part) throws SQLException {
        Savepoint before = statements.connection().setSavepoint();
        long pendingBefore = pending.change();
        try {
            List<NewEvent> rows = acceptAll(statements, part);
            part.complete(rows.stream().map(NewEvent::result).toList());
            statements.connection().releaseSavepoint(before);
            rows.forEach(this::count);
        } catch (IdentityReusedException e) {
            statements.connection().rollback(before);
            pending.resetTo(pendingBefore);
            keys.rolledBack();
            part.refuse(e);
        }
    }

    private void count(NewEvent row) {
        if (row.key() != null && row.intake.stored() == null && !row.event().isTest()) {
            minutes.countAccepted(
                    row.account(),
                    row.intake.deliveries().stream()
                            .filter(delivery -> delivery.skipReason() != null)
                            .count());
        }
    }

    /** Stores a part's events, one by one if one may wait for a field of another. */
    private List<NewEvent> acceptAll(Statements statements, Part part) throws SQLException {
        List<Intake> intakes = part.intakes;
        boolean together = intakes.stream().noneMatch(FieldWaits::mayWait);
        List<NewEvent> all = new ArrayList<>(intakes.size());
        for (int from = 0; from < intakes.size(); ) {
            int to = together ? intakes.size() : from + 1;
            List<NewEvent> rows = new ArrayList<>(to - from);
            for (; from < to; from++) {
                rows.add(row(statements, intakes.get(from)));
            }
            accept(statements, rows);
            all.addAll(rows);
        }
        List<IdentityReusedException> reused = IntStream.range(0, all.size())
                .filter(i -> all.get(i).result() == null)
                .mapToObj(i -> new IdentityReusedException(all.get(i).event().identity(), i))
                .toList();
        if (!reused.isEmpty()) {
            throw IdentityReusedException.of(reused);
        }
        return all;
    }

    private NewEvent row(Statements statements, Intake intake) throws SQLException {
        return new NewEvent(intake, intake.deliveries(), account(statements, intake));
    }

    int account(Statements statements, Intake intake) throws SQLException {
        return keys.account(statements, intake.event().account());
    }

    private void accept(Statements statements, List<NewEvent> rows) throws SQLException {
        List<NewEvent> fresh =
                rows.stream().filter(row -> row.intake.stored() == null).toList();
        if (!fresh.isEmpty()) {
            insertEvents(statements, fresh);
            insertDetails(
                    statements, fresh.stream().filter(row -> row.key() != null).toList());
        }
        addToStored(
                statements,
                rows.stream().filter(row -> row.intake.stored() != null).toList());
    }

    /** Adds a delivery to each stored event, unless it has one for the webhook, or its payload has expired. */
    private void addToStored(Statements statements, List<NewEvent> rows) throws SQLException {
        List<NewEvent> added = new ArrayList<>(rows.size());
        for (NewEvent row : rows) {
            Long event = row.intake.stored();
            WebhookId webhook = row.deliveries.get(0).webhook();
            if (statements.update(countMissing, event, keys.webhook(statements, webhook)) == 1) {
                row.stored.key = event;
                added.add(row);
            } else {
                row.stored.known = new HotWrites.StoredEvent(event, row.event().dataSha256(), 0);
            }
        }
        insertDeliveries(statements, added, true);
    }

    /**
     * Stores events, unless their identity is stored, or was erased. That is asked afterwards: an insert waits for an
     * erasure of its identity that is not committed yet.
     */
    private void insertEvents(Statements statements, List<NewEvent> rows) throws SQLException {
        dialect.hot()
                .insertEvents(statements, rows.stream().map(row -> row.stored).toList(), clock.millis());
        List<NewEvent> inserted = rows.stream().filter(row -> row.key() != null).toList();
        if (inserted.isEmpty() || !statements.exists(ANY_ERASURE)) {
            return;
        }
        for (NewEvent row : inserted) {
            row.stored.known = find(statements, row, digest.erased(row.event().identity()));
            if (row.stored.known != null) {
                statements.update("DELETE FROM event WHERE key = ?", row.key());
                row.stored.key = null;
            }
        }
    }

    private HotWrites.StoredEvent find(Statements statements, NewEvent row, EventIdentity identity)
            throws SQLException {
        List<Object> values = new ArrayList<>(List.of(row.account()));
        Collections.addAll(values, dialect.eventIdValues(identity.id()));
        values.add(identity.source());
        return statements
                .first(
                        findEvent,
                        found -> new HotWrites.StoredEvent(found.getLong(1), found.getBytes(2), found.getInt(3)),
                        values.toArray())
                .orElse(null);
    }

    private void insertDetails(Statements statements, List<NewEvent> newRows) throws SQLException {
        waits.insertArrivals(statements, newRows);
        insertDeliveries(statements, newRows, true);
        waits.release(statements, newRows);
    }

    /**
     * The result for an event whose identity is stored, or null.
     *
     * @throws IdentityReusedException if it is stored with other data
     */
    Accepted findStored(Statements statements, Intake intake) throws SQLException {
        NewEvent row = row(statements, intake);
        row.stored.known = find(statements, row, row.event().identity());
        return row.stored.known == null ? null : resultOf(row);
    }

    private static Accepted resultOf(NewEvent row) {
        Accepted result = row.result();
        if (result == null) {
            throw new IdentityReusedException(row.event().identity(), 0);
        }
        return result;
    }

    /** Stores some deliveries of an event that is not stored yet. They are not due. */
    void insertEarly(Statements statements, long event, Intake intake, List<NewDelivery> some) throws SQLException {
        NewEvent row = new NewEvent(intake, some, account(statements, intake));
        row.stored.key = event;
        insertDeliveries(statements, List.of(row), false);
    }

    /**
     * Stores an event with its other deliveries, and makes the early ones due, unless an event of its identity is stored.
     *
     * @throws IdentityReusedException if it is stored with other data
     */
    Accepted complete(Statements statements, long event, Intake intake, List<NewDelivery> others) throws SQLException {
        NewEvent row = new NewEvent(intake, others, account(statements, intake));
        row.stored.allocated = event;
        insertEvents(statements, List.of(row));
        if (row.key() != null) {
            pending.add(statements.update(makeEarlyDue, event));
            insertDetails(statements, List.of(row));
            count(row);
        }
        return resultOf(row);
    }

    private record Insert(NewEvent row, NewDelivery delivery, int webhook) {}

    /** @param areDue false: they are made due later */
    private void insertDeliveries(Statements statements, List<NewEvent> fresh, boolean areDue) throws SQLException {
        keys.insertMissing(
                statements,
                fresh.stream()
                        .flatMap(row -> row.deliveries.stream())
                        .map(NewDelivery::webhook)
                        .toList());
        List<Insert> inserts = new ArrayList<>(fresh.size());
        for (NewEvent row : fresh) {
            for (NewDelivery delivery : row.deliveries) {
                inserts.add(new Insert(row, delivery, keys.webhook(statements, delivery.webhook())));
            }
        }
        if (inserts.isEmpty()) {
            return;
        }
        Map<Insert, FifoOrder.AssignedPlace> places = assignPlaces(statements, inserts);
        List<HotWrites.NewRow> rows = new ArrayList<>(inserts.size());
        for (Insert insert : inserts) {
            rows.add(row(statements, insert, places.get(insert)));
        }
        dialect.hot().insertDeliveries(statements, rows, areDue);
        pending.add(areDue ? rows.stream().filter(HotWrites.NewRow::isPending).count() : 0);
    }

    private HotWrites.NewRow row(Statements statements, Insert insert, FifoOrder.AssignedPlace place)
            throws SQLException {
        NewDelivery delivery = insert.delivery();
        Event event = insert.row().event();
        Long later = waits.latestWithField(statements, insert.row(), delivery.waitField());
        String waitField = later == null ? delivery.waitField() : null;
        if (later != null) {
            insert.row().released.add(delivery.webhook());
        }
        long dueAt = (later == null ? delivery.dueAt() : delivery.acceptedAt()).toEpochMilli();
        if (place != null && place.isBlocked()) {
            insert.row().blocked.add(delivery.id());
            dueAt = FifoSuccession.NOT_YET.toEpochMilli();
        }
        return new HotWrites.NewRow(
                insert.row().account(),
                insert.webhook(),
                insert.row().key(),
                delivery.id(),
                delivery.skipReason(),
                delivery.acceptedAt().toEpochMilli(),
                dueAt,
                waitField,
                waitField == null ? null : Hashes.of(event.subject()),
                later,
                delivery.fifoKey(),
                place == null ? null : (Long) place.place(),
                event.isTest() ? "test" : null);
    }

    /** The FIFO places; the keys are locked already. */
    private Map<Insert, FifoOrder.AssignedPlace> assignPlaces(Statements statements, List<Insert> inserts)
            throws SQLException {
        List<Insert> inOrder =
                inserts.stream().filter(insert -> insert.delivery().isFifo()).toList();
        List<FifoOrder.AssignedPlace> given = fifo.assignPlaces(
                statements,
                inOrder.stream()
                        .map(insert -> new FifoOrder.Key(
                                insert.webhook(), insert.delivery().fifoKey()))
                        .toList());
        Map<Insert, FifoOrder.AssignedPlace> places = new IdentityHashMap<>();
        for (int i = 0; i < given.size(); i++) {
            places.put(inOrder.get(i), given.get(i));
        }
        return places;
    }
}
