package io.engagementwebhooks.store.jdbc;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.IncompleteEventException;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Stores an event for many webhooks in parts, each in a transaction. The first part fixes the deliveries; until the last
 * one, the event is incomplete and its deliveries are not due. A request with the same event continues it. Used by a writer
 * thread.
 */
final class FanOut {

    /** The most deliveries of a part. */
    static final int PART = 500;

    private static final String INSERT =
            "INSERT INTO incomplete_event (event, written, written_at, deliveries) VALUES (?, ?, ?, ?)";
    static final String FIND = "SELECT written, deliveries FROM incomplete_event WHERE event = ?";
    private static final String CONTINUE =
            "UPDATE incomplete_event SET written = ?, written_at = ? WHERE event = ? AND written = ?";
    private static final String COMPLETE = "DELETE FROM incomplete_event WHERE event = ? AND written = ?";

    private static final String PENDING = "SELECT count(*) FROM delivery WHERE event = ? AND ended_at IS NULL";

    private final AcceptBatch accepts;
    private final Clock clock;

    FanOut(AcceptBatch accepts, Clock clock) {
        this.accepts = accepts;
        this.clock = clock;
    }

    /**
     * An event after some of its parts.
     *
     * @param event its key, or -1: it is not stored
     * @param intake the event with all its deliveries
     * @param written the number of deliveries that are stored
     * @param accepted the result, or null: it is incomplete
     */
    record Progress(long event, Intake intake, int written, Accepted accepted) {

        static Progress none(Intake intake) {
            return new Progress(-1, intake, 0, null);
        }

        private Progress accepted(Accepted result) {
            return new Progress(event, intake, written, result);
        }

        private int end() {
            return Math.min(written + PART, intake.deliveries().size());
        }

        /** The deliveries of the next part. */
        List<NewDelivery> next() {
            return intake.deliveries().subList(written, end());
        }

        private boolean isLast() {
            return end() == intake.deliveries().size();
        }
    }

    /** The next part of an event. */
    static final class Part extends GroupWriter.Part<Progress> {

        private final Progress before;

        Part(Progress before) {
            super(
                    before.intake().event().account(),
                    FairQueue.rows(
                            1 + before.next().size(), before.intake().event().document().length),
                    false);
            this.before = before;
        }

        Progress before() {
            return before;
        }

        /** Whether it makes the deliveries due. */
        boolean completes() {
            return before.event() >= 0 && before.isLast();
        }
    }

    /** Writes a part, or finds how much of the event is stored. */
    void write(Statements statements, Part part) throws SQLException {
        try {
            part.complete(
                    part.before.event() < 0 ? begin(statements, part.before.intake()) : write(statements, part.before));
        } catch (IdentityReusedException | IncompleteEventException e) {
            part.refuse(e);
        }
    }

    private Progress begin(Statements statements, Intake intake) throws SQLException {
        HotWrites.EventRow row = accepts.insertEvent(statements, intake);
        if (row.key != null) {
            Progress begun = new Progress(row.key, identified(row.key, intake), 0, null);
            statements.update(INSERT, row.key, 0, clock.millis(), StoredDeliveries.json(intake.deliveries()));
            return write(statements, begun);
        }
        long event = row.known.key();
        Progress none = Progress.none(intake);
        boolean isSame = Arrays.equals(row.known.dataSha256(), intake.event().dataSha256());
        Optional<Progress> incomplete = statements.first(
                FIND,
                found -> new Progress(event, restored(event, intake, found.getString(2)), found.getInt(1), null),
                event);
        if (incomplete.isEmpty()) {
            if (!isSame) {
                throw new IdentityReusedException(intake.event().identity(), 0);
            }
            return none.accepted(new Accepted(intake.event().id(), row.known.deliveries(), true, Set.of()));
        }
        if (!isSame || incomplete.get().written() < 0) {
            throw new IncompleteEventException(event);
        }
        return incomplete.get();
    }

    private Progress write(Statements statements, Progress before) throws SQLException {
        boolean isLast = before.isLast();
        int changed = isLast
                ? statements.update(COMPLETE, before.event(), before.written())
                : statements.update(CONTINUE, before.end(), clock.millis(), before.event(), before.written());
        if (changed == 0) {
            return Progress.none(before.intake()); // another request has continued, or removed it
        }
        accepts.insertDeliveries(
                statements, before.event(), Intake.of(before.intake().event(), before.next()));
        Progress after = new Progress(before.event(), before.intake(), before.end(), null);
        return isLast ? after.accepted(complete(statements, after)) : after;
    }

    /** A delivery that may have changed while the event was incomplete is read from the store. */
    private Accepted complete(Statements statements, Progress written) throws SQLException {
        Intake intake = written.intake();
        long pending = statements
                .first(PENDING, row -> row.getLong(1), written.event())
                .orElseThrow();
        long sendable = intake.deliveries().stream()
                .filter(delivery -> delivery.skipReason() == null)
                .count();
        List<NewDelivery> changed = intake.deliveries().stream()
                .filter(delivery -> pending < sendable || delivery.isFifo() || delivery.waitField() != null)
                .toList();
        Set<WebhookId> released = new HashSet<>(accepts.completed(statements, written.event(), intake));
        changed.forEach(delivery -> released.add(delivery.webhook()));
        Set<String> ids = changed.stream().map(NewDelivery::id).collect(Collectors.toSet());
        return new Accepted(intake.event().id(), intake.deliveries().size(), false, released, ids);
    }

    private Intake restored(long event, Intake intake, String deliveries) {
        String account = intake.event().account();
        return identified(
                event,
                new Intake(intake.event(), StoredDeliveries.parse(account, deliveries), intake.providedFields()));
    }

    private static Intake identified(long event, Intake intake) {
        List<NewDelivery> deliveries = intake.deliveries().stream()
                .map(delivery -> delivery.withId(id(event, delivery)))
                .toList();
        return new Intake(intake.event(), deliveries, intake.providedFields());
    }

    /** A ULID of the time of acceptance, the order of the event, and a digest of the event's key and the webhook's id. */
    private static String id(long event, NewDelivery delivery) {
        byte[] digest = Hashes.of(event + delivery.webhook().id());
        ByteBuffer random = ByteBuffer.allocate(Ulid.RANDOM_BYTES).putShort((short) event);
        random.put(digest, 0, random.remaining());
        return new Ulid(delivery.acceptedAt().toEpochMilli(), random.array()).toString();
    }
}
