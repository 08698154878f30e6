package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.ApiKey;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A limit of requests per second for each key, with a burst of one second's worth: each request takes its share of time
 * from what a key has not used, at most a second. Thread-safe.
 */
public final class KeyRates {

    private static final long SECOND = 1_000_000;

    private final long perSecond;
    private final Clock clock;
    /** By the key's hash, so that a key keeps its rate when the configuration is reloaded. */
    private final ConcurrentMap<String, Long> nextFree = new ConcurrentHashMap<>();

    /**
     * @param perSecond requests a key may make per second, or 0: unlimited
     * @param clock now
     */
    public KeyRates(long perSecond, Clock clock) {
        this.perSecond = perSecond;
        this.clock = clock;
    }

    /** Takes one request of a key; how long it must wait first, or empty: it may. */
    public Optional<Duration> take(ApiKey key) {
        if (perSecond == 0) {
            return Optional.empty();
        }
        long now = clock.millis() * 1000;
        long step = 1_000_000 / perSecond;
        long[] wait = {0};
        nextFree.compute(HexFormat.of().formatHex(key.sha256()), (hash, before) -> {
            // further ahead than a request takes: the clock was set back since
            boolean isNew = before == null || before > now + step;
            long free = isNew ? now - SECOND : Math.max(before, now - SECOND);
            wait[0] = free - now;
            // a request that is refused takes nothing, so that a sender who waits is let in
            return wait[0] > 0 ? free : free + step;
        });
        return wait[0] > 0 ? Optional.of(Duration.ofNanos(wait[0] * 1000)) : Optional.empty();
    }
}
