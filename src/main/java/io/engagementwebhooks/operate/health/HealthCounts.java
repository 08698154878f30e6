package io.engagementwebhooks.operate.health;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Numbers of failing and degraded active webhooks, counted at an interval. Thread-safe. */
public final class HealthCounts {

    /** The interval of {@link #refresh}. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    /** The most webhooks counted. */
    private static final int MOST = 10_000;

    private final Store store;
    private final Supplier<Config> config;
    private volatile Map<Boolean, Long> counts;

    public HealthCounts(Store store, Supplier<Config> config) {
        this.store = store;
        this.config = config;
    }

    public void refresh() {
        counts = store.stats().unhealthy(MOST).entrySet().stream()
                .filter(webhook -> config.get().webhook(webhook.getKey()).isPresent())
                .collect(Collectors.groupingBy(Map.Entry::getValue, Collectors.counting()));
    }

    /** @return NaN before the first count */
    double of(boolean failing) {
        Map<Boolean, Long> last = counts;
        return last == null ? Double.NaN : last.getOrDefault(failing, 0L);
    }
}
