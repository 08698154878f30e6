package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.AttemptRow;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The batches that are written for each event: row by row where that is free, by arrays where each statement costs a round trip. */
interface HotWrites {

    /** An event that is stored. */
    final class EventRow {
        final io.engagementwebhooks.event.Event event;
        final int account;
        final int deliveries;

        /** Its number; null: one of its identity is there already. */
        Long key;

        /** What is there already of its identity. */
        StoredEvent known;

        EventRow(io.engagementwebhooks.event.Event event, int account, int deliveries) {
            this.event = event;
            this.account = account;
            this.deliveries = deliveries;
        }
    }

    /** An event of the same identity that was accepted before. */
    record StoredEvent(byte[] dataSha256, int deliveries) {}

    /**
     * A delivery that is stored.
     *
     * @param skipped why there is nothing to send, or null
     * @param waitSubject a hash, or null: it waits for no field
     * @param place in the order of its FIFO key, or null
     */
    record NewRow(
            int account,
            int webhook,
            long event,
            String id,
            String skipped,
            long acceptedAt,
            long dueAt,
            String waitField,
            byte[] waitSubject,
            Long later,
            String fifoKey,
            Long place) {

        boolean waits() {
            return skipped == null;
        }
    }

    /** The end of an attempt. @param key of the delivery's account */
    record End(AttemptResult result, int account) {

        String outcome() {
            if (result.attempt() != null) {
                return result.attempt().outcome();
            }
            return result.state().ended() ? result.state().text() : null;
        }

        /** What is noted of an outcome that needs attention. */
        String problem() {
            return "delivered".equals(outcome()) ? null : outcome();
        }
    }

    /** An attempt that is stored. @param key of its delivery */
    record Attempt(long key, AttemptRow row) {}

    /** Stores events; sets the key of those that are new, and what is known of the others. */
    void insertEvents(Statements statements, List<EventRow> rows, long now) throws SQLException;

    /** Stores deliveries, and what is due of them. */
    void insertDeliveries(Statements statements, List<NewRow> rows) throws SQLException;

    /**
     * Writes how attempts ended, of deliveries that wait.
     *
     * @return the numbers of those that did wait, by id
     */
    Map<String, Long> endAttempts(Statements statements, List<End> ends, long now) throws SQLException;

    void insertAttempts(Statements statements, List<Attempt> attempts) throws SQLException;

    /** Places in the order of FIFO keys, which rise. */
    List<Long> places(Statements statements, int many) throws SQLException;

    /** Numbers of new deliveries, which rise. */
    long nextDelivery(Statements statements) throws SQLException;

    /** What a transaction has taken is free again. */
    default void rolledBack() {}
}
