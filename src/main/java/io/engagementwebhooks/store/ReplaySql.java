package io.engagementwebhooks.store;

import io.engagementwebhooks.store.ReplayJobs.Found;
import io.engagementwebhooks.store.ReplayJobs.Match;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What replays of many deliveries are kept and found by in SQL that both stores speak. */
public final class ReplaySql {

    /** Each a {@link #job}; a condition may follow. */
    public static final String JOB =
            "SELECT j.id, a.id, j.filter, j.new_ids, j.per_second, j.actor, j.created_at, j.upto,"
                    + " j.state, j.ended_at, j.position, j.matched, j.replayed, j.left_out"
                    + " FROM replay_job j JOIN account a ON a.key = j.account ";

    /** Keeps one. */
    public static final String INSERT =
            "INSERT INTO replay_job (id, account, state, filter, new_ids, per_second, actor,"
                    + " created_at, upto, matched) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)";

    /** Ends one of an account that runs. */
    public static final String CANCEL = "UPDATE replay_job SET state = 'cancelled', ended_at = ?"
            + " WHERE id = ? AND account = ? AND state = 'running'";

    private ReplaySql() {}

    /** A row of {@link #JOB}. */
    public static ReplayJob job(ResultSet row) throws SQLException {
        return new ReplayJob(
                row.getString(1),
                ReplayFilter.ofJson(row.getString(2), row.getString(3)),
                row.getBoolean(4),
                row.getInt(5),
                row.getString(6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getString(8),
                ReplayJob.State.of(row.getString(9)),
                Rows.instant(row, 10),
                row.getString(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14));
    }

    /** A look at deliveries for those that are to be sent again; see {@link ReplayJobs#find}. */
    public static final class Search {

        private final ReplayFilter filter;
        private final int look;
        private final int most;
        private final StringBuilder range = new StringBuilder(
                "SELECT d.id, d.webhook, d.event, d.state, d.outcome, d.accepted_at FROM delivery d WHERE ");
        private final List<Object> values = new ArrayList<>();

        /** See {@link ReplayJobs#find}. */
        public Search(ReplayFilter filter, String after, String upto, int look, int most) {
            this.filter = filter;
            this.look = look;
            this.most = most;
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
            values.add(max(after, DeliverySql.firstId(filter.from())));
            values.add(min(upto, DeliverySql.lastId(filter.to())));
            values.add(look);
        }

        private static String max(String one, String other) {
            String first = one == null ? "" : one;
            return other == null || other.compareTo(first) < 0 ? first : other;
        }

        private static String min(String one, String other) {
            return other == null || other.compareTo(one) > 0 ? one : other;
        }

        /** Those that are looked at. */
        public String sql() {
            return "SELECT d.id, a.id, w.name, d.state, d.outcome, d.accepted_at, e.type FROM (" + range
                    + ") d JOIN webhook w ON w.key = d.webhook JOIN account a ON a.key = w.account"
                    + " JOIN event e ON e.key = d.event ORDER BY d.id";
        }

        /** What {@link #sql} asks with. */
        public List<Object> values() {
            return values;
        }

        /** Those that match. */
        public Found among(List<LookedAt> rows) {
            List<Match> found = new ArrayList<>();
            String position = null;
            for (LookedAt row : rows) {
                if (found.size() == most) {
                    return new Found(found, position, false);
                }
                position = row.id;
                if (filter.matches(row.outcome, row.eventType, row.acceptedAt)) {
                    found.add(new Match(row.id, row.webhook, row.state == DeliveryState.WAITING));
                }
            }
            return new Found(found, position, rows.size() < look);
        }
    }

    /** A delivery that is looked at. */
    public record LookedAt(
            String id, WebhookId webhook, DeliveryState state, String outcome, Instant acceptedAt, String eventType) {

        /** A row of {@link Search#sql}. */
        public static LookedAt of(ResultSet row) throws SQLException {
            return new LookedAt(
                    row.getString(1),
                    new WebhookId(row.getString(2), row.getString(3)),
                    DeliveryState.of(row.getString(4)),
                    row.getString(5),
                    Instant.ofEpochMilli(row.getLong(6)),
                    row.getString(7));
        }
    }
}
