package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.DeliveryQueries.BacklogPosition;
import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.FifoSuccession;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Counts the pending deliveries before given ones: up to the first of a webhook, then from each to the next.
 * Thread-safe.
 */
final class BacklogPositions {

    private static final List<String> TYPES = List.of("int", "bigint", "text", "bigint", "text");

    private final Reader reader;
    private final Keys keys;
    private final String countSql;

    BacklogPositions(Reader reader, Keys keys) {
        this.reader = reader;
        this.keys = keys;
        this.countSql = countSql(reader.dialect());
    }

    /**
     * A range of a webhook's pending deliveries.
     *
     * @param from its start, inclusive
     * @param to its end, exclusive
     */
    private record Part(WebhookId webhook, Waiting from, Waiting to) {}

    /**
     * A range over all webhooks. For a range of one webhook PostgreSQL estimates few rows and reads its whole backlog
     * before it counts.
     */
    static String countSql(Dialect dialect) {
        return "SELECT x.id, (SELECT count(*) FROM (SELECT 1 FROM due u"
                + " WHERE (u.webhook, u.due_at, u.id) >= (x.webhook, x.from_at, x.from_id)"
                + " AND (u.webhook, u.due_at, u.id) < (x.webhook, x.due_at, x.id)"
                + " ORDER BY u.webhook, u.due_at, u.id LIMIT ?) y) FROM "
                + dialect.rows("x", "webhook int", "from_at bigint", "from_id text", "due_at bigint", "id text");
    }

    static Values.Table part(int webhook, Waiting from, Waiting to) {
        return Values.table(TYPES, List.of(to), end -> values(webhook, from, end));
    }

    private static Object[] values(int webhook, Waiting from, Waiting to) {
        return new Object[] {webhook, Values.millis(from.dueAt()), from.id(), Values.millis(to.dueAt()), to.id()};
    }

    /** See {@link io.engagementwebhooks.store.DeliveryQueries#backlogPositions}. */
    Map<String, BacklogPosition> of(Collection<DeliveryRow> deliveries, int most) {
        List<Part> parts = new ArrayList<>();
        deliveries.stream().collect(Collectors.groupingBy(DeliveryRow::webhook)).forEach((webhook, rows) -> {
            Waiting from = Waiting.FIRST;
            for (Waiting to : inOrder(rows)) {
                parts.add(new Part(webhook, from, to));
                from = to;
            }
        });
        Map<String, Integer> counts = new HashMap<>();
        reader.query(
                countSql,
                row -> counts.put(row.getString(1), row.getInt(2)),
                most + 1,
                Values.table(TYPES, parts, part -> values(keys.find(part.webhook()), part.from(), part.to())));
        return sums(parts, counts, most);
    }

    private static List<Waiting> inOrder(List<DeliveryRow> deliveries) {
        return deliveries.stream()
                .map(row -> new Waiting(row.id(), row.dueAt() == null ? FifoSuccession.NOT_YET : row.dueAt()))
                .sorted(Comparator.comparing(Waiting::dueAt).thenComparing(Waiting::id))
                .toList();
    }

    private static Map<String, BacklogPosition> sums(List<Part> parts, Map<String, Integer> counts, int most) {
        Map<String, BacklogPosition> before = new HashMap<>();
        for (Part part : parts) {
            int more = counts.get(part.to().id());
            BacklogPosition from = before.getOrDefault(part.from().id(), new BacklogPosition(0, true));
            before.put(
                    part.to().id(),
                    new BacklogPosition(from.deliveries() + Math.min(more, most), from.isExact() && more <= most));
        }
        return before;
    }
}
