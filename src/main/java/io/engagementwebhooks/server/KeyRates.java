package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.ApiKey;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The rate limit of requests per key, with a burst of one second. Thread-safe. */
public final class KeyRates {

    private static final long SECOND = 1_000_000;

    private final long perSecond;
    private final Clock clock;
    /** By the key's hash, so that a reload of the configuration keeps the state. */
    private final ConcurrentMap<String, Long> nextFree = new ConcurrentHashMap<>();

    /**
     * @param perSecond requests per second and key, or 0: unlimited
     */
    public KeyRates(long perSecond, Clock clock) {
        this.perSecond = perSecond;
        this.clock = clock;
    }

    /** Counts a request of a key. Returns how long it must wait, or empty: it is allowed. */
    public Optional<Duration> acquire(ApiKey key) {
        if (perSecond == 0) {
            return Optional.empty();
        }
        long now = clock.millis() * 1000;
        long step = 1_000_000 / perSecond;
        long[] wait = {0};
        nextFree.compute(HexFormat.of().formatHex(key.sha256()), (hash, before) -> {
            // further ahead than a request's interval: the clock was set back
            boolean isNew = before == null || before > now + step;
            long free = isNew ? now - SECOND : Math.max(before, now - SECOND);
            wait[0] = free - now;
            // a refused request does not count
            return wait[0] > 0 ? free : free + step;
        });
        return wait[0] > 0 ? Optional.of(Duration.ofNanos(wait[0] * 1000)) : Optional.empty();
    }
}
