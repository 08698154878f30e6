package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.ReplayFilter;
import io.engagementwebhooks.store.ReplayJob;
import io.engagementwebhooks.store.ReplayJobs;
import io.engagementwebhooks.store.ReplaySql;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Replays of many deliveries. Thread-safe. */
final class Replays implements ReplayJobs {

    private static final String LOCK = "SELECT 1 FROM replay_job WHERE id = ? AND state = 'running'"
            + " AND position IS NOT DISTINCT FROM ?::text FOR UPDATE";
    private static final String STEP = "UPDATE replay_job SET position = coalesce(?::text, position),"
            + " replayed = replayed + ?, left_out = left_out + ?, state = ?, ended_at = ?::bigint WHERE id = ?";

    private final Outcomes.Writer writer;
    private final Reads reads;
    private final Names names;
    private final Changes changes;
    private final Definitions audit;
    private final Bulletin bulletin;

    Replays(Outcomes.Writer writer, Reads reads, Names names, Changes changes, Definitions audit, Bulletin bulletin) {
        this.writer = writer;
        this.reads = reads;
        this.names = names;
        this.changes = changes;
        this.audit = audit;
        this.bulletin = bulletin;
    }

    @Override
    public CompletionStage<Void> start(ReplayJob job, AuditEntry entry) {
        return writer.write(job.filter().account(), 2, connection -> {
            Columns.update(
                    connection,
                    ReplaySql.INSERT,
                    job.id(),
                    names.account(job.filter().account()),
                    job.filter().toJson(),
                    job.newIds(),
                    job.perSecond(),
                    job.actor(),
                    job.createdAt(),
                    job.upto(),
                    job.matched());
            audit.write(connection, entry);
            return null;
        });
    }

    @Override
    public Optional<ReplayJob> job(String account, String id) {
        return reads.first(ReplaySql.JOB + "WHERE a.id = ? AND j.id = ?", List.of(account, id), ReplaySql::job);
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
        return writer.write(account, 2, connection -> {
            boolean ran = Columns.update(connection, ReplaySql.CANCEL, now, id, names.account(account)) == 1;
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

    /** The owners of the webhooks are told afterwards. */
    @Override
    public CompletionStage<Integer> step(
            ReplayJob job, List<Again> deliveries, String position, int leftOut, boolean end, Instant now) {
        Set<WebhookId> due = new HashSet<>();
        return writer.write(job.filter().account(), 1 + deliveries.size(), connection -> {
                    due.clear();
                    return isThere(connection, job)
                            ? stepInTransaction(connection, job, deliveries, position, leftOut, end, now, due)
                            : -1;
                })
                .thenApply(done -> {
                    if (!due.isEmpty()) {
                        bulletin.tell(Bulletin.News.DUE, due);
                    }
                    return done;
                });
    }

    private static boolean isThere(Connection connection, ReplayJob job) throws SQLException {
        try (PreparedStatement statement = Columns.prepared(connection, LOCK, job.id(), job.position());
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }

    private int stepInTransaction(
            Connection connection,
            ReplayJob job,
            List<Again> deliveries,
            String position,
            int leftOut,
            boolean end,
            Instant now,
            Set<WebhookId> webhooks)
            throws SQLException {
        int due = 0;
        for (Again delivery : deliveries) {
            Changes.Replay replay =
                    changes.replayEnded(connection, job.filter().account(), delivery.id(), delivery.newId(), now);
            if (replay.replayed() == Store.Replayed.DUE) {
                due++;
                webhooks.add(replay.webhook());
            }
        }
        Columns.update(
                connection,
                STEP,
                position,
                due,
                leftOut + deliveries.size() - due,
                (end ? ReplayJob.State.DONE : ReplayJob.State.RUNNING).text(),
                end ? now : null,
                job.id());
        return due;
    }

    @Override
    public CompletionStage<Integer> forget(Instant endedBefore, int rows) {
        return writer.write(connection -> Columns.update(
                connection,
                "DELETE FROM replay_job WHERE id IN (SELECT id FROM replay_job WHERE ended_at < ? LIMIT ?"
                        + " FOR UPDATE SKIP LOCKED)",
                endedBefore,
                rows));
    }
}
