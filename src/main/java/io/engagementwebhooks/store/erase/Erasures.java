package io.engagementwebhooks.store.erase;

import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.jdbc.Writer;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Erasures, in small steps. Before its position moves on, a step first erases events and then their deliveries, so a step
 * that a crash interrupted is repeated: it finds what is erased already, and counts nothing twice. Thread-safe.
 */
public final class Erasures {

    /** Events that a query examines. */
    private static final int EXAMINED = 500;

    /** Events or deliveries of a transaction. */
    private static final int ROWS = 100;

    private static final String SELECT = "SELECT e.id, a.id, e.field, e.digest, e.actor, e.created_at, e.ended_at,"
            + " e.max_key, e.position, e.begun, e.examined, e.unsearched, e.events, e.deliveries, e.canceled, e.first_at,"
            + " e.last_at, e.cleaned FROM erasure e JOIN account a ON a.key = e.account ";
    private static final String INSERT =
            "INSERT INTO erasure (id, account, field, digest, actor, created_at, max_key, position)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, 0)";
    private static final String COUNT = "UPDATE erasure SET events = events + ?, deliveries = deliveries + ?,"
            + " first_at = CASE WHEN first_at < ? THEN first_at ELSE ? END,"
            + " last_at = CASE WHEN last_at > ? THEN last_at ELSE ? END WHERE id = ?";
    private static final String BEGIN = "UPDATE erasure SET begun = ? WHERE id = ? AND begun < ?";
    private static final String CANCELED = "UPDATE erasure SET canceled = canceled + ? WHERE id = ?";
    private static final String MOVE = "UPDATE erasure SET position = ?, examined = examined + ?,"
            + " unsearched = unsearched + ? WHERE id = ? AND position = ?";
    private static final String END = "UPDATE erasure SET ended_at = ?, cleaned = ? WHERE id = ?";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final DueStore due;
    private final DefinitionStore audit;
    private final KeyedDigest digest;
    private final EventSearch search;
    private final EraseRows erase;
    private final Clock clock;
    private final String deliveries;
    private final String superseded;
    private final String ids;

    /** @param daysOf see {@link EraseRows} */
    public Erasures(
            Writer writer,
            Reader reader,
            Keys keys,
            DueStore due,
            DefinitionStore audit,
            KeyedDigest digest,
            String daysOf,
            Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.due = due;
        this.audit = audit;
        this.digest = digest;
        this.search = new EventSearch(reader, keys, digest);
        this.erase = new EraseRows(reader.dialect(), digest, daysOf);
        this.clock = clock;
        String select = "SELECT " + Columns.WEBHOOK + ", d.key, d.id, d.webhook FROM delivery d"
                + Columns.joinWebhook("d.webhook") + " WHERE ";
        this.deliveries = select + reader.dialect().in("d.event") + " UNION " + select
                + reader.dialect().in("d.later");
        this.superseded = "SELECT key FROM delivery WHERE account = ? AND problem = 'skipped' AND "
                + reader.dialect().in("reason");
        this.ids = "SELECT id FROM event WHERE " + reader.dialect().in("key") + " AND length(data_sha256) > 0";
    }

    /** The keyed digests of this store. */
    public KeyedDigest digest() {
        return digest;
    }

    /** The digest of a value of a field. */
    public String digest(String account, String field, String value) {
        return digest.of(account, field, value);
    }

    /** The digest of an identity, for {@link Erasure#IDENTITY}. */
    public String digestOfIdentity(String account, String source, String id) {
        return digest.ofIdentity(account, source, id);
    }

    /** The last event of an account; 0: there is none. @param until accepted until then, or null: until now */
    public long lastEvent(String account, Instant until) {
        String last = "SELECT max(key) FROM event WHERE account = ?";
        int key = keys.find(account);
        return (until == null
                        ? reader.first(last, row -> row.getLong(1), key)
                        : reader.first(last + " AND accepted_at <= ?", row -> row.getLong(1), key, until))
                .orElse(0L);
    }

    /** Stores a new erasure with its audit entry. */
    public CompletionStage<Void> start(Erasure erasure, AuditEntry entry) {
        return writer.write(erasure.account(), 2, statements -> {
            statements.update(
                    INSERT,
                    erasure.id(),
                    keys.account(statements, erasure.account()),
                    erasure.field(),
                    erasure.digest(),
                    erasure.actor(),
                    erasure.createdAt(),
                    erasure.maxKey());
            audit.appendInTransaction(statements, entry);
            return null;
        });
    }

    public Optional<Erasure> one(String account, String id) {
        return reader.first(SELECT + "WHERE e.account = ? AND e.id = ?", Erasures::erasure, keys.find(account), id);
    }

    /** The erasures of an account, newest first. @param before only those with a smaller id, or null */
    public List<Erasure> all(String account, String before, int limit) {
        return reader.query(
                SELECT + "WHERE e.account = ? AND e.id < ? ORDER BY e.id DESC LIMIT ?",
                Erasures::erasure,
                keys.find(account),
                before == null ? "~" : before,
                limit);
    }

    public List<Erasure> running() {
        return reader.query(SELECT + "WHERE e.ended_at IS NULL ORDER BY e.id", Erasures::erasure);
    }

    private static Erasure erasure(ResultSet row) throws SQLException {
        return new Erasure(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Columns.instant(row, 6),
                Columns.instant(row, 7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14),
                row.getLong(15),
                Columns.instant(row, 16),
                Columns.instant(row, 17),
                row.getString(18));
    }

    /** What an erasure would erase. @param exact false: it was counted until a time, and there may be more */
    public record Count(long events, long deliveries, long pending, long unsearched, boolean exact) {

        Count plus(Count other) {
            return new Count(
                    events + other.events,
                    deliveries + other.deliveries,
                    pending + other.pending,
                    unsearched + other.unsearched,
                    other.exact);
        }
    }

    /** Counts what an erasure would erase, until all events are examined or there is no more time. */
    public Count count(Erasure erasure, BooleanSupplier hasTime) {
        Count count = new Count(0, 0, 0, 0, false);
        long position = 0;
        while (!count.exact() && hasTime.getAsBoolean()) {
            EventSearch.Found found = search.find(erasure, position, EXAMINED);
            position = found.position();
            count = count.plus(search.count(
                    search.unerased(search.withEdited(found.events())),
                    found.unsearched(),
                    found.examined() < EXAMINED));
        }
        return count;
    }

    /**
     * Examines the next events, until one matches or there is no more time, and erases the matching ones.
     *
     * @return whether all are examined; {@link #end} then ends the erasure
     */
    public boolean step(Erasure erasure, BooleanSupplier hasTime) {
        long position = erasure.position();
        int examined = 0;
        int unsearched = 0;
        EventSearch.Found found;
        do {
            found = search.find(erasure, position, EXAMINED);
            position = found.position();
            examined += found.examined();
            unsearched += found.unsearched();
        } while (found.events().isEmpty() && found.examined() == EXAMINED && hasTime.getAsBoolean());
        if (!found.events().isEmpty()) {
            erase(erasure, search.withEdited(found.events()), position);
        }
        Object[] moved = {position, examined, unsearched, erasure.id(), erasure.position()};
        writer.write(erasure.account(), 1, statements -> statements.update(MOVE, moved))
                .join();
        return found.examined() < EXAMINED;
    }

    private void erase(Erasure erasure, List<Long> events, long last) {
        for (int from = 0; from < events.size(); from += ROWS) {
            List<Long> some = events.subList(from, Math.min(events.size(), from + ROWS));
            List<Long> named = superseded(erasure, some);
            writer.write(
                            erasure.account(),
                            2 * some.size(),
                            statements -> eraseEvents(statements, erasure, some, named, last))
                    .join();
        }
        List<Erasable> all = reader.query(
                deliveries,
                row -> new Erasable(Columns.webhook(row), row.getLong(4), row.getString(5), row.getInt(6)),
                Values.longs(events),
                Values.longs(events));
        for (int from = 0; from < all.size(); from += ROWS) {
            eraseDeliveries(erasure, all.subList(from, Math.min(all.size(), from + ROWS)));
        }
    }

    /** A delivery of an erased event, or one that waited for it. @param webhookKey of its webhook */
    private record Erasable(WebhookId webhook, long key, String id, int webhookKey) {}

    private List<Long> superseded(Erasure erasure, List<Long> events) {
        List<String> named = reader.query(ids, row -> row.getString(1), Values.longs(events));
        return named.isEmpty()
                ? List.of()
                : reader.query(
                        superseded,
                        row -> row.getLong(1),
                        keys.find(erasure.account()),
                        Values.texts(EraseRows.superseding(named)));
    }

    private Void eraseEvents(Statements statements, Erasure erasure, List<Long> events, List<Long> named, long last)
            throws SQLException {
        statements.update(BEGIN, last, erasure.id(), last);
        EraseRows.Erased erased =
                erase.events(statements, erasure.account(), keys.account(statements, erasure.account()), events, named);
        if (erased.events() > 0) {
            statements.update(
                    COUNT,
                    erased.events(),
                    erased.deliveries(),
                    erased.firstAt(),
                    erased.firstAt(),
                    erased.lastAt(),
                    erased.lastAt(),
                    erasure.id());
        }
        return null;
    }

    /** Cancels the pending ones; the owner of a webhook then begins none of them. */
    private void eraseDeliveries(Erasure erasure, List<Erasable> some) {
        Map<WebhookId, List<String>> byWebhook = some.stream()
                .collect(Collectors.groupingBy(
                        Erasable::webhook, Collectors.mapping(Erasable::id, Collectors.toList())));
        writer.write(erasure.account(), 2 * some.size(), statements -> {
                    due.publishCanceled(statements, byWebhook);
                    int canceled = due.end(
                            statements,
                            erasure.account(),
                            some.stream().map(Erasable::id).toList(),
                            clock.instant(),
                            EraseRows.ERASED,
                            DeliveryState.DISCARDED);
                    statements.update(CANCELED, canceled, erasure.id());
                    erase.deliveries(
                            statements,
                            some.stream().map(Erasable::key).toList(),
                            some.stream().map(Erasable::webhookKey).distinct().toList());
                    return null;
                })
                .thenRun(() -> due.canceled(byWebhook))
                .join();
    }

    /** Ends an erasure. @param cleaned what was done with the files of the store */
    public CompletionStage<Integer> end(Erasure erasure, String cleaned) {
        return writer.write(
                erasure.account(), 1, statements -> statements.update(END, clock.instant(), cleaned, erasure.id()));
    }

    /** Removes erasures that ended before a time. @return the number removed */
    public CompletionStage<Integer> removeBefore(Instant endedBefore, int rows) {
        return writer.write(statements -> statements.update(
                "DELETE FROM erasure WHERE id IN (SELECT id FROM erasure WHERE ended_at < ? LIMIT ?)",
                endedBefore,
                rows));
    }
}
