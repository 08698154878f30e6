package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.RecordKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.OptionalInt;

/** What the writer thread knows of third parties' records. Used by that thread alone. */
final class Records {

    private static final String WRITTEN = "INSERT INTO written_record (account, record, event_at, event_id,"
            + " written_at) SELECT d.account, ?1, coalesce(e.time, e.accepted_at), e.id, ?2 FROM delivery d"
            + " JOIN event e ON e.key = d.event WHERE d.id = ?3 ON CONFLICT DO UPDATE SET event_at = excluded.event_at,"
            + " event_id = excluded.event_id, written_at = excluded.written_at WHERE excluded.event_at >= event_at";
    private static final String USE_PLACE =
            "UPDATE place SET used_at = ?1 WHERE account = ?2 AND record = ?3" + " AND member = ?4 RETURNING number";
    private static final String TAKEN = "SELECT number FROM place WHERE account = ? AND record = ?";
    private static final String TAKE_PLACE =
            "INSERT INTO place (used_at, account, record, member, number) VALUES (?, ?, ?, ?, ?)";

    private final Connection connection;
    private final Prepared prepared;
    private final Names names;

    Records(Connection connection, Prepared prepared, Names names) {
        this.connection = connection;
        this.prepared = prepared;
        this.names = names;
    }

    void written(RecordKey record, String delivery, long now) throws SQLException {
        PreparedStatement written = prepared.of(WRITTEN);
        written.setString(1, record.hash());
        written.setLong(2, now);
        written.setString(3, delivery);
        written.executeUpdate();
    }

    OptionalInt place(RecordKey record, String member, int most, long now) throws SQLException {
        int account = names.account(connection, record.account());
        PreparedStatement use = prepared.of(USE_PLACE);
        of(use, record, member, account, now);
        try (ResultSet known = use.executeQuery()) {
            if (known.next()) {
                return OptionalInt.of(known.getInt(1));
            }
        }
        int free = firstFree(account, record);
        if (free > most) {
            return OptionalInt.empty();
        }
        PreparedStatement take = prepared.of(TAKE_PLACE);
        of(take, record, member, account, now);
        take.setInt(5, free);
        take.executeUpdate();
        return OptionalInt.of(free);
    }

    private static void of(PreparedStatement statement, RecordKey record, String member, int account, long now)
            throws SQLException {
        statement.setLong(1, now);
        statement.setInt(2, account);
        statement.setString(3, record.hash());
        statement.setString(4, member);
    }

    private int firstFree(int account, RecordKey record) throws SQLException {
        PreparedStatement taken = prepared.of(TAKEN);
        taken.setInt(1, account);
        taken.setString(2, record.hash());
        BitSet numbers = new BitSet();
        try (ResultSet rows = taken.executeQuery()) {
            while (rows.next()) {
                numbers.set(rows.getInt(1));
            }
        }
        return numbers.nextClearBit(1);
    }

    /** Forgets what was not used since a time, a few rows at a time. @return how many rows went */
    int forget(long before, int rows) throws SQLException {
        return forget("written_record", "written_at", before, rows) + forget("place", "used_at", before, rows);
    }

    private int forget(String table, String age, long before, int rows) throws SQLException {
        String key = table.equals("place") ? "account, record, member" : "account, record";
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + table + " WHERE (" + key
                + ") IN (SELECT " + key + " FROM " + table + " WHERE " + age + " < ? LIMIT ?)")) {
            statement.setLong(1, before);
            statement.setInt(2, rows);
            return statement.executeUpdate();
        }
    }
}
