package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What differs between the databases in SQL that they share. */
interface Dialect {

    /**
     * Sets a parameter.
     *
     * @param index of the first of its placeholders
     * @return the index after its placeholders
     */
    int bind(PreparedStatement statement, int index, Object value) throws SQLException;

    /** A condition that a column is one of a {@link Values.Many}: one placeholder. */
    String in(String column);

    /**
     * A table expression of a {@link Values.Table}.
     *
     * @param alias what it is called
     * @param columns names with types of PostgreSQL, such as {@code id text}
     */
    String rows(String alias, String... columns);

    /** The function that returns the larger of two numbers. */
    String greatest();

    /** A column that the planner may not find by an index. */
    String noIndex(String column);

    /** The operator that matches a pattern whatever the case of ASCII letters. */
    String like();

    /** A clause that locks rows until the end of the transaction, where others could change them. */
    String locking(String clause);

    /** The condition that an event has an id; its values are {@link #eventIdValues}. */
    String ofEventId();

    Object[] eventIdValues(String id);

    /** A condition that lets the planner leave out attempts that are older than a time; its values are {@link #attemptsSinceValues}. */
    String attemptsSince(String alias);

    List<Object> attemptsSinceValues(Instant from);

    /** Locks names against other instances until the end of the transaction, always in the same order. */
    void lock(Statements statements, Collection<Long> names) throws SQLException;

    /** Locks accounts by number of lock: alone, or shared with those that share it. */
    void lockShared(Statements statements, Map<Long, Boolean> alone) throws SQLException;

    /** The batches that are written for each event. */
    HotWrites hot();

    /** Whether the store cannot be written now, rather than that statement. */
    boolean isOfStore(SQLException fault);

    /** What a fault means to those who use the store. */
    default StoreException fault(SQLException cause) {
        return new StoreException("the store cannot do it now: " + cause.getMessage(), cause);
    }
}
