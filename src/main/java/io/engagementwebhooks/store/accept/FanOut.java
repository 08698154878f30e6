package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.SQLException;
import java.util.List;

/**
 * Stores an event for many webhooks in parts, each in a transaction. The last part stores the event and makes all
 * deliveries due; before it, no query finds them. Used by a writer thread.
 */
public final class FanOut {

    /** The most deliveries of a part before the last one. */
    public static final int PART = 500;

    private static final String INSERT = "INSERT INTO incomplete_event (event, account, written_at) VALUES (?, ?, ";

    /** Locks the row until the end of the transaction. */
    private static final String CONTINUE =
            "UPDATE incomplete_event SET written_at = %s WHERE event = ? AND " + IncompleteEvents.NOT_BEING_REMOVED;

    private static final String COMPLETE = "DELETE FROM incomplete_event WHERE event = ?";

    /** Its parts are removed with those that have no new part for some time. */
    private static final String ABANDON = "UPDATE incomplete_event SET written_at = 0 WHERE event = ?";

    private final AcceptBatch accepts;
    private final HotWrites hot;
    private final String begin;
    private final String proceed;

    FanOut(AcceptBatch accepts, Dialect dialect) {
        this.accepts = accepts;
        this.hot = dialect.hot();
        this.begin = INSERT + dialect.now() + ")";
        this.proceed = CONTINUE.formatted(dialect.now());
    }

    /**
     * An event after some of its parts.
     *
     * @param early its deliveries that are stored before the last part: their due time depends on no other delivery or event
     * @param event the key that it will have, or 0: no part is stored
     * @param written how many of the early ones are stored
     * @param accepted the result, or null: more parts follow
     */
    public record Progress(Intake intake, List<NewDelivery> early, long event, int written, Accepted accepted) {

        static Progress none(Intake intake) {
            List<NewDelivery> early =
                    intake.deliveries().stream().filter(Progress::isEarly).toList();
            return new Progress(intake, early, 0, 0, null);
        }

        private static boolean isEarly(NewDelivery delivery) {
            return !delivery.isFifo() && delivery.waitField() == null;
        }

        private Progress written(long key) {
            return new Progress(intake, early, key, end(), null);
        }

        private Progress accepted(Accepted result) {
            return new Progress(intake, early, event, written, result);
        }

        private int end() {
            return Math.min(written + PART, early.size());
        }

        private boolean isLast() {
            return written == early.size();
        }

        /** The deliveries of the next part. */
        List<NewDelivery> next() {
            return isLast()
                    ? intake.deliveries().stream()
                            .filter(delivery -> !isEarly(delivery))
                            .toList()
                    : early.subList(written, end());
        }
    }

    /** The next part of an event. */
    public static final class Part extends GroupWriter.Part<Progress> {

        private final Progress before;
        private final List<NewDelivery> deliveries;

        Part(Progress before) {
            this(before, before.next());
        }

        private Part(Progress before, List<NewDelivery> deliveries) {
            super(before.intake().event().account(), rows(before, deliveries.size()), false);
            this.before = before;
            this.deliveries = deliveries;
        }

        /** The last part stores the event, and the half of each early delivery: its row of {@code due}. */
        private static int rows(Progress before, int deliveries) {
            return before.isLast()
                    ? FairQueue.rows(
                            1 + deliveries + before.early().size() / 2,
                            before.intake().event().document().length)
                    : 1 + deliveries;
        }

        public Intake intake() {
            return before.intake();
        }

        public boolean isLast() {
            return before.isLast();
        }
    }

    /** Writes a part, unless an event of the same identity is stored. */
    void write(Statements statements, Part part) throws SQLException {
        try {
            Accepted known = accepts.findStored(statements, part.intake());
            Progress after = known == null ? writeNext(statements, part) : part.before.accepted(known);
            if (after.accepted() != null) {
                statements.update(after.accepted().duplicate() ? ABANDON : COMPLETE, after.event());
            }
            part.complete(after);
        } catch (IdentityReusedException | StoreException e) {
            statements.update(ABANDON, part.before.event());
            part.refuse(e);
        }
    }

    private Progress writeNext(Statements statements, Part part) throws SQLException {
        Progress before = part.before;
        long event = before.event();
        if (event == 0) {
            event = hot.allocateEvent(statements);
            if (!before.isLast()) {
                statements.update(begin, event, accepts.account(statements, part.intake()));
            }
        } else if (statements.update(proceed, event) == 0) {
            throw new StoreException("the event took too long to store; send it again", null);
        }
        if (!before.isLast()) {
            accepts.insertEarly(statements, event, part.intake(), part.deliveries);
            return before.written(event);
        }
        return before.accepted(accepts.complete(statements, event, part.intake(), part.deliveries));
    }
}
