package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.FieldPath;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deliveries that wait until an event of the same subject has a field, and the fields that events of a subject have. Used by
 * a writer thread.
 */
final class FieldWaits {

    private static final String INSERT_ARRIVAL =
            "INSERT INTO field_arrival (account, subject, field, event) VALUES (?, ?, ?, ?)";
    private static final String ANY_WAIT = "SELECT 1 FROM due WHERE wait_field IS NOT NULL LIMIT 1";

    private final Dialect dialect;
    private final DueRows dueRows;
    private final Clock clock;
    private final String findField;
    private final String findWaiting;

    FieldWaits(Dialect dialect, DueRows dueRows, Clock clock) {
        this.dialect = dialect;
        this.dueRows = dueRows;
        this.clock = clock;
        // locked, so that retention does not remove the payload that the delivery needs
        this.findField = "SELECT e.key FROM field_arrival f JOIN event e ON e.key = f.event"
                + " WHERE f.account = ? AND f.subject = ? AND f.field = ? AND e.document IS NOT NULL"
                + " ORDER BY f.event DESC LIMIT 1" + dialect.locking("FOR SHARE OF e");
        this.findWaiting = "SELECT x.place, d.key, u.webhook, u.retry, u.due_at, u.id, u.wait_field, r.id, r.name FROM "
                + dialect.rows("x", "place int", "account int", "subject bytea")
                + " JOIN due u ON u.account = x.account AND u.wait_subject = x.subject AND u.wait_field IS NOT NULL"
                + " JOIN delivery d ON d.key = u.delivery JOIN resource r ON r.key = u.webhook";
    }

    static boolean mayWait(Intake intake) {
        return !intake.providedFields().isEmpty()
                || intake.deliveries().stream().anyMatch(delivery -> delivery.waitField() != null);
    }

    /**
     * Serializes instances per subject. An event that waits for a field and one that has it would miss each other if
     * stored at the same time.
     */
    void lock(Statements statements, List<Intake> intakes) throws SQLException {
        dialect.lock(
                statements,
                intakes.stream()
                        .filter(intake -> mayWait(intake) && intake.event().subject() != null)
                        .map(intake -> Hashes.lock(
                                "waits",
                                intake.event().account(),
                                intake.event().subject()))
                        .toList());
    }

    void insertArrivals(Statements statements, List<NewEvent> fresh) throws SQLException {
        for (NewEvent row : fresh) {
            for (String field : row.intake.providedFields()) {
                statements.update(
                        INSERT_ARRIVAL, row.account(), Hashes.of(row.event().subject()), field, row.key());
            }
        }
    }

    /** The key of the last event of its subject that has the field, or null. */
    Long latestWithField(Statements statements, NewEvent row, String field) throws SQLException {
        if (field == null || row.event().subject() == null) {
            return null;
        }
        return statements
                .first(
                        findField,
                        found -> found.getLong(1),
                        row.account(),
                        Hashes.of(row.event().subject()),
                        field)
                .orElse(null);
    }

    /** Makes deliveries due that wait for a field of these events. */
    void release(Statements statements, List<NewEvent> fresh) throws SQLException {
        List<NewEvent> about =
                fresh.stream().filter(row -> row.event().subject() != null).toList();
        if (about.isEmpty() || !statements.exists(ANY_WAIT)) {
            return;
        }
        List<Wait> found = waiting(statements, about);
        if (found.isEmpty()) {
            return;
        }
        // read again under lock: an outcome may have ended or rescheduled them
        Set<DueRows.Row> locked = Set.copyOf(dueRows.lock(
                statements, found.stream().map(wait -> wait.due().key()).collect(Collectors.toSet())));
        Map<DueRows.Row, NewEvent> released = new HashMap<>();
        for (Wait wait : waiting(statements, about)) {
            NewEvent row = about.get(wait.index());
            if (locked.contains(wait.due())
                    && FieldPath.isPresent(row.event().tree(), wait.field())
                    && released.putIfAbsent(wait.due(), row) == null) {
                row.released.add(new WebhookId(row.event().account(), wait.id(), wait.name()));
            }
        }
        long now = clock.millis();
        for (Map.Entry<DueRows.Row, NewEvent> one : released.entrySet()) {
            DueRows.Row due = one.getKey();
            DueRows.update(statements, due, "wait_field = NULL, wait_subject = NULL");
            statements.update(
                    "UPDATE delivery SET later = ? WHERE key = ?",
                    one.getValue().key(),
                    due.key());
            if (due.dueAt() > now) { // else it may be in flight
                dueRows.move(statements, List.of(due), now);
            }
        }
    }

    private List<Wait> waiting(Statements statements, List<NewEvent> about) throws SQLException {
        int[] place = {0};
        return statements.query(
                findWaiting,
                found -> new Wait(
                        found.getInt(1),
                        DueRows.Row.of(found, 2),
                        found.getString(7),
                        found.getString(8),
                        found.getString(9)),
                Values.table(List.of("int", "int", "bytea"), about, row -> new Object[] {
                    place[0]++, row.account(), Hashes.of(row.event().subject())
                }));
    }

    /** A delivery that waits for a field. @param index of the event @param id of the webhook */
    private record Wait(int index, DueRows.Row due, String field, String id, String name) {}
}
