package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The batched writes per event. SQLite writes row by row; PostgreSQL, where each statement costs a round trip, by
 * arrays.
 */
public interface HotWrites {

    /** An event to store, and the result. */
    final class EventRow {
        public final Event event;
        public final int account;
        public final int deliveries;

        /** The key to store it with, or null: a new one. */
        public Long allocated;

        /** Its key; null: its identity is stored already. */
        public Long key;

        /** The stored event of the same identity, or null. */
        public StoredEvent known;

        public EventRow(Event event, int account, int deliveries) {
            this.event = event;
            this.account = account;
            this.deliveries = deliveries;
        }
    }

    /** A stored event of the same identity. @param dataSha256 empty: it was erased */
    record StoredEvent(long key, byte[] dataSha256, int deliveries) {

        /** Whether an event with such data is a duplicate; of an erased one any is. */
        public boolean isSame(byte[] otherSha256) {
            return dataSha256.length == 0 || Arrays.equals(dataSha256, otherSha256);
        }
    }

    /**
     * A delivery to store.
     *
     * @param skipReason why there is nothing to send, or null
     * @param waitSubject hash of the subject, or null: it waits for no field
     * @param place place in the order of its FIFO key, or null
     * @param kind the value of the column, or null
     */
    record NewRow(
            int account,
            int webhook,
            long event,
            String id,
            String skipReason,
            long acceptedAt,
            long dueAt,
            String waitField,
            byte[] waitSubject,
            Long later,
            String fifoKey,
            Long place,
            String kind) {

        public boolean isPending() {
            return skipReason == null;
        }
    }

    /** The result of an attempt to record. @param account key of the account */
    record End(AttemptResult result, int account) {

        public String outcome() {
            if (result.attempt() != null) {
                return result.attempt().outcome();
            }
            return result.state().ended() ? result.state().text() : null;
        }

        /** The delivery as it must be, or null: a success ends it in any case. */
        public AttemptResult.Taken taken() {
            return result.state() == DeliveryState.DELIVERED
                    ? null
                    : result.sequel().taken();
        }

        public Integer takenAttempts() {
            return taken() == null ? null : (Integer) taken().attempts();
        }

        public Instant takenDueAt() {
            return taken() == null ? null : taken().dueAt();
        }

        /** The outcome as indexed: null for delivered ones. */
        public String problem() {
            return "delivered".equals(outcome()) ? null : outcome();
        }
    }

    /** A recorded result. @param delivery key of the delivery @param attempts of the delivery, with one that ended it */
    record Ended(long delivery, int attempts) {}

    /** An attempt to store. @param key of its delivery */
    record Attempt(long key, String delivery, AttemptRow row) {

        /** The request as it is stored. */
        public String request() {
            return ShortJson.shortenRequest(row.request(), delivery);
        }
    }

    /** Stores events. Sets the key of new ones, and {@code known} of the others. */
    void insertEvents(Statements statements, List<EventRow> rows, long now) throws SQLException;

    /** Replaces the identity of a stored event. */
    void replaceIdentity(Statements statements, long event, EventIdentity identity) throws SQLException;

    /** Stores deliveries. @param areDue whether those to be sent get rows of {@code due} */
    void insertDeliveries(Statements statements, List<NewRow> rows, boolean areDue) throws SQLException;

    /**
     * Records the results of attempts of deliveries that are pending as they were taken.
     *
     * @return these, by id
     */
    Map<String, Ended> endAttempts(Statements statements, List<End> ends, long now) throws SQLException;

    void insertAttempts(Statements statements, List<Attempt> attempts) throws SQLException;

    /** Allocates FIFO places, ascending. */
    List<Long> allocatePlaces(Statements statements, int many) throws SQLException;

    /** Allocates the key of an event to be stored later, ascending. */
    long allocateEvent(Statements statements) throws SQLException;

    /** Allocates the key of a new delivery, ascending. */
    long allocateKey(Statements statements) throws SQLException;

    /** Called before the commit. */
    default void end(Statements statements) throws SQLException {}

    /** Discards what the transaction allocated. */
    default void rolledBack() {}
}
