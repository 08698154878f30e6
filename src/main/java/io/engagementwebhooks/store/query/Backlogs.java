package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts the deliveries of webhooks, and finds those with pending ones. Thread-safe. */
public class Backlogs {

    /** Pending deliveries of a webhook are counted up to this number, which means that many or more. */
    public static final int MAX_PENDING = 10_000;

    /** Skips from one webhook with pending deliveries to the next, and reads no other webhook. */
    private static final String WITH_PENDING =
            "WITH RECURSIVE next (webhook, place) AS (SELECT min(webhook), 1 FROM due UNION ALL SELECT (SELECT"
                    + " min(u.webhook) FROM due u WHERE u.webhook > next.webhook), place + 1 FROM next WHERE webhook IS"
                    + " NOT NULL AND place <= ?) SELECT " + Columns.WEBHOOK + " FROM next"
                    + Columns.joinWebhook("next.webhook");

    private static final String PENDING_OF_ACCOUNT = pendingCounts("w.account = ?");

    private final Reader reader;
    private final Keys keys;
    private final String pendingCounts;

    public Backlogs(Reader reader, Keys keys) {
        this.reader = reader;
        this.keys = keys;
        this.pendingCounts = pendingCounts(reader.dialect().in("w.key"));
    }

    /** The pending count of each of these webhooks that has pending deliveries, up to {@link #MAX_PENDING}. */
    public Map<WebhookId, Long> pendingCounts(Collection<WebhookId> webhooks) {
        return pendingCounts(
                reader,
                pendingCounts,
                Values.ints(webhooks.stream().map(keys::find).toList()),
                webhooks.size());
    }

    /** @param where a condition on {@code webhook w} */
    static String pendingCounts(String where) {
        return "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT w.key, (SELECT count(*) FROM (SELECT 1 FROM due u"
                + " WHERE u.webhook = w.key LIMIT " + MAX_PENDING + ") y) n FROM webhook w WHERE " + where + ") x"
                + Columns.joinWebhook("x.key") + " WHERE x.n > 0 ORDER BY x.n DESC LIMIT ?";
    }

    private static Map<WebhookId, Long> pendingCounts(Reader reader, String sql, Object webhooks, int limit) {
        Map<WebhookId, Long> counts = new LinkedHashMap<>();
        reader.query(sql, row -> counts.put(Columns.webhook(row), row.getLong(4)), webhooks, limit);
        return counts;
    }

    /**
     * The webhooks of an account that have a row, by name and id, whether they are configured or not.
     *
     * @param after only those after this one; empty: from the start
     */
    public List<WebhookId> webhooks(String account, Optional<WebhookId> after, int limit) {
        return reader.query(
                "SELECT " + Columns.WEBHOOK + " FROM resource r JOIN account a ON a.key = r.account WHERE r.account = ?"
                        + " AND r.kind = 'webhook' AND r.name >= ? AND (r.name, r.id) > (?, ?)"
                        + " ORDER BY r.name, r.id LIMIT ?",
                Columns::webhook,
                keys.find(account),
                after.map(WebhookId::name).orElse(""),
                after.map(WebhookId::name).orElse(""),
                after.map(WebhookId::id).orElse(""),
                limit);
    }

    /**
     * The webhooks of an account that have pending deliveries, in no order. The cost grows with their number, not with
     * the number of webhooks.
     *
     * @return empty: more than {@code most} webhooks of the account, or of the store, have pending deliveries
     */
    public Optional<List<WebhookId>> webhooksWithPending(String account, int most) {
        List<WebhookId> all = reader.query(WITH_PENDING, Columns::webhook, most);
        return all.size() > most
                ? Optional.empty()
                : Optional.of(all.stream()
                        .filter(webhook -> webhook.account().equals(account))
                        .toList());
    }

    /** The webhooks of an account with the largest pending counts, up to {@link #MAX_PENDING}, largest first. */
    public Map<WebhookId, Long> largestBacklogs(String account, int limit) {
        return pendingCounts(reader.counter(), PENDING_OF_ACCOUNT, keys.find(account), limit);
    }

    /** The webhooks of all accounts with the largest pending counts. Scans all pending deliveries. */
    public Map<WebhookId, Long> largestBacklogs(int limit) {
        Map<WebhookId, Long> most = new LinkedHashMap<>();
        reader.query(
                "SELECT " + Columns.WEBHOOK + ", x.n FROM (SELECT webhook, count(*) n FROM due GROUP BY webhook"
                        + " ORDER BY n DESC LIMIT ?) x" + Columns.joinWebhook("x.webhook") + " ORDER BY x.n DESC",
                row -> most.put(Columns.webhook(row), row.getLong(4)),
                limit);
        return most;
    }

    /** The number of deliveries in each state, by webhook. Scans all stored deliveries of the account. */
    public Map<WebhookId, Map<DeliveryState, Long>> countsByState(String account) {
        Map<WebhookId, Map<DeliveryState, Long>> counts = new HashMap<>();
        reader.counter()
                .query(
                        "SELECT " + Columns.WEBHOOK + ", x.state, x.n FROM (SELECT d.webhook, d.state, count(*) n"
                                + " FROM delivery d WHERE d.account = ? AND "
                                + Columns.NO_TEST + " AND " + DeliveryConditions.COMPLETE
                                + " GROUP BY d.webhook, d.state) x" + Columns.joinWebhook("x.webhook"),
                        row -> counts.computeIfAbsent(
                                        Columns.webhook(row), webhook -> new EnumMap<>(DeliveryState.class))
                                .put(DeliveryState.of(row.getString(4)), row.getLong(5)),
                        keys.find(account));
        return counts;
    }
}
