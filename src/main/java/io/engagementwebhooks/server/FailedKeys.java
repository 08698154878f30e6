package io.engagementwebhooks.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Slows down who guesses keys: an address that presented many unknown ones within a minute is told to wait. Only unknown
 * keys are counted and answered so; a valid key from the same address passes. Thread-safe.
 */
public final class FailedKeys {

    private static final int ALLOWED = 20;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int ADDRESSES = 10_000;

    private final Clock clock;
    private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > ADDRESSES;
        }
    };

    private record Count(Instant since, int failures) {}

    public FailedKeys(Clock clock) {
        this.clock = clock;
    }

    /**
     * Notes an unknown key.
     *
     * @param address where it came from
     * @return how long that address is to wait, or empty: it may try again
     */
    public synchronized Optional<Duration> failed(String address) {
        Instant now = clock.instant();
        Count before = counts.get(address);
        boolean begins = before == null || !now.isBefore(before.since().plus(WINDOW));
        Count count = begins ? new Count(now, 1) : new Count(before.since(), before.failures() + 1);
        counts.put(address, count);
        return count.failures() <= ALLOWED
                ? Optional.empty()
                : Optional.of(Duration.between(now, count.since().plus(WINDOW)));
    }
}
