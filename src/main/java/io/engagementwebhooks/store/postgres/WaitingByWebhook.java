package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.CountedAside;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * How many deliveries wait at webhooks of an account. Few are counted for whoever asks. Counting hundreds of thousands takes
 * longer than anybody waits, so that many are told as they were counted last. Thread-safe.
 */
final class WaitingByWebhook implements AutoCloseable {

    /** So many of one webhook are counted at once. */
    static final int AT_ONE = 1_000;

    private static final int IN_ALL = 10_000;

    private final Reads reads;
    private final LongSupplier all;
    private final CountedAside<String, Map<String, Long>> counted;

    /** @param all how many wait in the whole store */
    WaitingByWebhook(Reads reads, LongSupplier all, Clock clock) {
        this.reads = reads;
        this.all = all;
        this.counted =
                new CountedAside<>("waiting-counting", account -> reads.mostWaiting(account, Integer.MAX_VALUE), clock);
    }

    /** By the names of those that have any; while they were never counted, of one that has many {@value #AT_ONE}. */
    Map<String, Long> of(String account, Collection<String> webhooks) {
        Map<String, Long> waiting = reads.waiting(account, webhooks, AT_ONE);
        if (waiting.containsValue((long) AT_ONE)) {
            Map<String, Long> last = last(account);
            waiting.replaceAll((webhook, n) -> n < AT_ONE ? n : Math.max(n, last.getOrDefault(webhook, n)));
        }
        return waiting;
    }

    /** Where most wait, the most first; none, while many were never counted. */
    Map<String, Long> most(String account, int limit) {
        if (all.getAsLong() <= IN_ALL) {
            return reads.mostWaiting(account, limit);
        }
        return last(account).entrySet().stream()
                .limit(limit)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, LinkedHashMap::new));
    }

    private Map<String, Long> last(String account) {
        CountedAside.Counted<Map<String, Long>> known =
                counted.of(List.of(account)).get(account);
        return known == null ? Map.of() : known.figures();
    }

    @Override
    public void close() {
        counted.close();
    }
}
