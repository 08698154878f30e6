package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.FanOutPart;
import io.engagementwebhooks.store.FanOutSql;
import io.engagementwebhooks.store.FanOuts;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.RenameSql;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the writer thread does inside its transactions. Used by that thread alone. */
final class Writes implements GroupCommit.Ends {

    /** What is behind others of its FIFO key stays there, whoever wants it sent. */
    private static final long NOT_YET = FifoTurn.NOT_YET.toEpochMilli();

    private static final String INSERT_EVENT =
            "INSERT INTO event (account, source, id, type, subject, time, accepted_at, data_sha256, deliveries, document, key,"
                    + " trace) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String FIND_EVENT =
            "SELECT data_sha256, deliveries FROM event WHERE account = ? AND source = ? AND id = ?";
    private static final String INSERT_DELIVERY =
            "INSERT INTO delivery (id, account, webhook, event, state, outcome, reason, accepted_at, started_at,"
                    + " paused_before, due_at, ended_at, wait_field, wait_subject, later, fifo_key, fifo_place)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String INSERT_BROUGHT =
            "INSERT INTO brought (account, subject, field, event) VALUES (?, ?, ?, ?)";
    private static final String FIND_BROUGHT =
            "SELECT max(event) FROM brought WHERE account = ? AND subject = ? AND field = ?";
    private static final String FIND_WAITS = "SELECT d.id, d.wait_field, w.name FROM delivery d"
            + " JOIN webhook w ON w.key = d.webhook WHERE d.account = ? AND d.wait_subject = ?"
            + " AND d.state = 'waiting' AND d.wait_field IS NOT NULL";
    /** By itself SQLite would go through all that waits for the second, and read each row. */
    static final String AS_OPENED = "SELECT (SELECT max(key) FROM event), EXISTS (SELECT 1 FROM delivery"
            + " INDEXED BY delivery_waits WHERE state = 'waiting' AND wait_field IS NOT NULL),"
            + " EXISTS (SELECT 1 FROM fan_out)";

    private static final String RELEASE_WAIT =
            "UPDATE delivery SET wait_field = NULL, due_at = ?, later = ? WHERE id = ?";

    /** Whose it was, and what that is called now. */
    private static final String AND_TELL =
            " RETURNING account, webhook, (SELECT name FROM webhook WHERE key = delivery.webhook)";

    private static final String END_TRY =
            "UPDATE delivery SET state = ?, outcome = ?, reason = ?, attempts = ?, due_at = ?, ended_at = ?,"
                    + " wait_field = NULL, unsent_since = NULL WHERE id = ? AND state = 'waiting'" + AND_TELL;
    private static final String POSTPONE =
            "UPDATE delivery SET state = ?, outcome = coalesce(?, outcome), reason = ?, due_at = ?, ended_at = ?,"
                    + " unsent_since = coalesce(unsent_since, ?) WHERE id = ? AND state = 'waiting'" + AND_TELL;
    private static final String MAKE_DUE =
            "UPDATE delivery SET due_at = ?1 WHERE id = ?2 AND state = 'waiting' AND due_at > ?1 AND due_at < "
                    + NOT_YET;
    private static final String INSERT_ATTEMPT =
            "INSERT INTO attempt (delivery, number, started_at, ms, outcome, reason, note, status, headers, body,"
                    + " timing, request, request_body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

    private final Connection connection;
    private final Prepared prepared;
    private final Clock clock;
    private final Names names = new Names();
    private final Records records;
    private final Healths healths;
    private final Fifos fifos;
    private final WaitingCount waiting;
    private final Minutes minutes;
    /** By the webhook's number. */
    private final Map<Integer, Long> pausedTotals = new HashMap<>();
    /** The highest key given to an event: there is no other writer, so none need be read back. */
    private long lastEvent;
    /** Whether there may be deliveries that wait for a field: most stores have none to look for at each event. */
    private boolean anyWaits;
    /** Whether there may be deliveries that are not inserted yet. */
    private boolean anyFanOuts;

    Writes(Connection connection, Prepared prepared, WaitingCount waiting, Clock clock) throws SQLException {
        this.connection = connection;
        this.prepared = prepared;
        this.minutes = new Minutes(prepared);
        this.clock = clock;
        this.records = new Records(connection, prepared, names);
        this.waiting = waiting;
        this.healths = new Healths(connection, names);
        this.fifos = new Fifos(connection, prepared, this::pausedTotal);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(AS_OPENED)) {
            rows.next();
            lastEvent = rows.getLong(1);
            anyWaits = rows.getBoolean(2);
            anyFanOuts = rows.getBoolean(3);
        }
    }

    void forget() {
        names.forget();
        healths.forget();
        pausedTotals.clear();
    }

    @Override
    public void committing() throws SQLException {
        minutes.write(clock.millis());
    }

    @Override
    public void committed() {
        waiting.committed();
    }

    @Override
    public void rolledBack() {
        waiting.rolledBackTo(0);
        minutes.forget();
        forget();
        prepared.forget();
    }

    /** @param fanOuts for each the parts of its fan-out; empty: its deliveries are inserted at once */
    List<Accepted> accept(List<Intake> intakes, List<List<FanOutPart>> fanOuts) throws SQLException {
        List<Accepted> answers = acceptAll(intakes, fanOuts);
        for (int i = 0; i < answers.size(); i++) {
            if (!answers.get(i).duplicate()) {
                Intake intake = intakes.get(i);
                minutes.accepted(
                        names.account(connection, intake.event().account()),
                        intake.deliveries().stream()
                                .filter(delivery -> delivery.skipped() != null)
                                .count());
            }
        }
        return answers;
    }

    private List<Accepted> acceptAll(List<Intake> intakes, List<List<FanOutPart>> fanOuts) throws SQLException {
        if (intakes.size() == 1) {
            return List.of(acceptOne(intakes.get(0), fanOuts.get(0), 0));
        }
        Savepoint before = connection.setSavepoint();
        int waitingBefore = waiting.uncommitted();
        List<Accepted> answers = new ArrayList<>(intakes.size());
        List<IdentityReusedException> reused = new ArrayList<>();
        for (int i = 0; i < intakes.size(); i++) {
            try {
                answers.add(acceptOne(intakes.get(i), fanOuts.get(i), i));
            } catch (IdentityReusedException e) {
                reused.add(e);
            }
        }
        if (reused.isEmpty()) {
            connection.releaseSavepoint(before);
            return answers;
        }
        connection.rollback(before);
        waiting.rolledBackTo(waitingBefore);
        forget();
        throw IdentityReusedException.of(reused);
    }

    private Accepted acceptOne(Intake intake, List<FanOutPart> fanOut, int index) throws SQLException {
        Event event = intake.event();
        int account = names.account(connection, event.account());
        Optional<Long> key = insert(event, account, intake.deliveries().size());
        if (key.isEmpty()) {
            return known(event, account, index);
        }
        bring(intake, account, key.get());
        boolean isLater = !fanOut.isEmpty() || isBehindFanOut(intake, account);
        Accepted accepted = isLater
                ? fanOut(event, account, key.get(), fanOut.isEmpty() ? fanOut(intake) : fanOut)
                : insertAll(intake.deliveries(), event, account, key.get());
        if (!anyWaits || event.subject() == null) {
            return accepted;
        }
        Set<WebhookId> goAtOnce = new HashSet<>(accepted.released());
        goAtOnce.addAll(release(event, account, key.get()));
        return new Accepted(
                event.id(), accepted.deliveries(), false, goAtOnce, accepted.behind(), accepted.fannedOut());
    }

    private Accepted insertAll(List<NewDelivery> deliveries, Event event, int account, long key) throws SQLException {
        Set<WebhookId> goAtOnce = new HashSet<>();
        Set<String> behind = new HashSet<>();
        for (NewDelivery delivery : deliveries) {
            Born born = insert(delivery, event, account, key);
            if (born == Born.DUE_EARLIER) {
                goAtOnce.add(delivery.webhook());
            } else if (born == Born.BEHIND) {
                behind.add(delivery.id());
            }
        }
        return new Accepted(event.id(), deliveries.size(), false, goAtOnce, behind);
    }

    /** What goes in order does not overtake deliveries of its account that are not inserted yet. */
    private boolean isBehindFanOut(Intake intake, int account) throws SQLException {
        if (!anyFanOuts || !intake.isInOrder()) {
            return false;
        }
        PreparedStatement inOrder = prepared.of(FanOutSql.IN_ORDER);
        inOrder.setInt(1, account);
        try (ResultSet rows = inOrder.executeQuery()) {
            return rows.next();
        }
    }

    /** The parts of a fan-out: one owner sends everything. */
    static List<FanOutPart> fanOut(Intake intake) {
        return FanOutPart.of(intake.deliveries(), webhook -> 0);
    }

    private Accepted fanOut(Event event, int account, long key, List<FanOutPart> parts) throws SQLException {
        anyFanOuts = true;
        FanOutSql.insert(connection, key, account, parts);
        int deliveries = 0;
        for (FanOutPart part : parts) {
            waiting.add(account, WaitingCount.FANNED_OUT, part.waiting());
            deliveries += part.deliveries();
        }
        return new Accepted(event.id(), deliveries, false, Set.of(), Set.of(), true);
    }

    /** Inserts the deliveries of parts, and removes these. @return a result for each part */
    List<FanOuts.Inserted> insert(List<FanOuts.Pending> parts) throws SQLException {
        List<FanOuts.Inserted> inserted = new ArrayList<>(parts.size());
        for (FanOuts.Pending part : parts) {
            inserted.add(insert(part));
        }
        return inserted;
    }

    private FanOuts.Inserted insert(FanOuts.Pending part) throws SQLException {
        Event event = part.intake().event();
        PreparedStatement remove = prepared.of(FanOutSql.REMOVE);
        remove.setLong(1, part.key());
        remove.setInt(2, part.partition());
        remove.setInt(3, part.number());
        String members;
        try (ResultSet rows = remove.executeQuery()) {
            if (!rows.next()) {
                return new FanOuts.Inserted(part.intake(), null);
            }
            members = rows.getString(1);
        }
        int account = names.account(connection, event.account());
        List<NewDelivery> deliveries = FanOutPart.deliveries(event.account(), members);
        long waited = deliveries.stream()
                .filter(delivery -> delivery.skipped() == null)
                .count();
        waiting.add(account, WaitingCount.FANNED_OUT, -waited);
        return FanOuts.Inserted.of(event, deliveries, insertAll(deliveries, event, account, part.key()));
    }

    private void bring(Intake intake, int account, long key) throws SQLException {
        for (String field : intake.brings()) {
            PreparedStatement insertBrought = prepared.of(INSERT_BROUGHT);
            insertBrought.setInt(1, account);
            insertBrought.setString(2, intake.event().subject());
            insertBrought.setString(3, field);
            insertBrought.setLong(4, key);
            insertBrought.executeUpdate();
        }
    }

    /** The last event of a subject that brought a field already, or null. */
    private Long brought(int account, String subject, String field) throws SQLException {
        if (field == null || subject == null) {
            return null;
        }
        PreparedStatement findBrought = prepared.of(FIND_BROUGHT);
        findBrought.setInt(1, account);
        findBrought.setString(2, subject);
        findBrought.setString(3, field);
        try (ResultSet rows = findBrought.executeQuery()) {
            long key = rows.next() ? rows.getLong(1) : 0;
            return rows.wasNull() ? null : key;
        }
    }

    private Optional<Long> insert(Event event, int account, int deliveries) throws SQLException {
        PreparedStatement insertEvent = prepared.of(INSERT_EVENT);
        insertEvent.setInt(1, account);
        insertEvent.setString(2, event.source());
        insertEvent.setString(3, event.id());
        insertEvent.setString(4, event.type());
        insertEvent.setString(5, event.subject());
        setInstant(insertEvent, 6, event.time());
        insertEvent.setLong(7, clock.millis());
        insertEvent.setBytes(8, event.dataSha256());
        insertEvent.setInt(9, deliveries);
        insertEvent.setBytes(10, event.document());
        insertEvent.setLong(11, lastEvent + 1);
        insertEvent.setString(12, event.trace().map(TraceParent::toString).orElse(null));
        if (insertEvent.executeUpdate() == 0) {
            return Optional.empty();
        }
        return Optional.of(++lastEvent);
    }

    private Accepted known(Event event, int account, int index) throws SQLException {
        PreparedStatement findEvent = prepared.of(FIND_EVENT);
        findEvent.setInt(1, account);
        findEvent.setString(2, event.source());
        findEvent.setString(3, event.id());
        try (ResultSet rows = findEvent.executeQuery()) {
            rows.next();
            if (!Arrays.equals(rows.getBytes(1), event.dataSha256())) {
                throw new IdentityReusedException(event.identity(), index);
            }
            return new Accepted(event.id(), rows.getInt(2), true, Set.of());
        }
    }

    /** How a delivery came into being. */
    private enum Born {
        AS_GIVEN,
        /** What it waits for is there already, so that it is due at once. */
        DUE_EARLIER,
        /** Others of its key are before it. */
        BEHIND
    }

    private Born insert(NewDelivery delivery, Event event, int account, long eventKey) throws SQLException {
        boolean skipped = delivery.skipped() != null;
        Long earlier = brought(account, event.subject(), delivery.waitField());
        String waitField = earlier == null ? delivery.waitField() : null;
        boolean inOrder = delivery.fifoKey() != null && !skipped;
        boolean behind = inOrder && fifos.isBusy(names.webhook(connection, delivery.webhook()), delivery.fifoKey());
        Instant dueAt = behind ? FifoTurn.NOT_YET : earlier == null ? delivery.dueAt() : delivery.acceptedAt();
        DeliveryState state = skipped ? DeliveryState.SKIPPED : DeliveryState.WAITING;
        PreparedStatement insertDelivery = prepared.of(INSERT_DELIVERY);
        insertDelivery.setString(1, delivery.id());
        insertDelivery.setInt(2, account);
        insertDelivery.setInt(3, names.webhook(connection, delivery.webhook()));
        insertDelivery.setLong(4, eventKey);
        insertDelivery.setString(5, state.text());
        insertDelivery.setString(6, skipped ? state.text() : null);
        insertDelivery.setString(7, delivery.skipped());
        insertDelivery.setLong(8, delivery.acceptedAt().toEpochMilli());
        insertDelivery.setLong(9, delivery.acceptedAt().toEpochMilli());
        insertDelivery.setLong(10, pausedTotal(delivery.webhook(), delivery.acceptedAt()));
        setInstant(insertDelivery, 11, skipped ? null : dueAt);
        setInstant(insertDelivery, 12, skipped ? delivery.acceptedAt() : null);
        insertDelivery.setString(13, waitField);
        insertDelivery.setString(14, waitField == null ? null : event.subject());
        insertDelivery.setObject(15, earlier);
        insertDelivery.setString(16, delivery.fifoKey());
        insertDelivery.setObject(17, inOrder ? fifos.join() : null);
        insertDelivery.executeUpdate();
        anyWaits |= waitField != null;
        waiting.add(account, names.webhook(connection, delivery.webhook()), skipped ? 0 : 1);
        return behind ? Born.BEHIND : earlier != null ? Born.DUE_EARLIER : Born.AS_GIVEN;
    }

    /** How long the webhook has been paused in all at a time, a pause that goes on included. */
    private long pausedTotal(WebhookId webhook, Instant at) throws SQLException {
        return pausedTotal(names.webhook(connection, webhook), at);
    }

    private long pausedTotal(int webhook, Instant at) throws SQLException {
        Long known = pausedTotals.get(webhook);
        if (known != null) {
            return known;
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT state, since, paused_total FROM webhook WHERE key = ?")) {
            statement.setInt(1, webhook);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                long total = rows.getLong(3);
                if (!rows.getString(1).equals(WebhookState.State.ACTIVE.text())) {
                    return total + Math.max(0, at.toEpochMilli() - rows.getLong(2));
                }
                pausedTotals.put(webhook, total);
                return total;
            }
        }
    }

    private Set<WebhookId> release(Event event, int account, long key) throws SQLException {
        Map<String, WebhookId> released = new HashMap<>();
        PreparedStatement findWaits = prepared.of(FIND_WAITS);
        findWaits.setInt(1, account);
        findWaits.setString(2, event.subject());
        try (ResultSet rows = findWaits.executeQuery()) {
            while (rows.next()) {
                if (FieldPath.isPresent(event.tree(), rows.getString(2))) {
                    released.put(rows.getString(1), new WebhookId(event.account(), rows.getString(3)));
                }
            }
        }
        PreparedStatement releaseWait = prepared.of(RELEASE_WAIT);
        for (String delivery : released.keySet()) {
            releaseWait.setLong(1, clock.millis());
            releaseWait.setLong(2, key);
            releaseWait.setString(3, delivery);
            releaseWait.executeUpdate();
        }
        return Set.copyOf(released.values());
    }

    Recorded record(TryResult told) throws SQLException {
        String breaks = null;
        String name = told.attempt() == null ? writePostponed(told) : writeEnd(told, told.attempt());
        boolean waited = name != null;
        TryResult result = waited ? told.named(name) : told;
        if (result.attempt() != null) {
            write(result.delivery(), result.attempt());
        }
        if (waited) {
            minutes.tried(names.account(connection, result.webhook().account()), result);
            breaks = healths.tried(result, clock.millis());
        }
        for (RecordKey record : result.written()) {
            records.written(record, result.delivery(), clock.millis());
        }
        if (result.disableWebhook() != null) {
            setState(result.webhook(), WebhookState.State.DISABLED, result.disableWebhook(), clock.instant());
        } else if (breaks != null) {
            setState(result.webhook(), WebhookState.State.DISABLED, breaks, clock.instant());
        }
        if (result.holdWebhookUntil() != null) {
            hold(result.webhook(), result.holdWebhookUntil());
        }
        Instant next = waited && result.fifo() != null ? fifos.tried(result, clock.instant()) : null;
        return next == null && breaks == null ? Recorded.ALONE : new Recorded(next, breaks);
    }

    Names names() {
        return names;
    }

    /** A part of the transaction that may turn out not to be wanted. */
    interface Part {
        /** @return whether it is wanted */
        boolean done() throws SQLException;
    }

    /** Does something, and undoes it if it is not wanted: the rest of the transaction goes on. */
    boolean orNot(Part part) throws SQLException {
        Savepoint before = connection.setSavepoint();
        if (part.done()) {
            connection.releaseSavepoint(before);
            return true;
        }
        connection.rollback(before);
        forget();
        return false;
    }

    Fifos fifos() {
        return fifos;
    }

    Records records() {
        return records;
    }

    /** @return what its webhook is called now, or null: it was not waiting, and an end that is told again changes nothing */
    private String writeEnd(TryResult result, AttemptRow attempt) throws SQLException {
        PreparedStatement endTry = prepared.of(END_TRY);
        endTry.setString(1, result.state().text());
        endTry.setString(2, attempt.outcome());
        endTry.setString(3, result.reason());
        endTry.setInt(4, attempt.number());
        setInstant(endTry, 5, result.dueAt());
        setInstant(endTry, 6, result.state().ended() ? clock.instant() : null);
        endTry.setString(7, result.delivery());
        return waited(endTry, result.state().ended() ? -1 : 0);
    }

    private String writePostponed(TryResult result) throws SQLException {
        boolean ended = result.state().ended();
        PreparedStatement postpone = prepared.of(POSTPONE);
        postpone.setString(1, result.state().text());
        postpone.setString(2, ended ? result.state().text() : null);
        postpone.setString(3, result.reason());
        setInstant(postpone, 4, result.dueAt());
        setInstant(postpone, 5, ended ? clock.instant() : null);
        postpone.setLong(6, clock.millis());
        postpone.setString(7, result.delivery());
        return waited(postpone, ended ? -1 : 0);
    }

    private String waited(PreparedStatement change, int more) throws SQLException {
        try (ResultSet rows = change.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            waiting.add(rows.getInt(1), rows.getInt(2), more);
            return rows.getString(3);
        }
    }

    private void write(String delivery, AttemptRow attempt) throws SQLException {
        PreparedStatement insertAttempt = prepared.of(INSERT_ATTEMPT);
        insertAttempt.setString(1, delivery);
        insertAttempt.setInt(2, attempt.number());
        insertAttempt.setLong(3, attempt.startedAt().toEpochMilli());
        insertAttempt.setLong(4, attempt.ms());
        insertAttempt.setString(5, attempt.outcome());
        insertAttempt.setString(6, attempt.reason());
        insertAttempt.setString(7, attempt.note());
        if (attempt.status() == null) {
            insertAttempt.setNull(8, Types.INTEGER);
        } else {
            insertAttempt.setInt(8, attempt.status());
        }
        insertAttempt.setString(9, attempt.headers());
        insertAttempt.setBytes(10, attempt.body());
        insertAttempt.setString(11, attempt.timing());
        insertAttempt.setString(12, attempt.request());
        insertAttempt.setBytes(13, attempt.requestBody());
        insertAttempt.executeUpdate();
    }

    /** Changes the state; a webhook that is not active already adds the time it was not to its total. */
    WebhookState setState(WebhookId webhook, WebhookState.State state, String reason, Instant since)
            throws SQLException {
        pausedTotals.remove(names.webhook(connection, webhook));
        healths.forget(webhook);
        try (PreparedStatement statement = connection.prepareStatement("UPDATE webhook SET paused_total = paused_total"
                + " + CASE WHEN state = 'active' THEN 0 ELSE max(0, ?1 - coalesce(since, ?1)) END,"
                + " half_open = max(half_open, state = 'disabled'), state = ?2, reason = ?3, since = ?1,"
                + " hold_until = NULL, unwell_since = NULL WHERE key = ?4 RETURNING paused_total, half_open")) {
            statement.setLong(1, since.toEpochMilli());
            statement.setString(2, state.text());
            statement.setString(3, reason);
            statement.setInt(4, names.webhook(connection, webhook));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                Instant kept = Instant.ofEpochMilli(since.toEpochMilli());
                Duration pausedTotal = Duration.ofMillis(rows.getLong(1));
                return new WebhookState(webhook, state, reason, kept, null, pausedTotal, rows.getBoolean(2));
            }
        }
    }

    /** A receiver that asks for several pauses gets the longest. */
    private void hold(WebhookId webhook, Instant until) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE webhook SET hold_until = max(coalesce(hold_until, 0), ?) WHERE key = ?")) {
            statement.setLong(1, until.toEpochMilli());
            statement.setInt(2, names.webhook(connection, webhook));
            statement.executeUpdate();
        }
    }

    Void rename(WebhookId from, String newName) throws SQLException {
        int account = names.account(connection, from.account());
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE webhook SET name = ?1 WHERE account = ?2 AND name = ?3"
                        + " AND NOT EXISTS (SELECT 1 FROM webhook WHERE account = ?2 AND name = ?1)")) {
            statement.setString(1, newName);
            statement.setInt(2, account);
            statement.setString(3, from.name());
            if (statement.executeUpdate() == 0) {
                moveDeliveries(account, from.name(), newName);
            }
        }
        forget();
        return null;
    }

    /** What was accepted under the old name while it was being changed follows at the next occasion, and its state. */
    private void moveDeliveries(int account, String from, String to) throws SQLException {
        try (PreparedStatement find =
                connection.prepareStatement("SELECT f.key, t.key, (SELECT count(*) FROM delivery d"
                        + " WHERE d.webhook = f.key AND d.state = 'waiting') FROM webhook f JOIN webhook t"
                        + " ON t.account = f.account AND t.name = ?3 WHERE f.account = ?1 AND f.name = ?2")) {
            find.setInt(1, account);
            find.setString(2, from);
            find.setString(3, to);
            try (ResultSet rows = find.executeQuery()) {
                if (rows.next()) {
                    moveDeliveries(account, rows.getInt(1), rows.getInt(2), rows.getLong(3));
                }
            }
        }
    }

    private void moveDeliveries(int account, int from, int to, long thatWait) throws SQLException {
        Definitions.update(connection, "UPDATE delivery SET webhook = ? WHERE webhook = ?", to, from);
        waiting.add(account, from, -thatWait);
        waiting.add(account, to, thatWait);
        RenameSql.takeOver(connection, from, to);
    }

    private static final String DISCARD = "UPDATE delivery SET state = 'discarded', reason = ?, due_at = NULL,"
            + " ended_at = ?, wait_field = NULL, unsent_since = NULL WHERE id = ? AND state = 'waiting'"
            + " RETURNING account, webhook";

    int discard(List<String> deliveries, String reason, Instant now) throws SQLException {
        int discarded = 0;
        Set<Fifos.Key> left = fifos.leaving(deliveries);
        PreparedStatement discard = prepared.of(DISCARD);
        for (String delivery : deliveries) {
            discard.setString(1, reason);
            discard.setLong(2, now.toEpochMilli());
            discard.setString(3, delivery);
            discarded += wait(discard, -1);
        }
        fifos.letFirst(left, now);
        return discarded;
    }

    /** Changes deliveries, and counts them. @param change returns account and webhook of each @param more of each */
    private int wait(PreparedStatement change, int more) throws SQLException {
        return wait(change, waiting, more);
    }

    /** The same by somebody else in this transaction. */
    static int wait(PreparedStatement change, WaitingCount waiting, int more) throws SQLException {
        int changed = 0;
        try (ResultSet rows = change.executeQuery()) {
            while (rows.next()) {
                waiting.add(rows.getInt(1), rows.getInt(2), more);
                changed++;
            }
        }
        return changed;
    }

    Store.Replayed replay(String account, String id, String newId, Instant now) throws SQLException {
        return sendAgain(account, id, newId, now, true);
    }

    /** One of many, that has ended: a receiver's wish to wait holds. @return null: it waits anyway, and was left alone */
    Store.Replayed replayEnded(String account, String id, String newId, Instant now) throws SQLException {
        return sendAgain(account, id, newId, now, false);
    }

    private Store.Replayed sendAgain(String account, String id, String newId, Instant now, boolean one)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT d.state, w.name, e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL),"
                        + " d.fifo_key"
                        + " FROM delivery d JOIN webhook w ON w.key = d.webhook JOIN event e ON e.key = d.event"
                        + " LEFT JOIN event l ON l.key = d.later WHERE d.id = ? AND d.account = ?")) {
            statement.setString(1, id);
            statement.setInt(2, names.account(connection, account));
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Store.Replayed.NOT_FOUND;
                }
                if (!rows.getBoolean(3)) {
                    return Store.Replayed.PAYLOAD_EXPIRED;
                }
                boolean waits = rows.getString(1).equals(DeliveryState.WAITING.text());
                if (waits && !one) {
                    return null;
                }
                WebhookId webhook = new WebhookId(account, rows.getString(2));
                if (!waits || newId != null) {
                    waiting.add(names.account(connection, account), names.webhook(connection, webhook), 1);
                }
                Long place = newId == null && waits || rows.getString(4) == null ? null : fifos.join();
                boolean behind = place != null && fifos.isBusy(names.webhook(connection, webhook), rows.getString(4));
                restart(id, newId, webhook, now, place, behind ? FifoTurn.NOT_YET : now);
                if (one) {
                    endHold(webhook);
                }
                return Store.Replayed.DUE;
            }
        }
    }

    /** @param place its new place in the order of its key, or null: it has none, or keeps it */
    private void restart(String id, String newId, WebhookId webhook, Instant now, Long place, Instant dueAt)
            throws SQLException {
        String sql = newId == null
                ? "UPDATE delivery SET state = 'waiting', reason = NULL, base = attempts, started_at = ?1,"
                        + " paused_before = ?2, ended_at = NULL, wait_field = NULL, unsent_since = NULL,"
                        + " due_at = CASE WHEN due_at = " + NOT_YET + " THEN due_at ELSE ?5 END,"
                        + " fifo_place = coalesce(?6, fifo_place), fifo_since = NULL WHERE id = ?3"
                : "INSERT INTO delivery (id, account, webhook, event, state, accepted_at, started_at, paused_before,"
                        + " due_at, later, replay_of, fifo_key, fifo_place) SELECT ?4, account, webhook, event, 'waiting',"
                        + " ?1, ?1, ?2, ?5, later, id, fifo_key, ?6 FROM delivery WHERE id = ?3";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, now.toEpochMilli());
            statement.setLong(2, pausedTotal(webhook, now));
            statement.setString(3, id);
            if (newId != null) {
                statement.setString(4, newId);
            }
            statement.setLong(5, dueAt.toEpochMilli());
            statement.setObject(6, place);
            statement.executeUpdate();
        }
    }

    /** A person who says "now" overrides a receiver's wish to wait. */
    void endHold(WebhookId webhook) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE webhook SET hold_until = NULL WHERE key = ?")) {
            statement.setInt(1, names.webhook(connection, webhook));
            statement.executeUpdate();
        }
    }

    /** Makes waiting deliveries due at a time, unless they are due before. @return how many */
    int makeDue(List<String> deliveries, Instant at) throws SQLException {
        int changed = 0;
        PreparedStatement makeDue = prepared.of(MAKE_DUE);
        for (String delivery : deliveries) {
            makeDue.setLong(1, at.toEpochMilli());
            makeDue.setString(2, delivery);
            changed += makeDue.executeUpdate();
        }
        return changed;
    }

    Void told(long notice) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM notice WHERE key = ?")) {
            statement.setLong(1, notice);
            statement.executeUpdate();
        }
        return null;
    }

    Void setting(String name, byte[] value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")) {
            statement.setString(1, name);
            statement.setBytes(2, value);
            statement.executeUpdate();
        }
        return null;
    }

    Void settings(Map<String, Optional<byte[]>> changes) throws SQLException {
        for (Map.Entry<String, Optional<byte[]>> change : changes.entrySet()) {
            if (change.getValue().isPresent()) {
                setting(change.getKey(), change.getValue().get());
            } else {
                remove(change.getKey());
            }
        }
        return null;
    }

    private void remove(String setting) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM setting WHERE name = ?")) {
            statement.setString(1, setting);
            statement.executeUpdate();
        }
    }

    private static void setInstant(PreparedStatement statement, int index, Instant instant) throws SQLException {
        if (instant == null) {
            statement.setNull(index, Types.INTEGER);
        } else {
            statement.setLong(index, instant.toEpochMilli());
        }
    }
}
