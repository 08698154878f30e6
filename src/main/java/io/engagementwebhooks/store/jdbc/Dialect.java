package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** The differences between the databases in SQL that they share. */
public interface Dialect {

    /**
     * Sets a parameter.
     *
     * @param index of the first of its placeholders
     * @return the index after its placeholders
     */
    int bind(PreparedStatement statement, int index, Object value) throws SQLException;

    /** A condition that a column is one of {@link Values.Many}; one placeholder. */
    String in(String column);

    /**
     * A table expression for a {@link Values.Table}.
     *
     * @param alias the table's alias
     * @param columns names with PostgreSQL types, such as {@code id text}
     */
    String rows(String alias, String... columns);

    /** The name of the function that returns the larger of two numbers. */
    String greatest();

    /** The time by the database's clock, in milliseconds. */
    String now();

    /** A column expression that keeps the planner from using an index. */
    String noIndex(String column);

    /** Selects deliveries {@code d} in the order of their ids, under any conditions. @return a subquery */
    static String inOrder(String columns, String where, String order, String limit) {
        return "(SELECT " + columns + " FROM delivery d " + where + " ORDER BY d.id " + order + " LIMIT " + limit + ")";
    }

    /**
     * Selects deliveries {@code d} of a webhook in the order of their ids, by index.
     *
     * @param columns of them; {@code d.id} is one
     * @param where a WHERE clause on {@code d}, with {@code d.webhook = …}
     * @param order empty, or {@code DESC}
     * @param limit a number, or a placeholder
     * @return a subquery, for {@link #ofWebhookValues}
     */
    String ofWebhook(String columns, String where, String order, String limit);

    /** @param values of the placeholders in the WHERE clause and of the limit */
    Object[] ofWebhookValues(Object... values);

    /**
     * Selects the newest deliveries like {@link #ofWebhook}, for {@link #ofWebhookSinceValues}.
     *
     * @param where with one placeholder, for the first id
     * @param limit a placeholder
     */
    String ofWebhookSince(String columns, String where, String limit);

    Object[] ofWebhookSinceValues(String firstId, int limit);

    /** The operator that matches a pattern, case-insensitive for ASCII letters. */
    String like();

    /** A row locking clause; empty where other instances cannot change rows. */
    String locking(String clause);

    /** The condition on an event's id, for {@link #eventIdValues}. */
    String ofEventId();

    Object[] eventIdValues(String id);

    /** The condition on a row of {@code attempt} that it is of a delivery. @param delivery an expression with its key */
    String attemptOf(String alias, String delivery);

    /** The condition on a row of {@code attempt} that it is one of a delivery. @param number an expression with its number */
    String attempt(String alias, String delivery, String number);

    /** A condition by which the planner skips attempts older than a time, for {@link #attemptsSinceValues}. */
    String attemptsSince(String alias);

    List<Object> attemptsSinceValues(Instant from);

    /** Locks names against other instances until the end of the transaction, in a fixed order. */
    void lock(Statements statements, Collection<Long> names) throws SQLException;

    /** The batched writes per event. */
    HotWrites hot();

    /** Whether the store is not writable, rather than the statement wrong. */
    boolean isOfStore(SQLException fault);

    /** Maps a fault to the exception for callers. */
    default StoreException fault(SQLException cause) {
        return new StoreException("the store failed: " + cause.getMessage(), cause);
    }
}
