package io.engagementwebhooks.store.query;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.ClusterEvent;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.FifoOrder;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Replays deliveries, and stores replay jobs so that they continue after a crash. Thread-safe; writes complete after
 * their commit.
 */
public class ReplayJobs {

    /** The result of a replay. */
    public enum Replayed {
        DUE,
        NOT_FOUND,
        PAYLOAD_EXPIRED
    }

    /**
     * The result of a step of a search.
     *
     * @param deliveries the matches, in id order
     * @param position the last examined delivery, or null: there was none
     * @param end whether there are no more
     */
    public record Found(List<Match> deliveries, String position, boolean end) {
        public Found {
            deliveries = List.copyOf(deliveries);
        }
    }

    /** A matching delivery. @param replayable whether it has ended and its payload is kept */
    public record Match(String id, WebhookId webhook, boolean replayable) {}

    /** A delivery to replay. @param newId the id of the new delivery, or null: the same delivery again */
    public record ReplayItem(String id, String newId) {}

    private static final long NOT_YET = FifoSuccession.NOT_YET.toEpochMilli();
    private static final String JOB =
            "SELECT j.id, a.id, j.filter, j.new_ids, j.per_second, j.actor, j.created_at, j.max_id,"
                    + " j.state, j.ended_at, j.position, j.matched, j.replayed, j.left_out"
                    + " FROM replay_job j JOIN account a ON a.key = j.account ";
    private static final String INSERT =
            "INSERT INTO replay_job (id, account, state, filter, new_ids, per_second, actor, created_at, max_id, matched)"
                    + " VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)";
    private static final String CANCEL = "UPDATE replay_job SET state = 'canceled', ended_at = ?"
            + " WHERE id = ? AND account = ? AND state = 'running'";
    private static final String STEP = "UPDATE replay_job SET position = coalesce(CAST(? AS text), position),"
            + " replayed = replayed + ?, left_out = left_out + ?, state = ?, ended_at = CAST(? AS bigint) WHERE id = ?";
    private static final String RESTART =
            "UPDATE delivery SET state = 'waiting', reason = NULL, ended_at = NULL, due_at = ? WHERE key = ?";
    private static final String COPY =
            "INSERT INTO delivery (key, account, id, webhook, event, state, accepted_at, due_at, later, replay_of, fifo_key,"
                    + " kind) SELECT CAST(? AS bigint), account, ?, webhook, coalesce(CAST(? AS bigint), event), 'waiting',"
                    + " CAST(? AS bigint), CAST(? AS bigint), later, id, fifo_key, CAST(? AS text) FROM delivery WHERE key = ?";

    private final Writer writer;
    private final Reader reader;
    private final DeliveryQueries deliveries;
    private final Dialect dialect;
    private final Keys keys;
    private final DueRows dueRows;
    private final FifoOrder fifo;
    private final PendingCount.Row pending;
    private final DefinitionStore audit;
    private final Cluster cluster;
    private final String find;
    private final String keepEvents;
    private final String insertDue;
    private final String isRunning;
    private final String forget;

    public ReplayJobs(
            Writer writer,
            Reader reader,
            DeliveryQueries deliveries,
            Keys keys,
            DueRows dueRows,
            FifoOrder fifo,
            PendingCount.Row pending,
            DefinitionStore audit,
            Cluster cluster) {
        this.writer = writer;
        this.reader = reader;
        this.deliveries = deliveries;
        this.dialect = reader.dialect();
        this.keys = keys;
        this.dueRows = dueRows;
        this.fifo = fifo;
        this.pending = pending;
        this.audit = audit;
        this.cluster = cluster;
        this.find = "SELECT " + Columns.WEBHOOK + ", " + DueRows.COLUMNS + ", d.ended_at IS NULL, d.fifo_key,"
                + " d.attempts, e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL) FROM delivery d"
                + Columns.joinWebhook("d.webhook")
                + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later"
                + " WHERE d.account = ? AND d.id = ?" + dialect.locking("FOR UPDATE OF d");
        // retention skips locked events
        this.keepEvents = "SELECT e.key FROM event e JOIN delivery d ON e.key IN (d.event, d.later)"
                + " WHERE d.account = ? AND d.id = ? ORDER BY e.key" + dialect.locking("FOR SHARE OF e");
        this.insertDue = "INSERT INTO due (webhook, due_at, id, delivery, account, retry, base, started_at,"
                + " paused_before, fifo_key, fifo_place) SELECT w.key, CAST(? AS bigint), ?, CAST(? AS bigint), w.account,"
                + " CAST(? AS boolean), CAST(? AS int), CAST(? AS bigint), w.paused_total + CASE WHEN w.state = 'active' THEN 0"
                + " ELSE " + dialect.greatest() + "(0, CAST(? AS bigint) - w.since) END, CAST(? AS text),"
                + " CAST(? AS bigint) FROM webhook w WHERE w.key = ?";
        this.isRunning = "SELECT 1 FROM replay_job WHERE id = ? AND state = 'running'"
                + " AND position IS NOT DISTINCT FROM CAST(? AS text)" + dialect.locking("FOR UPDATE");
        this.forget = "DELETE FROM replay_job WHERE id IN (SELECT id FROM replay_job WHERE ended_at < ? LIMIT ?"
                + dialect.locking("FOR UPDATE SKIP LOCKED") + ")";
    }

    /**
     * Makes a delivery due now, as if it were new, and ends its webhook's hold. With a FIFO key it joins the end of the
     * key's queue, or keeps its place if it is pending. Notifies the webhook's owner after the commit.
     *
     * @param newId null: the same delivery again; else the id of a new delivery that names the first as its origin
     */
    public CompletionStage<Replayed> replay(String account, String id, String newId, Instant now) {
        return writer.write(account, 1, statements -> replay(statements, account, id, newId, now, true))
                .thenApply(replay -> {
                    if (replay.webhook() != null) {
                        cluster.publish(ClusterEvent.NOW, Set.of(replay.webhook()));
                    }
                    return replay.replayed();
                });
    }

    /**
     * Creates a delivery of an edited event for the webhook of another delivery, its origin; due now. Notifies the
     * webhook's owner after the commit.
     *
     * @param newId the id of the new delivery
     * @param edited the edited event, with its own identity
     */
    public CompletionStage<Replayed> resend(String account, String id, String newId, Event edited, Instant now) {
        return writer.write(account, 3, statements -> resend(statements, account, id, newId, edited, now))
                .thenApply(resent -> {
                    if (resent.webhook() != null) {
                        cluster.publish(ClusterEvent.NOW, Set.of(resent.webhook()));
                    }
                    return resent.replayed();
                });
    }

    private Replay resend(Statements statements, String account, String id, String newId, Event edited, Instant now)
            throws SQLException {
        int key = keys.account(statements, account);
        statements.query(keepEvents, row -> true, key, id);
        Optional<Original> found = statements.first(find, Original::of, key, id);
        if (found.isEmpty() || !found.get().hasPayload()) {
            return new Replay(found.isEmpty() ? Replayed.NOT_FOUND : Replayed.PAYLOAD_EXPIRED, null);
        }
        HotWrites.EventRow event = new HotWrites.EventRow(edited, key, 1);
        dialect.hot().insertEvents(statements, List.of(event), now.toEpochMilli());
        pending.add(1);
        restart(statements, found.get(), newId, event.key, now);
        endHold(statements, found.get());
        return new Replay(Replayed.DUE, found.get().webhook());
    }

    /** The result of a replay, and its webhook if a delivery is due now. A null result: it was left out. */
    record Replay(Replayed replayed, WebhookId webhook) {}

    /** A delivery to replay. */
    private record Original(
            WebhookId webhook, DueRows.Row row, boolean isPending, String fifoKey, int attempts, boolean hasPayload) {

        static Original of(ResultSet row) throws SQLException {
            return new Original(
                    Columns.webhook(row),
                    DueRows.Row.of(row, 4),
                    row.getBoolean(9),
                    row.getString(10),
                    row.getInt(11),
                    row.getBoolean(12));
        }
    }

    /** @param isManual whether this is a manual replay; else a pending delivery is left out, and a hold stays */
    public Replay replay(Statements statements, String account, String id, String newId, Instant now, boolean isManual)
            throws SQLException {
        int key = keys.account(statements, account);
        statements.query(keepEvents, row -> true, key, id);
        Optional<Original> found = statements.first(find, Original::of, key, id);
        if (found.isEmpty()) {
            return new Replay(Replayed.NOT_FOUND, null);
        }
        Original delivery = found.get();
        if (!delivery.hasPayload()) {
            return new Replay(Replayed.PAYLOAD_EXPIRED, null);
        }
        if (delivery.isPending() && !isManual) {
            return new Replay(null, null);
        }
        boolean isSameDelivery = newId == null;
        pending.add(delivery.isPending() && isSameDelivery ? 0 : 1);
        restart(statements, delivery, newId, null, now);
        if (isManual) {
            endHold(statements, delivery);
        }
        return new Replay(Replayed.DUE, delivery.webhook());
    }

    /** A manual replay overrides the receiver's hold. */
    private static void endHold(Statements statements, Original delivery) throws SQLException {
        statements.update(
                "UPDATE webhook SET hold_until = NULL WHERE key = ?",
                delivery.row().webhook());
    }

    /** @param event the edited event of the copy, or null: the same event */
    private void restart(Statements statements, Original delivery, String newId, Long event, Instant now)
            throws SQLException {
        boolean keepsPlace = newId == null && delivery.isPending();
        Long place = null;
        boolean isBlocked = false;
        if (keepsPlace) {
            place = statements
                    .first(
                            "SELECT u.fifo_place FROM delivery d JOIN due u ON " + DueRows.OF_DELIVERY
                                    + " WHERE d.key = ?",
                            row -> Columns.millis(row, 1),
                            delivery.row().key())
                    .orElse(null);
            isBlocked = delivery.row().dueAt() == NOT_YET;
            dueRows.remove(statements, List.of(delivery.row()));
        } else if (delivery.fifoKey() != null) {
            FifoOrder.AssignedPlace given = fifo.assignLastPlace(
                    statements, new FifoOrder.Key(delivery.row().webhook(), delivery.fifoKey()));
            place = given.place();
            isBlocked = given.isBlocked();
        }
        long dueAt = isBlocked ? NOT_YET : now.toEpochMilli();
        long key = delivery.row().key();
        int attempts = delivery.attempts();
        if (newId == null) {
            statements.update(RESTART, dueAt, key);
        } else {
            long copy = dialect.hot().allocateKey(statements);
            statements.update(COPY, copy, newId, event, now, dueAt, event == null ? null : "edited", key);
            key = copy;
            attempts = 0;
        }
        statements.update(
                insertDue,
                dueAt,
                newId == null ? delivery.row().id() : newId,
                key,
                attempts > 0,
                attempts,
                now,
                now,
                delivery.fifoKey(),
                place,
                delivery.row().webhook());
    }

    /** Stores a new job with its audit entry. */
    public CompletionStage<Void> start(ReplayJob job, AuditEntry entry) {
        return writer.write(job.filter().account(), 2, statements -> {
            statements.update(
                    INSERT,
                    job.id(),
                    keys.account(statements, job.filter().account()),
                    job.filter().toJson(),
                    job.newIds(),
                    job.perSecond(),
                    job.actor(),
                    job.createdAt(),
                    job.maxId(),
                    job.matched());
            audit.appendInTransaction(statements, entry);
            return null;
        });
    }

    private static ReplayJob job(ResultSet row) throws SQLException {
        return new ReplayJob(
                row.getString(1),
                DeliveryQuery.ofJson(row.getString(2), row.getString(3)),
                row.getBoolean(4),
                row.getInt(5),
                row.getString(6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getString(8),
                ReplayJob.State.of(row.getString(9)),
                Columns.instant(row, 10),
                row.getString(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14));
    }

    /** A job of an account. */
    public Optional<ReplayJob> job(String account, String id) {
        return reader.first(JOB + "WHERE j.account = ? AND j.id = ?", ReplayJobs::job, keys.find(account), id);
    }

    /** The jobs of an account, newest first. @param before only jobs with a smaller id, or null */
    public List<ReplayJob> jobs(String account, String before, int limit) {
        return reader.query(
                JOB + "WHERE j.account = ? AND j.id < ? ORDER BY j.id DESC LIMIT ?",
                ReplayJobs::job,
                keys.find(account),
                before == null ? "~" : before,
                limit);
    }

    /** All running jobs. */
    public List<ReplayJob> running() {
        return reader.query(JOB + "WHERE j.state = 'running' ORDER BY j.id", ReplayJobs::job);
    }

    /** Cancels a running job, with an audit entry. @return whether it was running */
    public CompletionStage<Boolean> cancel(String account, String id, Instant now, AuditEntry entry) {
        return writer.write(account, 2, statements -> {
            boolean ran = statements.update(CANCEL, now, id, keys.account(statements, account)) == 1;
            if (ran) {
                audit.appendInTransaction(statements, entry);
            }
            return ran;
        });
    }

    /** An examined delivery. */
    private record Examined(Match delivery, boolean isMatch) {}

    /**
     * Finds matching deliveries in id order, in a bounded step.
     *
     * @param after only greater ids, or null: from the start
     * @param maxId the greatest id
     * @param maxExamined the most to examine
     * @param most the most to return
     */
    public Found find(DeliveryQuery filter, String after, String maxId, int maxExamined, int most) {
        DeliveryConditions.Selected sql = deliveries.replaySql(filter, after == null ? "" : after, maxId, maxExamined);
        List<Examined> rows = reader.query(
                sql.sql(),
                row -> new Examined(
                        new Match(row.getString(4), Columns.webhook(row), row.getBoolean(5)), row.getBoolean(6)),
                sql.values());
        List<Match> found = new ArrayList<>();
        String position = null;
        for (Examined row : rows) {
            if (found.size() == most) {
                return new Found(found, position, false);
            }
            position = row.delivery().id();
            if (row.isMatch()) {
                found.add(row.delivery());
            }
        }
        return new Found(found, position, rows.size() < maxExamined);
    }

    /**
     * Runs a step of a job: makes deliveries due and stores the job's position, all or none. Does nothing if the job is
     * not running or its position has changed. Notifies the owners of the webhooks after the commit.
     *
     * @param position the last examined delivery
     * @param leftOut the number of matches left out before the step
     * @param end whether there are no more
     * @return the number made due; -1: nothing was done
     */
    public CompletionStage<Integer> step(
            ReplayJob job, List<ReplayItem> deliveries, String position, int leftOut, boolean end, Instant now) {
        Set<WebhookId> due = new HashSet<>();
        return writer.write(job.filter().account(), 1 + deliveries.size(), statements -> {
                    due.clear();
                    return statements.exists(isRunning, job.id(), job.position())
                            ? carryOut(statements, job, deliveries, position, leftOut, end, now, due)
                            : -1;
                })
                .thenApply(done -> {
                    if (!due.isEmpty()) {
                        cluster.publish(ClusterEvent.DUE, due);
                    }
                    return done;
                });
    }

    private int carryOut(
            Statements statements,
            ReplayJob job,
            List<ReplayItem> deliveries,
            String position,
            int leftOut,
            boolean end,
            Instant now,
            Set<WebhookId> webhooks)
            throws SQLException {
        int due = 0;
        for (ReplayItem delivery : deliveries) {
            Replay replay = replay(statements, job.filter().account(), delivery.id(), delivery.newId(), now, false);
            if (replay.replayed() == Replayed.DUE) {
                due++;
                webhooks.add(replay.webhook());
            }
        }
        advance(statements, job, position, due, leftOut + deliveries.size() - due, end, now);
        return due;
    }

    /**
     * Stores the position of a backfill after a step. Does nothing if it is not running or its position has changed.
     *
     * @param position the key of the last examined event, or null: unchanged
     * @param made the number of deliveries made in the step
     * @return whether it was stored
     */
    public CompletionStage<Boolean> advance(
            ReplayJob job, String position, int made, int leftOut, boolean end, Instant now) {
        return writer.write(job.filter().account(), 1, statements -> {
            boolean runs = statements.exists(isRunning, job.id(), job.position());
            if (runs) {
                advance(statements, job, position, made, leftOut, end, now);
            }
            return runs;
        });
    }

    private static void advance(
            Statements statements, ReplayJob job, String position, int done, int leftOut, boolean end, Instant now)
            throws SQLException {
        statements.update(
                STEP,
                position,
                done,
                leftOut,
                (end ? ReplayJob.State.DONE : ReplayJob.State.RUNNING).text(),
                end ? now : null,
                job.id());
    }

    /** Removes jobs that ended before a time. @return the number removed */
    public CompletionStage<Integer> removeBefore(Instant endedBefore, int rows) {
        return writer.write(statements -> statements.update(forget, endedBefore, rows));
    }
}
