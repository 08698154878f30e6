package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.outcome.RecordStore;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Removes expired rows, in small steps that continue where the last one stopped. A step reads candidates first, so that
 * the writer handles few rows, and checks them again. Of several instances the owner of the first partition does it.
 */
public final class Retention {

    private static final String TOO_OLD = "waited longer than the retention allows";

    /** Pending deliveries are examined in larger steps: few of them are too old. */
    private static final int WAITING_PER_ROW = 50;

    private static final String NO_DELIVERY_PENDING =
            " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = event.key AND d.ended_at IS NULL)"
                    + " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.later = event.key AND d.ended_at IS NULL)";
    private static final String PENDING =
            "SELECT u.webhook, u.retry, u.due_at, u.id, u.started_at, CASE WHEN u.started_at < ? THEN (SELECT e.source = ?"
                    + " FROM delivery d JOIN event e ON e.key = d.event WHERE d.key = u.delivery) ELSE FALSE END FROM due u"
                    + " WHERE (u.webhook, u.retry, u.due_at, u.id) > (?, ?, ?, ?) ORDER BY u.webhook, u.retry, u.due_at, u.id LIMIT ?";
    private static final String EXPIRING = "INSERT INTO system_event (webhook, type, at, since, reason, deliveries)"
            + " SELECT CAST(? AS int), ?, CAST(? AS bigint), CAST(? AS bigint), ?, CAST(? AS bigint)"
            + " WHERE NOT EXISTS (SELECT 1 FROM system_event WHERE webhook = ? AND type = ?)";

    private final Writer writer;
    private final Reader reader;
    private final DueStore due;
    private final Cluster cluster;
    private final OldAttempts attempts;
    private final String locked;
    private final String expirePayload;
    private final String expireBodies;
    private final String expireArrivals;
    private final String removeDeliveries;
    private final String removeArrivals;
    private final String removeEvents;

    private final Map<Integer, Expiring> expiring = new HashMap<>();
    private Waiting pendingAfter = Waiting.NONE;
    private AgedEvent payloadsAfter = AgedEvent.NONE;
    private AgedEvent identitiesAfter = AgedEvent.NONE;

    /** Removes expired attempts, in the way of each database. */
    public interface OldAttempts {

        /** Removes attempts before a step, outside its transaction. @return the number removed */
        int removeBeforeStep(RetentionLimits limits) throws SQLException;

        /** Reads what a step will remove. */
        Found find(RetentionLimits limits);

        /** Deliveries whose attempts have expired. @param more whether there are more to examine */
        record Found(List<Long> deliveries, boolean more) {
            public static final Found NONE = new Found(List.of(), false);
        }

        /** Removes the attempts of deliveries. @return the number removed */
        int remove(Statements statements, List<Long> deliveries) throws SQLException;

        /** Removes the attempts of events. @return the number removed */
        int removeOf(Statements statements, Values.Many events) throws SQLException;

        /** A condition to find the attempts of delivery {@code d} faster; may be empty. */
        String ofDelivery();
    }

    public Retention(Writer writer, Reader reader, DueStore due, Cluster cluster, OldAttempts attempts) {
        this.writer = writer;
        this.reader = reader;
        this.due = due;
        this.cluster = cluster;
        this.attempts = attempts;
        Dialect dialect = reader.dialect();
        // events that no transaction is using; later statements see what such a transaction has committed
        locked = "SELECT key FROM event WHERE " + dialect.in("key") + dialect.locking("FOR UPDATE SKIP LOCKED");
        expirePayload = "UPDATE event SET document = NULL WHERE " + dialect.in("key") + NO_DELIVERY_PENDING;
        expireBodies = "UPDATE attempt SET request_body = NULL FROM delivery d, event e WHERE " + dialect.in("d.event")
                + " AND e.key = d.event AND e.document IS NULL AND " + dialect.attemptOf("attempt", "d.key")
                + attempts.ofDelivery() + " AND attempt.request_body IS NOT NULL";
        expireArrivals = "DELETE FROM field_arrival WHERE " + dialect.in("event")
                + " AND EXISTS (SELECT 1 FROM event e WHERE e.key = field_arrival.event AND e.document IS NULL)";
        removeDeliveries = "DELETE FROM delivery WHERE " + dialect.in("event");
        removeArrivals = "DELETE FROM field_arrival WHERE " + dialect.in("event");
        removeEvents = "DELETE FROM event WHERE " + dialect.in("key");
    }

    /** Deliveries of a webhook that expire soon: their number, and since when the first one is pending. */
    private record Expiring(long deliveries, long since) {
        static Expiring both(Expiring one, Expiring other) {
            return new Expiring(one.deliveries + other.deliveries, Math.min(one.since, other.since));
        }
    }

    /** A pending delivery. @param ours whether its event is a system event */
    private record Waiting(int webhook, boolean retry, long dueAt, String id, long startedAt, boolean ours) {
        /** Sorts before every other. */
        static final Waiting NONE = new Waiting(Integer.MIN_VALUE, false, Long.MIN_VALUE, "", 0, false);
    }

    /**
     * An event that may have expired.
     *
     * @param endedAt when its last delivery ended, far in the future while one is pending; without deliveries: its
     *     acceptance
     * @param neededLater whether a pending delivery of another event reads it
     * @param referred whether any delivery of another event refers to it
     */
    private record AgedEvent(long key, long acceptedAt, long endedAt, boolean neededLater, boolean referred) {
        /** Sorts before every other. */
        static final AgedEvent NONE = new AgedEvent(Long.MIN_VALUE, Long.MIN_VALUE, 0, false, false);
    }

    /** What one step will do, as read before the writer runs it. */
    private record Plan(
            Map<String, Integer> waiting,
            List<Long> payloads,
            List<Long> events,
            List<Long> attempts,
            Map<Integer, Expiring> expiring,
            boolean more) {}

    private synchronized Plan plan(RetentionLimits limits) {
        int rows = limits.rows();
        List<Waiting> waiting = waiting(limits, rows * WAITING_PER_ROW);
        if (pendingAfter.equals(Waiting.NONE)) {
            expiring.clear();
        }
        count(waiting, limits);
        pendingAfter = last(waiting, rows * WAITING_PER_ROW, Waiting.NONE);
        Map<String, Integer> tooOld = waiting.stream()
                .filter(each -> each.startedAt() < limits.waitingBefore().toEpochMilli())
                .collect(Collectors.toMap(Waiting::id, Waiting::webhook));
        boolean atEnd = pendingAfter.equals(Waiting.NONE);
        Map<Integer, Expiring> allExpiring = atEnd ? Map.copyOf(expiring) : Map.of();
        long payloadsBefore = limits.payloadsBefore().toEpochMilli();
        long identitiesBefore = limits.identitiesBefore().toEpochMilli();
        List<AgedEvent> withPayload = aged(true, payloadsAfter, payloadsBefore, rows);
        List<AgedEvent> without = aged(false, identitiesAfter, identitiesBefore, rows);
        payloadsAfter = last(withPayload, rows, AgedEvent.NONE);
        identitiesAfter = last(without, rows, AgedEvent.NONE);
        OldAttempts.Found old = attempts.find(limits);
        return new Plan(
                tooOld,
                withPayload.stream()
                        .filter(e -> e.endedAt() < payloadsBefore && !e.neededLater())
                        .map(AgedEvent::key)
                        .toList(),
                without.stream()
                        .filter(e -> e.endedAt() < identitiesBefore && !e.referred())
                        .map(AgedEvent::key)
                        .toList(),
                old.deliveries(),
                allExpiring,
                !atEnd || withPayload.size() == rows || without.size() == rows || old.more());
    }

    private List<Waiting> waiting(RetentionLimits limits, int many) {
        return reader.query(
                PENDING,
                row -> new Waiting(
                        row.getInt(1),
                        row.getBoolean(2),
                        row.getLong(3),
                        row.getString(4),
                        row.getLong(5),
                        row.getBoolean(6)),
                limits.expiringBefore(),
                Event.SYSTEM_SOURCE,
                pendingAfter.webhook(),
                pendingAfter.retry(),
                pendingAfter.dueAt(),
                pendingAfter.id(),
                many);
    }

    private List<AgedEvent> aged(boolean withPayload, AgedEvent after, long acceptedBefore, int limit) {
        return reader.query(
                "SELECT e.key, e.accepted_at,"
                        + " (SELECT max(coalesce(d.ended_at, 9223372036854775807)) FROM delivery d WHERE d.event = e.key),"
                        + " EXISTS (SELECT 1 FROM delivery d WHERE d.later = e.key AND d.ended_at IS NULL),"
                        + " EXISTS (SELECT 1 FROM delivery d WHERE d.later = e.key)"
                        + " FROM event e WHERE e.document IS " + (withPayload ? "NOT " : "") + "NULL"
                        + " AND (e.accepted_at, e.key) > (?, ?) AND e.accepted_at < ? ORDER BY e.accepted_at, e.key LIMIT ?",
                row -> new AgedEvent(
                        row.getLong(1),
                        row.getLong(2),
                        row.getObject(3) == null ? row.getLong(2) : row.getLong(3),
                        row.getBoolean(4),
                        row.getBoolean(5)),
                after.acceptedAt(),
                after.key(),
                acceptedBefore,
                limit);
    }

    /** The position after which the next step begins: the last one examined, or the start when all were. */
    static <T> T last(List<T> seen, int limit, T none) {
        return seen.size() < limit ? none : seen.get(seen.size() - 1);
    }

    private void count(List<Waiting> waiting, RetentionLimits limits) {
        long from = limits.waitingBefore().toEpochMilli();
        long before = limits.expiringBefore().toEpochMilli();
        for (Waiting each : waiting) {
            if (each.startedAt() >= from && each.startedAt() < before && !each.ours()) {
                expiring.merge(each.webhook(), new Expiring(1, each.startedAt()), Expiring::both);
            }
        }
    }

    /** See {@link Store#retain}. */
    public CompletionStage<RetentionStep> step(RetentionLimits limits) throws SQLException {
        if (!cluster.ownership().owns(0)) {
            return CompletableFuture.completedFuture(new RetentionStep(0, 0, 0, 0, false));
        }
        // before their deliveries are removed
        int dropped = attempts.removeBeforeStep(limits);
        Plan plan = plan(limits);
        Map<Integer, WebhookId> webhooks = due.webhooks(plan.waiting().values());
        Map<WebhookId, List<String>> tooOld = plan.waiting().entrySet().stream()
                .collect(Collectors.groupingBy(
                        each -> webhooks.get(each.getValue()),
                        Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
        return writer.write(statements -> {
                    due.publishCanceled(statements, tooOld);
                    return carryOut(statements, plan, limits, webhooks, dropped);
                })
                .thenApply(done -> {
                    due.canceled(tooOld);
                    return done;
                });
    }

    private RetentionStep carryOut(
            Statements statements, Plan plan, RetentionLimits limits, Map<Integer, WebhookId> webhooks, int dropped)
            throws SQLException {
        RecordStore.removeBefore(statements, limits.identitiesBefore(), limits.rows());
        int gaveUp = expire(statements, plan.waiting(), webhooks, limits.now());
        int payloads = expirePayloads(statements, plan.payloads());
        int removed = dropped + attempts.remove(statements, plan.attempts());
        int events = 0;
        if (!plan.events().isEmpty()) {
            Values.Many keys = Values.longs(plan.events());
            removed += attempts.removeOf(statements, keys);
            statements.update(removeDeliveries, keys);
            statements.update(removeArrivals, keys);
            events = statements.update(removeEvents, keys);
        }
        notify(statements, plan.expiring(), limits);
        return new RetentionStep(payloads, removed, events, gaveUp, plan.more() || dropped > 0);
    }

    private int expire(
            Statements statements, Map<String, Integer> deliveries, Map<Integer, WebhookId> webhooks, Instant now)
            throws SQLException {
        Map<String, List<String>> byAccount = deliveries.keySet().stream()
                .collect(Collectors.groupingBy(
                        delivery -> webhooks.get(deliveries.get(delivery)).account()));
        int gaveUp = 0;
        for (Map.Entry<String, List<String>> account : byAccount.entrySet()) {
            gaveUp += due.end(statements, account.getKey(), account.getValue(), now, TOO_OLD, DeliveryState.GAVE_UP);
        }
        return gaveUp;
    }

    private int expirePayloads(Statements statements, List<Long> events) throws SQLException {
        if (events.isEmpty()) {
            return 0;
        }
        Values.Many keys = Values.longs(statements.query(locked, row -> row.getLong(1), Values.longs(events)));
        int payloads = statements.update(expirePayload, keys);
        statements.update(expireBodies, keys);
        statements.update(expireArrivals, keys);
        return payloads;
    }

    /** Stores system events, unless the webhook has an unpublished one. */
    private static void notify(Statements statements, Map<Integer, Expiring> webhooks, RetentionLimits limits)
            throws SQLException {
        Duration longest = Duration.between(limits.waitingBefore(), limits.now());
        for (Map.Entry<Integer, Expiring> webhook : webhooks.entrySet()) {
            long since = webhook.getValue().since();
            statements.update(
                    EXPIRING,
                    webhook.getKey(),
                    SystemEvent.Type.EXPIRING.text(),
                    limits.now(),
                    since,
                    "deliveries have been pending nearly as long as webhooks.retention.waiting allows and will fail soon,"
                            + " the first at " + Instant.ofEpochMilli(since).plus(longest),
                    webhook.getValue().deliveries(),
                    webhook.getKey(),
                    SystemEvent.Type.EXPIRING.text());
        }
    }
}
