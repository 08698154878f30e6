package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What fan-outs are kept and found by in SQL that both stores speak. */
public final class FanOutSql {

    private static final String OF_PART = " WHERE event = ? AND partition = ? AND number = ?";

    /** Keeps a part: {@link #insert}. */
    private static final String INSERT = "INSERT INTO fan_out (event, partition, number, account, deliveries, waiting,"
            + " in_order, members) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

    /** Removes a part, by event, partition and number. Its row holds the members; no row: it was removed before. */
    public static final String REMOVE = "DELETE FROM fan_out" + OF_PART + " RETURNING members";

    /** What may not be overtaken: whether an account has parts in order. */
    public static final String IN_ORDER = "SELECT account FROM fan_out WHERE account = ? AND in_order LIMIT 1";

    /** How many deliveries wait in parts, by account. */
    public static final String WAITING =
            "SELECT a.id, sum(f.waiting) FROM fan_out f JOIN account a ON a.key = f.account GROUP BY a.id";

    /** An event by its key, with its place in a trace: {@link #event}. */
    public static final String EVENT =
            "SELECT source, id, type, subject, time, document, data_sha256, trace FROM event WHERE key = ?";

    /** What a part's members cost to write: they are about as large as so many rows. */
    public static final int ROWS_OF_PART = 12;

    /** So many parts are looked at for a step. */
    private static final int LOOK = 64;

    /** The members of a part, by event, partition and number. */
    public static final String MEMBERS = "SELECT members FROM fan_out" + OF_PART;

    /** The parts that may name a webhook: {@link #naming}. All of an account are read, so not by a writer. */
    public static final String NAMING = "SELECT f.event, f.partition, f.number FROM fan_out f"
            + " WHERE f.account = (SELECT key FROM account WHERE id = ?) AND f.members LIKE ?";

    private FanOutSql() {}

    /** The accounts that have parts, found from one to the next. @param owned a condition on {@code f.partition}, or empty */
    public static String accounts(String owned) {
        return "WITH RECURSIVE pending(account) AS (SELECT min(account) FROM fan_out"
                + " UNION ALL SELECT (SELECT min(account) FROM fan_out WHERE account > p.account)"
                + " FROM pending p WHERE p.account IS NOT NULL)"
                + " SELECT a.id FROM pending p JOIN account a ON a.key = p.account"
                + " WHERE EXISTS (SELECT 1 FROM fan_out f WHERE f.account = p.account" + owned + ")";
    }

    /** The first parts of an account, each a {@link Row}. @param owned a condition on {@code f.partition}, or empty */
    public static String next(String owned) {
        return "SELECT f.event, f.partition, f.number, f.deliveries FROM fan_out f"
                + " WHERE f.account = (SELECT key FROM account WHERE id = ?)" + owned
                + " ORDER BY f.event, f.partition, f.number LIMIT " + LOOK;
    }

    /** Which part. */
    public record Key(long event, int partition, int number) {

        /** A row of {@link #NAMING}. */
        public static Key of(ResultSet row) throws SQLException {
            return new Key(row.getLong(1), row.getInt(2), row.getInt(3));
        }
    }

    /** A part as it is stored, without its members. */
    public record Row(Key key, int deliveries) {

        /** A row of {@link #next}. */
        public static Row of(ResultSet row) throws SQLException {
            return new Row(Key.of(row), row.getInt(4));
        }
    }

    /** What the parts of a step have, by the store's own reads. */
    public interface Parts {

        /** An event by its key; see {@link #EVENT}. */
        Event event(long key);

        /** The members of a part by {@link #MEMBERS}; empty: it was removed since. */
        Optional<String> members(Key part);
    }

    /** A row of {@link #EVENT}. */
    public static Event event(String account, ResultSet row) throws SQLException {
        return Rows.event(account, row, 1)
                .traced(TraceParent.of(row.getString(8)).orElse(null));
    }

    /** The first rows that have about so many deliveries together. */
    public static List<FanOuts.Pending> step(String account, List<Row> rows, int deliveries, Parts parts) {
        List<FanOuts.Pending> step = new ArrayList<>();
        Map<Long, Event> known = new HashMap<>();
        int all = 0;
        for (Row row : rows) {
            all += row.deliveries();
            if (!step.isEmpty() && all > deliveries) {
                break;
            }
            Key key = row.key();
            parts.members(key).ifPresent(members -> {
                Event event = known.computeIfAbsent(key.event(), parts::event);
                Intake intake = Intake.of(event, FanOutPart.deliveries(account, members));
                step.add(new FanOuts.Pending(key.event(), key.partition(), key.number(), intake));
            });
        }
        return step;
    }

    /** How many rows the deliveries of parts are. */
    public static int rows(List<FanOuts.Pending> parts) {
        return parts.stream()
                .mapToInt(part -> part.intake().deliveries().size())
                .sum();
    }

    /** Keeps the parts of an event. */
    public static void insert(Connection connection, long event, int account, List<FanOutPart> parts)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (FanOutPart part : parts) {
                statement.setLong(1, event);
                statement.setInt(2, part.partition());
                statement.setInt(3, part.number());
                statement.setInt(4, account);
                statement.setInt(5, part.deliveries());
                statement.setInt(6, part.waiting());
                statement.setBoolean(7, part.inOrder());
                statement.setString(8, part.members());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** The values of {@link #NAMING}. */
    public static List<String> naming(WebhookId webhook) {
        return List.of(webhook.account(), "%\"" + webhook.name() + "\"%");
    }

    /**
     * The deliveries of a part are for a webhook's new name.
     *
     * @param locking a clause that locks the row until the end of the transaction, or empty
     */
    public static Void rename(Connection connection, Key part, String from, String to, String locking)
            throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(MEMBERS + locking)) {
            setKey(find, 1, part);
            try (ResultSet rows = find.executeQuery()) {
                String renamed = rows.next()
                        ? FanOutPart.renamed(rows.getString(1), from, to).orElse(null)
                        : null;
                if (renamed != null) {
                    update(connection, renamed, part);
                }
            }
        }
        return null;
    }

    private static void update(Connection connection, String members, Key part) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE fan_out SET members = ?" + OF_PART)) {
            statement.setString(1, members);
            setKey(statement, 2, part);
            statement.executeUpdate();
        }
    }

    private static void setKey(PreparedStatement statement, int first, Key part) throws SQLException {
        statement.setLong(first, part.event());
        statement.setInt(first + 1, part.partition());
        statement.setInt(first + 2, part.number());
    }
}
