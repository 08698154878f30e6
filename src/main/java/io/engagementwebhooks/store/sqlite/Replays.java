package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.ReplayFilter;
import io.engagementwebhooks.store.ReplayJob;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.ReplaySql;
import io.engagementwebhooks.store.Store;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Replays of many deliveries. Thread-safe. */
final class Replays implements ReplayJobs {

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
        return writer.submit(job.filter().account(), 2, connection -> {
            Definitions.update(
                    connection,
                    ReplaySql.INSERT,
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
        return reads.query(ReplaySql.JOB + "WHERE a.id = ? AND j.id = ?", List.of(account, id), ReplaySql::job).stream()
                .findFirst();
    }

    @Override
    public List<ReplayJob> jobs(String account, String before, int limit) {
        return reads.query(
                ReplaySql.JOB + "WHERE a.id = ? AND j.id < ? ORDER BY j.id DESC LIMIT ?",
                List.of(account, before == null ? "~" : before, limit),
                ReplaySql::job);
    }

    @Override
    public List<ReplayJob> running() {
        return reads.query(ReplaySql.JOB + "WHERE j.state = 'running' ORDER BY j.id", List.of(), ReplaySql::job);
    }

    @Override
    public CompletionStage<Boolean> cancel(String account, String id, Instant now, AuditEntry entry) {
        return writer.submit(account, 2, connection -> {
            int key = writes.names().account(connection, account);
            boolean ran = Definitions.update(connection, ReplaySql.CANCEL, now.toEpochMilli(), id, key) == 1;
            if (ran) {
                audit.write(connection, entry);
            }
            return ran;
        });
    }

    @Override
    public Found find(ReplayFilter filter, String after, String upto, int look, int most) {
        ReplaySql.Search search = new ReplaySql.Search(filter, after, upto, look, most);
        return search.among(reads.query(search.sql(), search.values(), ReplaySql.LookedAt::of));
    }

    @Override
    public CompletionStage<Integer> step(
            ReplayJob job, List<Again> deliveries, String position, int leftOut, boolean end, Instant now) {
        return writer.submit(
                job.filter().account(),
                1 + deliveries.size(),
                connection -> isThere(connection, job)
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
}
