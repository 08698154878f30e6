package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** Reads the columns of rows. */
final class Columns {

    /** Account, id and name of a webhook; needs {@link #joinWebhook}, read by {@link #webhook}. */
    static final String WEBHOOK = "a.id, r.id, r.name";

    /** The condition that delivery {@code d} is not a test. */
    static final String NO_TEST = "d.kind IS DISTINCT FROM 'test'";

    private Columns() {}

    /** Joins the tables of {@link #WEBHOOK}. @param key the column with the webhook's key */
    static String joinWebhook(String key) {
        return " JOIN resource r ON r.key = " + key + " JOIN account a ON a.key = r.account";
    }

    /** A column of milliseconds as a time, or null. */
    static Instant instant(ResultSet row, int column) throws SQLException {
        Long millis = millis(row, column);
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    /** A column of milliseconds, or null. */
    static Long millis(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }

    /** The webhook in the first three columns. */
    static WebhookId webhook(ResultSet row) throws SQLException {
        return new WebhookId(row.getString(1), row.getString(2), row.getString(3));
    }

    /** An event of an account: source, id, type, subject, time, document, data_sha256. @param first the first of these columns */
    static Event event(String account, ResultSet row, int first) throws SQLException {
        return new Event(
                new EventIdentity(account, row.getString(first), row.getString(first + 1)),
                row.getString(first + 2),
                row.getString(first + 3),
                instant(row, first + 4),
                ShortJson.restore(row.getBytes(first + 5)),
                row.getBytes(first + 6));
    }
}
