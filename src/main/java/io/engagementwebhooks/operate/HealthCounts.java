package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.BackgroundCountCache;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Numbers of failing and degraded active webhooks, counted on request. Thread-safe. */
final class HealthCounts implements AutoCloseable {

    /** The most webhooks counted. */
    private static final int MOST = 100_000;

    private static final String ALL = "";

    private final BackgroundCountCache<String, Map<Boolean, Long>> counted;

    HealthCounts(Store store, Supplier<Config> config, Clock clock) {
        this.counted = new BackgroundCountCache<>("health-counting", all -> count(store, config.get()), clock);
    }

    private static Map<Boolean, Long> count(Store store, Config config) {
        return store.stats().unhealthy(MOST).entrySet().stream()
                .filter(webhook -> config.webhook(webhook.getKey()).isPresent())
                .collect(Collectors.groupingBy(Map.Entry::getValue, Collectors.counting()));
    }

    /** Waits at most 50 ms, then returns the last count. @return NaN if never counted */
    double of(boolean failing) {
        BackgroundCountCache.Count<Map<Boolean, Long>> last =
                counted.of(List.of(ALL)).get(ALL);
        return last == null ? Double.NaN : last.value().getOrDefault(failing, 0L);
    }

    @Override
    public void close() {
        counted.close();
    }
}
