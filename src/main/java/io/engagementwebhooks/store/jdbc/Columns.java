package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the columns of rows. */
public final class Columns {

    /** Account, id and name of a webhook; needs {@link #joinWebhook}, read by {@link #webhook}. */
    public static final String WEBHOOK = "a.id, r.id, r.name";

    /** The condition that delivery {@code d} is not a test. */
    public static final String NO_TEST = "d.kind IS DISTINCT FROM 'test'";

    private Columns() {}

    /** Joins the tables of {@link #WEBHOOK}. @param key the column with the webhook's key */
    public static String joinWebhook(String key) {
        return " JOIN resource r ON r.key = " + key + " JOIN account a ON a.key = r.account";
    }

    /** A column of milliseconds as a time, or null. */
    public static Instant instant(ResultSet row, int column) throws SQLException {
        Long millis = millis(row, column);
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    public static Instant instant(ResultSet row, String column) throws SQLException {
        return instant(row, row.findColumn(column));
    }

    /** A column of milliseconds, or null. */
    public static Long millis(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }

    /** The webhook in the first three columns. */
    public static WebhookId webhook(ResultSet row) throws SQLException {
        return new WebhookId(row.getString(1), row.getString(2), row.getString(3));
    }

    /** The columns of an event, read by {@link #event(String, ResultSet, String)}. @param as names them */
    public static String event(String table, String as) {
        return Stream.of("source", "id", "type", "subject", "time", "document", "data_sha256")
                .map(column -> table + "." + column + " AS " + as + "_" + column)
                .collect(Collectors.joining(", "));
    }

    public static Event event(String account, ResultSet row, String as) throws SQLException {
        return new Event(
                new EventIdentity(account, row.getString(as + "_source"), row.getString(as + "_id")),
                row.getString(as + "_type"),
                row.getString(as + "_subject"),
                instant(row, as + "_time"),
                ShortJson.restore(row.getBytes(as + "_document")),
                row.getBytes(as + "_data_sha256"));
    }
}
