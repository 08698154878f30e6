package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.FanOutPart;
import io.engagementwebhooks.store.FanOutSql;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Stores events with their deliveries: those of a group together, by one statement for the events and one for the
 * deliveries. Used by one writer's thread.
 */
final class Intakes extends CountedSteps {

    private static final String INSERT_EVENTS =
            "INSERT INTO event (account, identity, source, id, type, subject, time, accepted_at, data_sha256, deliveries,"
                    + " document, trace) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (account, identity) DO NOTHING RETURNING key, account, identity, data_sha256";
    private static final String FIND_EVENTS = "SELECT e.account, e.identity, e.data_sha256, e.deliveries"
            + " FROM unnest(?, ?) x(account, identity)"
            + " JOIN event e ON e.account = x.account AND e.identity = x.identity";
    private static final String INSERT_DELIVERIES =
            "INSERT INTO delivery (id, account, webhook, event, state, outcome, reason, accepted_at, started_at,"
                    + " paused_before, due_at, ended_at, wait_field, wait_subject, later, fifo_key, fifo_place)"
                    + " SELECT x.id, x.account, w.key, x.event,"
                    + " CASE WHEN x.skipped IS NULL THEN 'waiting' ELSE 'skipped' END,"
                    + " CASE WHEN x.skipped IS NULL THEN NULL ELSE 'skipped' END, x.skipped, x.at, x.at,"
                    + " w.paused_total + CASE WHEN w.state = 'active' THEN 0 ELSE greatest(0, x.at - w.since) END,"
                    + " CASE WHEN x.skipped IS NULL THEN x.due END, CASE WHEN x.skipped IS NULL THEN NULL ELSE x.at END,"
                    + " x.wait_field, x.wait_subject, x.later, x.fifo_key, x.fifo_place"
                    + " FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " x(id, account, webhook, event, skipped, at, due, wait_field, wait_subject, later, fifo_key,"
                    + " fifo_place)"
                    + " JOIN webhook w ON w.account = x.account AND w.name = x.webhook";
    /** Locked, so that retention does not take its payload from under the delivery that will need it. */
    private static final String FIND_BROUGHT = "SELECT e.key FROM brought b JOIN event e ON e.key = b.event"
            + " WHERE b.account = ? AND b.subject = ? AND b.field = ? AND e.document IS NOT NULL"
            + " ORDER BY e.key DESC LIMIT 1 FOR SHARE OF e";

    private static final String FIND_WAITS = "SELECT x.row, d.id, d.wait_field, w.name"
            + " FROM unnest(?, ?, ?) x(row, account, subject) JOIN delivery d ON d.account = x.account"
            + " AND d.wait_subject = x.subject AND d.state = 'waiting' AND d.wait_field IS NOT NULL"
            + " JOIN webhook w ON w.key = d.webhook";
    private static final String RELEASE_WAIT = "UPDATE delivery SET wait_field = NULL, wait_subject = NULL, due_at = ?,"
            + " later = ? WHERE id = ? AND ended_at IS NULL AND wait_field IS NOT NULL";

    /** Always in the same order, so that no two wait for each other. */
    private static final String LOCK_FAN_OUTS = "SELECT count(*) FROM (SELECT CASE WHEN alone"
            + " THEN pg_advisory_xact_lock(k)::text ELSE pg_advisory_xact_lock_shared(k)::text END"
            + " FROM unnest(?, ?) x(k, alone)) locked";

    /** Events to be stored all or none. */
    static final class Part extends GroupWriter.Part<List<Accepted>> {
        private final List<Intake> intakes;

        /** For each the parts of its fan-out; empty: its deliveries are inserted at once. */
        private final List<List<FanOutPart>> fanOuts;

        Part(List<Intake> intakes) {
            super(Intake.account(intakes), Intake.rows(intakes));
            this.intakes = intakes;
            this.fanOuts = intakes.stream()
                    .map(intake -> intake.isFanOut() ? fanOut(intake) : List.<FanOutPart>of())
                    .toList();
        }
    }

    /** Parts of fan-outs whose deliveries are to be inserted. */
    static final class Step extends GroupWriter.Part<List<FanOuts.Inserted>> {
        private final List<FanOuts.Pending> parts;

        Step(String account, List<FanOuts.Pending> parts) {
            super(account, FanOutSql.rows(parts));
            this.parts = parts;
        }
    }

    private final Names names;

    /** Accounts with deliveries that are not inserted yet and must not be overtaken by others of a FIFO key. */
    private final Set<Integer> behindFanOuts = new HashSet<>();

    Intakes(Names names, WaitingSum.Row waiting, Minutes minutes, Clock clock) {
        super(waiting, minutes, clock);
        this.names = names;
    }

    @Override
    public void write(Connection connection, List<? extends GroupWriter.Part<?>> parts) throws SQLException {
        List<Part> alike = new ArrayList<>(parts.size());
        List<Part> special = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        for (GroupWriter.Part<?> each : parts) {
            if (each instanceof Step step) {
                steps.add(step);
            } else {
                Part part = (Part) each;
                (part.intakes.size() == 1 && !waits(part.intakes.get(0)) ? alike : special).add(part);
            }
        }
        lockFanOuts(connection, alike, special);
        lockFifos(connection, parts);
        if (!alike.isEmpty()) {
            writeTogether(connection, alike);
        }
        for (Part part : special) {
            writeWhole(connection, part);
        }
        for (Step step : steps) {
            step.give(insert(connection, step.parts));
        }
    }

    /**
     * Who stores a fan-out of an account holds its lock alone, who stores something in order shares it, until the commit: so
     * that what was accepted after a fan-out finds that it is not inserted yet.
     */
    private void lockFanOuts(Connection connection, List<Part> alike, List<Part> special) throws SQLException {
        behindFanOuts.clear();
        TreeMap<String, Boolean> locks = new TreeMap<>();
        for (List<Part> some : List.of(alike, special)) {
            for (Part part : some) {
                part.intakes.stream()
                        .filter(Intake::isInOrder)
                        .forEach(
                                intake -> locks.merge(intake.event().account(), intake.isFanOut(), Boolean::logicalOr));
            }
        }
        if (locks.isEmpty()) {
            return;
        }
        List<String> accounts = List.copyOf(locks.keySet());
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        LOCK_FAN_OUTS,
                        Columns.longs(accounts, account -> Hashes.lock("fan-out", account)),
                        new Columns.Many("bool", locks.values().toArray()));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
        }
        for (String account : accounts) {
            int key = names.account(account);
            try (PreparedStatement statement = Columns.prepared(connection, FanOutSql.IN_ORDER, key);
                    ResultSet rows = statement.executeQuery()) {
                if (rows.next()) {
                    behindFanOuts.add(key);
                }
            }
        }
    }

    /** Inserts the deliveries of parts, and removes these. @return a result for each part */
    private List<FanOuts.Inserted> insert(Connection connection, List<FanOuts.Pending> parts) throws SQLException {
        List<FanOuts.Inserted> inserted = new ArrayList<>(parts.size());
        List<Row> rows = new ArrayList<>(parts.size());
        for (FanOuts.Pending part : parts) {
            Event event = part.intake().event();
            String members = remove(connection, part);
            Intake intake = members == null
                    ? part.intake()
                    : FanOuts.Inserted.of(event, FanOutPart.deliveries(event.account(), members), null)
                            .intake();
            Row row = new Row(intake, List.of(), names.account(event.account()));
            row.key = members == null ? null : (Long) part.key();
            rows.add(row);
        }
        List<Row> ours = rows.stream().filter(row -> row.key != null).toList();
        lockWaits(connection, ours.stream().map(row -> row.intake).toList());
        insertDeliveries(connection, ours);
        for (Row row : rows) {
            inserted.add(new FanOuts.Inserted(row.intake, row.key == null ? null : row.accepted()));
        }
        return inserted;
    }

    /** @return the members, or null: they were inserted before */
    private static String remove(Connection connection, FanOuts.Pending part) throws SQLException {
        try (PreparedStatement statement =
                        Columns.prepared(connection, FanOutSql.REMOVE, part.key(), part.partition(), part.number());
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private void writeTogether(Connection connection, List<Part> parts) throws SQLException {
        List<Row> rows = new ArrayList<>(parts.size());
        for (Part part : parts) {
            rows.add(row(part, 0));
        }
        Object[] answers = accept(connection, rows);
        for (int i = 0; i < answers.length; i++) {
            if (answers[i] instanceof Accepted accepted) {
                parts.get(i).give(List.of(accepted));
                count(parts.get(i).intakes.get(0), accepted);
            } else {
                parts.get(i).refuse(reused(parts.get(i).intakes.get(0).event().identity(), 0));
            }
        }
    }

    private void count(Intake intake, Accepted accepted) throws SQLException {
        if (!accepted.duplicate()) {
            minutes.accepted(
                    names.account(intake.event().account()),
                    intake.deliveries().stream()
                            .filter(delivery -> delivery.skipped() != null)
                            .count());
        }
    }

    private static IdentityReusedException reused(EventIdentity identity, int index) {
        return new IdentityReusedException(identity, index);
    }

    private void writeWhole(Connection connection, Part part) throws SQLException {
        Savepoint before = connection.setSavepoint();
        long waitingBefore = waiting.change();
        try {
            List<Accepted> answers = acceptAll(connection, part);
            part.give(answers);
            connection.releaseSavepoint(before);
            for (int i = 0; i < answers.size(); i++) {
                count(part.intakes.get(i), answers.get(i));
            }
        } catch (IdentityReusedException e) {
            connection.rollback(before);
            waiting.backTo(waitingBefore);
            part.refuse(e);
        }
    }

    /** One after the other where they wait for each other's fields. */
    private List<Accepted> acceptAll(Connection connection, Part part) throws SQLException {
        List<Intake> intakes = part.intakes;
        boolean together = intakes.stream().noneMatch(Intakes::waits);
        List<Accepted> all = new ArrayList<>(intakes.size());
        List<IdentityReusedException> reused = new ArrayList<>();
        for (int from = 0; from < intakes.size(); ) {
            int to = together ? intakes.size() : from + 1;
            lockWaits(connection, intakes.subList(from, to));
            List<Row> rows = new ArrayList<>(to - from);
            for (; from < to; from++) {
                rows.add(row(part, from));
            }
            for (Object answer : accept(connection, rows)) {
                if (answer instanceof Accepted accepted) {
                    all.add(accepted);
                } else {
                    int index = all.size() + reused.size();
                    reused.add(reused(intakes.get(index).event().identity(), index));
                }
            }
        }
        if (!reused.isEmpty()) {
            throw IdentityReusedException.of(reused);
        }
        return all;
    }

    private static boolean waits(Intake intake) {
        return !intake.brings().isEmpty()
                || intake.deliveries().stream().anyMatch(delivery -> delivery.waitField() != null);
    }

    /** One that waits and one that brings, stored by two instances at the same moment, would not see each other. */
    private static void lockWaits(Connection connection, List<Intake> intakes) throws SQLException {
        for (Intake intake : intakes) {
            if (waits(intake) && intake.event().subject() != null) {
                lock(
                        connection,
                        "waits",
                        intake.event().account(),
                        intake.event().subject());
            }
        }
    }

    /** Until the end of the transaction. */
    static void lock(Connection connection, String... what) throws SQLException {
        try (PreparedStatement statement =
                        Columns.prepared(connection, "SELECT pg_advisory_xact_lock(?)", Hashes.lock(what));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
        }
    }

    private Row row(Part part, int index) throws SQLException {
        Intake intake = part.intakes.get(index);
        return new Row(
                intake, part.fanOuts.get(index), names.account(intake.event().account()));
    }

    private static List<FanOutPart> fanOut(Intake intake) {
        return FanOutPart.of(intake.deliveries(), Leases::partition);
    }

    /** An event as it is stored. */
    private static final class Row {
        private final Intake intake;
        private List<FanOutPart> fanOut;
        private final Event event;
        private final int account;
        private final byte[] identity;
        private Long key;
        private final Set<WebhookId> goAtOnce = new HashSet<>();
        private final Set<String> behind = new HashSet<>();

        Row(Intake intake, List<FanOutPart> fanOut, int account) {
            this.intake = intake;
            this.fanOut = fanOut;
            this.event = intake.event();
            this.account = account;
            this.identity = Hashes.identity(event.source(), event.id());
        }

        Accepted accepted() {
            return new Accepted(event.id(), intake.deliveries().size(), false, goAtOnce, behind, !fanOut.isEmpty());
        }

        Identity identity() {
            return new Identity(account, Arrays.hashCode(identity), identity);
        }
    }

    private record Identity(int account, int hash, byte[] bytes) {

        static Identity of(ResultSet row, int first) throws SQLException {
            byte[] bytes = row.getBytes(first + 1);
            return new Identity(row.getInt(first), Arrays.hashCode(bytes), bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Identity that && account == that.account && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * account + hash;
        }
    }

    private record Known(byte[] dataSha256, int deliveries) {}

    /** @return for each an {@link Accepted}, or null: its identity is there with other data */
    private Object[] accept(Connection connection, List<Row> rows) throws SQLException {
        insertEvents(connection, rows);
        Map<Identity, Known> known = known(connection, rows);
        List<Row> fresh = rows.stream().filter(row -> row.key != null).toList();
        for (Row row : fresh) {
            bring(connection, row);
        }
        List<Row> later = later(connection, fresh);
        insertDeliveries(
                connection, fresh.stream().filter(row -> !later.contains(row)).toList());
        waiting.add(fresh.stream()
                .flatMap(row -> row.intake.deliveries().stream())
                .filter(delivery -> delivery.skipped() == null)
                .count());
        release(connection, fresh);
        Object[] answers = new Object[rows.size()];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = answer(rows.get(i), known);
        }
        return answers;
    }

    private static Accepted answer(Row row, Map<Identity, Known> known) throws SQLException {
        if (row.key != null) {
            return row.accepted();
        }
        Known there = known.get(row.identity());
        if (there == null) {
            throw new SQLException("an event was removed at the moment it came again", "40001");
        }
        return Arrays.equals(there.dataSha256(), row.event.dataSha256())
                ? new Accepted(row.event.id(), there.deliveries(), true, Set.of())
                : null;
    }

    /** Keeps the parts of fan-outs, and of what must not overtake one. @return of whom */
    private List<Row> later(Connection connection, List<Row> fresh) throws SQLException {
        List<Row> later = new ArrayList<>();
        for (Row row : fresh) {
            boolean isInOrder = row.intake.isInOrder();
            if (row.fanOut.isEmpty() && isInOrder && behindFanOuts.contains(row.account)) {
                row.fanOut = fanOut(row.intake);
            }
            if (!row.fanOut.isEmpty()) {
                FanOutSql.insert(connection, row.key, row.account, row.fanOut);
                later.add(row);
                if (isInOrder) {
                    behindFanOuts.add(row.account);
                }
            }
        }
        return later;
    }

    private void insertEvents(Connection connection, List<Row> rows) throws SQLException {
        Map<Identity, List<Row>> byIdentity = new HashMap<>();
        rows.forEach(row -> byIdentity
                .computeIfAbsent(row.identity(), identity -> new ArrayList<>(1))
                .add(row));
        long now = clock.millis();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        INSERT_EVENTS,
                        Columns.ints(rows, row -> row.account),
                        Columns.bytes(rows, row -> row.identity),
                        Columns.texts(rows, row -> row.event.source()),
                        Columns.texts(rows, row -> row.event.id()),
                        Columns.texts(rows, row -> row.event.type()),
                        Columns.texts(rows, row -> row.event.subject()),
                        Columns.longs(rows, row -> Columns.millis(row.event.time())),
                        Columns.longs(rows, row -> now),
                        Columns.bytes(rows, row -> row.event.dataSha256()),
                        Columns.ints(rows, row -> row.intake.deliveries().size()),
                        Columns.bytes(rows, row -> row.event.document()),
                        Columns.texts(rows, row -> row.event
                                .trace()
                                .map(TraceParent::toString)
                                .orElse(null)));
                ResultSet inserted = statement.executeQuery()) {
            while (inserted.next()) {
                byte[] data = inserted.getBytes(4);
                long key = inserted.getLong(1);
                // of two with one identity the one whose data was stored
                byIdentity.get(Identity.of(inserted, 2)).stream()
                        .filter(row -> Arrays.equals(row.event.dataSha256(), data))
                        .findFirst()
                        .ifPresent(row -> row.key = key);
            }
        }
    }

    private static Map<Identity, Known> known(Connection connection, List<Row> rows) throws SQLException {
        List<Row> others = rows.stream().filter(row -> row.key == null).toList();
        Map<Identity, Known> known = new HashMap<>();
        if (others.isEmpty()) {
            return known;
        }
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        FIND_EVENTS,
                        Columns.ints(others, row -> row.account),
                        Columns.bytes(others, row -> row.identity));
                ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                known.put(Identity.of(found, 1), new Known(found.getBytes(3), found.getInt(4)));
            }
        }
        return known;
    }

    private static void bring(Connection connection, Row row) throws SQLException {
        for (String field : row.intake.brings()) {
            Columns.update(
                    connection,
                    "INSERT INTO brought (account, subject, field, event) VALUES (?, ?, ?, ?)",
                    row.account,
                    Hashes.of(row.event.subject()),
                    field,
                    row.key);
        }
    }

    /** A delivery as it is stored. */
    private record DeliveryRow(Row of, NewDelivery delivery, Long later, Fifos.Given place) {

        String waitField() {
            return later == null ? delivery.waitField() : null;
        }

        Instant dueAt() {
            if (place != null && place.behind()) {
                return FifoTurn.NOT_YET;
            }
            return later == null ? delivery.dueAt() : delivery.acceptedAt();
        }

        byte[] waitSubject() {
            return waitField() == null ? null : Hashes.of(of.event.subject());
        }
    }

    private void insertDeliveries(Connection connection, List<Row> fresh) throws SQLException {
        List<DeliveryRow> rows = new ArrayList<>(fresh.size());
        for (Row row : fresh) {
            names.webhooks(
                    row.event.account(),
                    row.intake.deliveries().stream().map(NewDelivery::webhook).toList());
        }
        Map<String, Fifos.Given> places = join(connection, fresh);
        for (Row row : fresh) {
            for (NewDelivery delivery : row.intake.deliveries()) {
                Long later = brought(connection, row, delivery.waitField());
                if (later != null) {
                    row.goAtOnce.add(delivery.webhook());
                }
                Fifos.Given place = places.get(delivery.id());
                if (place != null && place.behind()) {
                    row.behind.add(delivery.id());
                }
                rows.add(new DeliveryRow(row, delivery, later, place));
            }
        }
        if (rows.isEmpty()) {
            return;
        }
        int inserted = Columns.update(
                connection,
                INSERT_DELIVERIES,
                Columns.texts(rows, row -> row.delivery().id()),
                Columns.ints(rows, row -> row.of().account),
                Columns.texts(rows, row -> row.delivery().webhook().name()),
                Columns.longs(rows, row -> row.of().key),
                Columns.texts(rows, row -> row.delivery().skipped()),
                Columns.longs(rows, row -> row.delivery().acceptedAt().toEpochMilli()),
                Columns.longs(rows, row -> row.dueAt().toEpochMilli()),
                Columns.texts(rows, DeliveryRow::waitField),
                Columns.bytes(rows, DeliveryRow::waitSubject),
                Columns.longs(rows, DeliveryRow::later),
                Columns.texts(rows, row -> row.delivery().fifoKey()),
                Columns.longs(
                        rows, row -> row.place() == null ? null : row.place().place()));
        if (inserted != rows.size()) {
            // a webhook was renamed at this moment: tried again, each finds its row or makes it
            names.forgetWebhooks();
            throw new SQLException("a webhook was renamed while a delivery of it was stored", "40001");
        }
    }

    /** Those that go in order; their keys are locked already. */
    private static Map<String, Fifos.Given> join(Connection connection, List<Row> fresh) throws SQLException {
        List<Fifos.Joining> joining = new ArrayList<>();
        for (Row row : fresh) {
            for (NewDelivery delivery : row.intake.deliveries()) {
                if (delivery.isInOrder()) {
                    joining.add(new Fifos.Joining(row.account, delivery));
                }
            }
        }
        return Fifos.join(connection, joining);
    }

    /** Before anything is written, so that nobody who has a lock waits for somebody who wants it. */
    private static void lockFifos(Connection connection, List<? extends GroupWriter.Part<?>> parts)
            throws SQLException {
        Set<String> keys = new HashSet<>();
        for (GroupWriter.Part<?> part : parts) {
            intakes(part)
                    .filter(intake -> !intake.isFanOut())
                    .flatMap(intake -> intake.deliveries().stream())
                    .map(NewDelivery::fifoKey)
                    .filter(Objects::nonNull)
                    .forEach(keys::add);
        }
        Fifos.lock(connection, keys);
    }

    private static Stream<Intake> intakes(GroupWriter.Part<?> part) {
        return part instanceof Step step
                ? step.parts.stream().map(FanOuts.Pending::intake)
                : ((Part) part).intakes.stream();
    }

    /** The last event of its subject that brought a field already, or null. */
    private static Long brought(Connection connection, Row row, String field) throws SQLException {
        if (field == null || row.event.subject() == null) {
            return null;
        }
        try (PreparedStatement statement =
                        Columns.prepared(connection, FIND_BROUGHT, row.account, Hashes.of(row.event.subject()), field);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getLong(1) : null;
        }
    }

    private void release(Connection connection, List<Row> fresh) throws SQLException {
        List<Integer> about = IntStream.range(0, fresh.size())
                .filter(i -> fresh.get(i).event.subject() != null)
                .boxed()
                .toList();
        if (about.isEmpty()) {
            return;
        }
        Map<String, Row> released = new HashMap<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        FIND_WAITS,
                        Columns.ints(about, i -> i),
                        Columns.ints(about, i -> fresh.get(i).account),
                        Columns.bytes(about, i -> Hashes.of(fresh.get(i).event.subject())));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Row row = fresh.get(rows.getInt(1));
                boolean brings = FieldPath.isPresent(row.event.tree(), rows.getString(3));
                if (brings && released.putIfAbsent(rows.getString(2), row) == null) {
                    row.goAtOnce.add(new WebhookId(row.event.account(), rows.getString(4)));
                }
            }
        }
        for (Map.Entry<String, Row> one : released.entrySet()) {
            Columns.update(
                    connection, RELEASE_WAIT, clock.millis(), Objects.requireNonNull(one.getValue().key), one.getKey());
        }
    }

    /** Webhooks of which something was stored that is to be sent. */
    static Set<WebhookId> webhooks(List<Intake> intakes, List<Accepted> accepted) {
        Set<WebhookId> webhooks = new HashSet<>();
        for (int i = 0; i < intakes.size(); i++) {
            webhooks.addAll(webhooks(intakes.get(i), accepted.get(i)));
        }
        return webhooks;
    }

    private static Set<WebhookId> webhooks(Intake intake, Accepted accepted) {
        Set<WebhookId> webhooks = new HashSet<>(accepted.released());
        if (!accepted.duplicate() && !accepted.fannedOut()) {
            intake.deliveries().stream()
                    .filter(delivery -> delivery.skipped() == null)
                    .forEach(delivery -> webhooks.add(delivery.webhook()));
        }
        return webhooks;
    }

    /** Webhooks of which something of a fan-out was inserted that is to be sent. */
    static Set<WebhookId> webhooks(List<FanOuts.Inserted> inserted) {
        Set<WebhookId> webhooks = new HashSet<>();
        inserted.stream()
                .filter(each -> each.accepted() != null)
                .forEach(each -> webhooks.addAll(webhooks(each.intake(), each.accepted())));
        return webhooks;
    }
}
