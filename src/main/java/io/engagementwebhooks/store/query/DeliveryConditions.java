package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.IdBounds;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What {@link DeliveryQuery} means in SQL. Thread-safe. */
public final class DeliveryConditions {

    /** Conditions with their values. */
    public static final class Where {

        private final StringBuilder sql = new StringBuilder();
        private final List<Object> values = new ArrayList<>();

        Where and(String condition, Object... more) {
            sql.append(sql.length() == 0 ? "WHERE " : " AND ").append(condition);
            Collections.addAll(values, more);
            return this;
        }

        void andIf(Object value, String condition) {
            if (value != null) {
                and(condition, value);
            }
        }

        public String sql() {
            return sql.toString();
        }

        public Object[] values(Object... more) {
            List<Object> all = new ArrayList<>(values);
            Collections.addAll(all, more);
            return all.toArray();
        }
    }

    /** The event is complete. Without a join, which would change the plans. */
    static final String COMPLETE = "d.event NOT IN (SELECT event FROM incomplete_event)";

    private final Reader reader;
    private final Dialect dialect;
    private final Keys keys;
    private final String responseKind;

    public DeliveryConditions(Reader reader, Keys keys) {
        this.reader = reader;
        this.dialect = reader.dialect();
        this.keys = keys;
        this.responseKind = ResponseKind.sql(dialect);
    }

    /** A subquery with its values. */
    record Selected(String sql, Object... values) {}

    /** Deliveries under {@link #indexed}. @param order empty: oldest first; {@code DESC}: newest first */
    Selected inOrder(DeliveryQuery query, String columns, Where where, String order, int limit) {
        return isOfWebhook(query)
                ? new Selected(
                        dialect.ofWebhook(columns, where.sql(), order, "?"),
                        dialect.ofWebhookValues(where.values(limit)))
                : new Selected(Dialect.inOrder(columns, where.sql(), order, "?"), where.values(limit));
    }

    /** Whether the index of the webhook's deliveries is the narrowest. */
    private static boolean isOfWebhook(DeliveryQuery query) {
        return query.webhook() != null
                && query.eventId() == null
                && !Boolean.TRUE.equals(query.test())
                && (query.outcome() == null || query.isDelivered());
    }

    /** The conditions that an index covers, and that the event is complete. */
    public Where indexed(DeliveryQuery query) {
        boolean tests = Boolean.TRUE.equals(query.test());
        int account = keys.find(query.account());
        List<Long> events = query.eventId() == null ? List.of() : events(account, query.eventId());
        Where where = new Where();
        if (events.size() == 1) {
            // the event belongs to the account
            where.and("d.event = ?", events.get(0));
        } else if (query.eventId() != null) {
            where.and(dialect.noIndex("d.account") + " = ?", account);
            where.and(dialect.in("d.event"), Values.longs(events));
        } else {
            // the index of a webhook is narrower than that of the account
            where.and((query.webhook() == null ? "d.account" : dialect.noIndex("d.account")) + " = ?", account);
        }
        if (query.webhook() != null) {
            int webhook = keys.find(new WebhookId(query.account(), query.webhook(), query.webhook()));
            where.and((query.eventId() == null ? "d.webhook" : dialect.noIndex("d.webhook")) + " = ?", webhook);
        }
        if (query.outcome() != null && !query.isDelivered()) {
            where.and(tests ? "d.outcome = ?" : "d.problem = ? AND d.problem IS NOT NULL", query.outcome());
        }
        if (tests) {
            where.and("d.kind = 'test'");
        }
        where.andIf(Values.millis(query.from()), "d.accepted_at >= ?");
        where.andIf(IdBounds.first(query.from()), "d.id >= ?");
        where.andIf(Values.millis(query.to()), "d.accepted_at < ?");
        where.andIf(IdBounds.last(query.to()), "d.id <= ?");
        // without a bound SQLite's planner scans all deliveries of the webhook
        boolean needsBound = query.webhook() != null && query.outcome() != null && query.before() == null;
        where.andIf(needsBound ? IdBounds.AFTER_ALL : query.before(), "d.id < ?");
        return where.and(COMPLETE);
    }

    private List<Long> events(int account, String id) {
        List<Object> values = new ArrayList<>(List.of(account));
        Collections.addAll(values, dialect.eventIdValues(id));
        return reader.query(
                "SELECT key FROM event WHERE account = ? AND " + dialect.ofEventId(),
                row -> row.getLong(1),
                values.toArray());
    }

    /** Adds the conditions that no index covers. */
    void addOthers(DeliveryQuery query, Where where) {
        if (query.isDelivered()) {
            where.and("d.outcome = 'delivered'");
        }
        if (Boolean.FALSE.equals(query.test())) {
            where.and(Columns.NO_TEST);
        }
        where.andIf(query.httpStatus(), "d.status = ?");
        where.andIf(query.fault(), responseKind + " = ?");
        where.andIf(query.eventType(), "e.type = ?");
        if (query.standing() != null) {
            where.and(
                    switch (query.standing()) {
                        case WAITING -> "d.state = 'waiting' AND w.state = 'active'";
                        case PAUSED -> "d.state = 'waiting' AND w.state <> 'active'";
                        case DISCARDED -> "d.state = 'discarded'";
                        case QUEUED ->
                            "d.state = 'waiting' AND w.state = 'active' AND coalesce(d.outcome, '') <> 'try-later'";
                        case ENDED -> "d.state = d.outcome";
                        case FAILING ->
                            "(d.state = 'gave-up' OR d.state = 'waiting' AND w.state = 'active' AND d.outcome ="
                                    + " 'try-later')";
                        case UNDELIVERED -> "d.state <> 'delivered'";
                        case MISSING -> "FALSE";
                    });
        }
        if (query.text() != null) {
            List<String> columns = List.of("d.id", "d.reason", "r.name", "e.id", "e.subject");
            where.and(
                    columns.stream()
                            .map(column -> column + " " + dialect.like() + " ? ESCAPE '!'")
                            .collect(Collectors.joining(" OR ", "(", ")")),
                    Collections.nCopies(columns.size(), query.likeText()).toArray());
        }
    }

    /**
     * The search within a range. The subquery's LIMIT shows the planner how few rows there are; otherwise it would
     * begin with all webhooks of a state, or all events of a type, of any account.
     *
     * @param select the columns and tables, by the examined deliveries
     */
    Where within(UnaryOperator<String> select, DeliveryQuery query, Walk walk) {
        Where walked = indexed(query).and("d.id <= ?", walk.first()).and("d.id >= ?", walk.last());
        Selected examined = inOrder(query, "d.*", walked, "DESC", walk.count());
        Where matching = new Where();
        Collections.addAll(matching.values, examined.values());
        matching.sql.append(select.apply(examined.sql())).append("WHERE TRUE");
        addOthers(query, matching);
        return matching;
    }

    /** A range of deliveries to examine, newest first. */
    record Walk(String first, String last, int count) {}
}
