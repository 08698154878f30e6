package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.BackgroundCountCache;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Counts the pending deliveries of an account's webhooks. Small counts are exact. Counting hundreds of thousands takes
 * longer than a page may, so large counts come from a cache. Thread-safe.
 */
final class WaitingByWebhook implements AutoCloseable {

    /** The largest count of one webhook that is made for each call. */
    static final int MAX_EXACT = 1_000;

    private static final int MAX_EXACT_TOTAL = 10_000;

    private final Reader reader;
    private final Keys keys;
    private final LongSupplier all;
    private final String countSome;
    private final BackgroundCountCache<String, Map<WebhookId, Long>> largeCounts;

    /** @param all the pending count of the whole store */
    WaitingByWebhook(Reader reader, Keys keys, LongSupplier all, Clock clock) {
        this.reader = reader;
        this.keys = keys;
        this.all = all;
        this.countSome =
                "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT w.key, (SELECT count(*) FROM (SELECT 1 FROM due u"
                        + " WHERE u.webhook = w.key LIMIT ?) y) n FROM webhook w WHERE "
                        + reader.dialect().in("w.key") + ") x" + Columns.joinWebhook("x.key") + " WHERE x.n > 0";
        this.largeCounts = new BackgroundCountCache<>(
                "waiting-counting", account -> count(reader.counter(), account, Integer.MAX_VALUE), clock);
    }

    /**
     * The webhooks with pending deliveries. A larger count than {@value #MAX_EXACT} may be that number until the cache has
     * it.
     */
    Map<WebhookId, Long> of(String account, Collection<WebhookId> webhooks) {
        Map<WebhookId, Long> waiting = new HashMap<>();
        if (!webhooks.isEmpty()) {
            reader.query(
                    countSome,
                    row -> waiting.put(Columns.webhook(row), row.getLong(4)),
                    MAX_EXACT,
                    Values.ints(webhooks.stream().map(keys::find).toList()));
        }
        if (waiting.containsValue((long) MAX_EXACT)) {
            Map<WebhookId, Long> last = last(account);
            waiting.replaceAll((webhook, n) -> n < MAX_EXACT ? n : Math.max(n, last.getOrDefault(webhook, n)));
        }
        return waiting;
    }

    /** The largest backlogs, largest first; empty until a large store has been counted. */
    Map<WebhookId, Long> largest(String account, int limit) {
        if (all.getAsLong() <= MAX_EXACT_TOTAL) {
            return count(reader, account, limit);
        }
        return last(account).entrySet().stream()
                .limit(limit)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, LinkedHashMap::new));
    }

    private Map<WebhookId, Long> count(Reader from, String account, int limit) {
        Map<WebhookId, Long> most = new LinkedHashMap<>();
        // CROSS JOIN: else SQLite scans the due deliveries of all accounts
        from.query(
                "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT u.webhook, count(*) n FROM webhook w CROSS JOIN due u"
                        + " WHERE u.webhook = w.key AND w.account = ? GROUP BY u.webhook ORDER BY n DESC LIMIT ?) x"
                        + Columns.joinWebhook("x.webhook") + " ORDER BY x.n DESC",
                row -> most.put(Columns.webhook(row), row.getLong(4)),
                keys.find(account),
                limit);
        return most;
    }

    private Map<WebhookId, Long> last(String account) {
        BackgroundCountCache.Count<Map<WebhookId, Long>> known =
                largeCounts.of(List.of(account)).get(account);
        return known == null ? Map.of() : known.value();
    }

    @Override
    public void close() {
        largeCounts.close();
    }
}
