package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.ReplayFilter;
import io.engagementwebhooks.store.ReplayJob;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Replays of many deliveries. Thread-safe. */
final class Replays implements ReplayJobs {

    private static final String JOB =
            "SELECT j.id, a.id, j.filter, j.new_ids, j.per_second, j.actor, j.created_at, j.upto,"
                    + " j.state, j.ended_at, j.position, j.matched, j.replayed, j.left_out"
                    + " FROM replay_job j JOIN account a ON a.key = j.account ";
    private static final String INSERT =
            "INSERT INTO replay_job (id, account, state, filter, new_ids, per_second, actor,"
                    + " created_at, upto, matched) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)";
    private static final String CANCEL = "UPDATE replay_job SET state = 'cancelled', ended_at = ?"
            + " WHERE id = ? AND account = ? AND state = 'running'";
    private static final String STEP = "UPDATE replay_job SET position = coalesce(?, position),"
            + " replayed = replayed + ?, left_out = left_out + ?, state = ?, ended_at = ? WHERE id = ?"
            + " AND state = 'running'";

    private final GroupCommit writer;
    private final Reads reads;
    private final Writes writes;
    private final Definitions audit;

    Replays(GroupCommit writer, Reads reads, Writes writes, Definitions audit) {
        this.writer = writer;
        this.reads = reads;
        this.writes = writes;
        this.audit = audit;
    }

    @Override
    public CompletionStage<Void> start(ReplayJob job, AuditEntry entry) {
        return writer.submit(connection -> {
            Definitions.update(
                    connection,
                    INSERT,
                    job.id(),
                    writes.names().account(connection, job.filter().account()),
                    job.filter().toJson(),
                    job.newIds(),
                    job.perSecond(),
                    job.actor(),
                    job.createdAt().toEpochMilli(),
                    job.upto(),
                    job.matched());
            audit.write(connection, entry);
            return null;
        });
    }

    @Override
    public Optional<ReplayJob> job(String account, String id) {
        return reads.query(JOB + "WHERE a.id = ? AND j.id = ?", List.of(account, id), Replays::job).stream()
                .findFirst();
    }

    @Override
    public List<ReplayJob> jobs(String account, String before, int limit) {
        return reads.query(
                JOB + "WHERE a.id = ? AND j.id < ? ORDER BY j.id DESC LIMIT ?",
                List.of(account, before == null ? "~" : before, limit),
                Replays::job);
    }

    @Override
    public List<ReplayJob> running() {
        return reads.query(JOB + "WHERE j.state = 'running' ORDER BY j.id", List.of(), Replays::job);
    }

    @Override
    public CompletionStage<Boolean> cancel(String account, String id, Instant now, AuditEntry entry) {
        return writer.submit(connection -> {
            int key = writes.names().account(connection, account);
            boolean ran = Definitions.update(connection, CANCEL, now.toEpochMilli(), id, key) == 1;
            if (ran) {
                audit.write(connection, entry);
            }
            return ran;
        });
    }

    @Override
    public Found find(ReplayFilter filter, String after, String upto, int look, int most) {
        List<Object> values = new ArrayList<>();
        StringBuilder range = new StringBuilder(
                "SELECT d.id, d.webhook, d.event, d.state, d.outcome, d.accepted_at" + " FROM delivery d WHERE ");
        if (filter.webhook() != null) {
            range.append("d.webhook = (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                    + " WHERE a.id = ? AND w.name = ?)");
            values.add(filter.account());
            values.add(filter.webhook());
        } else {
            range.append("d.account = (SELECT key FROM account WHERE id = ?)");
            values.add(filter.account());
        }
        boolean isTrouble = filter.outcome() != null && !filter.outcome().equals(DeliveryState.DELIVERED.text());
        if (isTrouble && filter.webhook() == null) {
            // few rows, and an index leads to them
            range.append(" AND d.outcome = ? AND d.outcome <> 'delivered'");
            values.add(filter.outcome());
        }
        range.append(" AND d.id > ? AND d.id <= ? ORDER BY d.id LIMIT ?");
        values.add(max(after, Reads.firstId(filter.from())));
        values.add(min(upto, Reads.lastId(filter.to())));
        values.add(look);
        List<Row> rows = reads.query(
                "SELECT d.id, a.id, w.name, d.state, d.outcome, d.accepted_at, e.type FROM (" + range
                        + ") d JOIN webhook w ON w.key = d.webhook JOIN account a ON a.key = w.account"
                        + " JOIN event e ON e.key = d.event ORDER BY d.id",
                values,
                Row::of);
        List<Match> found = new ArrayList<>();
        String position = null;
        for (Row row : rows) {
            if (found.size() == most) {
                return new Found(found, position, false);
            }
            position = row.id;
            if (row.matches(filter)) {
                found.add(new Match(row.id, row.webhook, row.state == DeliveryState.WAITING));
            }
        }
        return new Found(found, position, rows.size() < look);
    }

    private static String max(String one, String other) {
        String first = one == null ? "" : one;
        return other == null || other.compareTo(first) < 0 ? first : other;
    }

    private static String min(String one, String other) {
        return other == null || other.compareTo(one) > 0 ? one : other;
    }

    private record Row(
            String id, WebhookId webhook, DeliveryState state, String outcome, Instant acceptedAt, String eventType) {

        static Row of(ResultSet row) throws SQLException {
            return new Row(
                    row.getString(1),
                    new WebhookId(row.getString(2), row.getString(3)),
                    DeliveryState.of(row.getString(4)),
                    row.getString(5),
                    Instant.ofEpochMilli(row.getLong(6)),
                    row.getString(7));
        }

        boolean matches(ReplayFilter filter) {
            return filter.matches(outcome, eventType, acceptedAt);
        }
    }

    @Override
    public CompletionStage<Integer> step(
            ReplayJob job, List<Again> deliveries, String position, int leftOut, boolean end, Instant now) {
        return writer.submit(connection -> isThere(connection, job)
                ? stepInTransaction(connection, job, deliveries, position, leftOut, end, now)
                : -1);
    }

    private static boolean isThere(Connection connection, ReplayJob job) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM replay_job WHERE id = ? AND state = 'running' AND position IS ?")) {
            statement.setString(1, job.id());
            statement.setString(2, job.position());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private int stepInTransaction(
            Connection connection,
            ReplayJob job,
            List<Again> deliveries,
            String position,
            int leftOut,
            boolean end,
            Instant now)
            throws SQLException {
        int due = 0;
        for (Again delivery : deliveries) {
            if (writes.replayEnded(job.filter().account(), delivery.id(), delivery.newId(), now)
                    == Store.Replayed.DUE) {
                due++;
            }
        }
        Definitions.update(
                connection,
                STEP,
                position,
                due,
                leftOut + deliveries.size() - due,
                (end ? ReplayJob.State.DONE : ReplayJob.State.RUNNING).text(),
                end ? now.toEpochMilli() : null,
                job.id());
        return due;
    }

    @Override
    public CompletionStage<Integer> forget(Instant endedBefore, int rows) {
        return writer.submit(connection -> Definitions.update(
                connection,
                "DELETE FROM replay_job WHERE id IN (SELECT id FROM replay_job WHERE ended_at < ? LIMIT ?)",
                endedBefore.toEpochMilli(),
                rows));
    }

    private static ReplayJob job(ResultSet row) throws SQLException {
        long ended = row.getLong(10);
        Instant endedAt = row.wasNull() ? null : Instant.ofEpochMilli(ended);
        return new ReplayJob(
                row.getString(1),
                ReplayFilter.ofJson(row.getString(2), row.getString(3)),
                row.getBoolean(4),
                row.getInt(5),
                row.getString(6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getString(8),
                ReplayJob.State.of(row.getString(9)),
                endedAt,
                row.getString(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14));
    }
}
