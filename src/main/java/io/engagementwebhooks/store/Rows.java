package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** What the columns of rows hold, which is the same in both stores. */
public final class Rows {

    private Rows() {}

    /** Milliseconds as a time, or null. */
    public static Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** Account and name, the first two columns. */
    public static WebhookId webhook(ResultSet row) throws SQLException {
        return new WebhookId(row.getString(1), row.getString(2));
    }

    /** An event of an account: source, id, type, subject, time, document, data_sha256. @param first the first of these columns */
    public static Event event(String account, ResultSet row, int first) throws SQLException {
        return new Event(
                new EventIdentity(account, row.getString(first), row.getString(first + 1)),
                row.getString(first + 2),
                row.getString(first + 3),
                instant(row, first + 4),
                row.getBytes(first + 5),
                row.getBytes(first + 6));
    }
}
