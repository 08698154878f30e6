package io.engagementwebhooks.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@link Backoff} for each key that failed, until it succeeds or has been left alone for long. Thread-safe.
 *
 * @param <K> what failed, such as an endpoint
 */
public final class Backoffs<K> {

    private final Duration kept;
    private final Map<K, Backoff> all = new ConcurrentHashMap<>();
    private volatile Instant nextSweep = Instant.MIN;

    /** @param kept how long a key is remembered after its pause; the next failure then begins with the shortest pause */
    public Backoffs(Duration kept) {
        this.kept = kept;
    }

    /** The current pause of a key; empty if there is none. */
    public Optional<Backoff.Pause> pause(K key, Instant now) {
        return Optional.ofNullable(all.get(key)).flatMap(backoff -> backoff.pause(now));
    }

    /** Records a failure and returns the pause, as {@link Backoff#failed}. */
    public Backoff.Pause failed(K key, Instant now, String reason, BackoffSchedule schedule, Duration atLeast) {
        Backoff.Pause[] pause = new Backoff.Pause[1];
        all.compute(key, (any, known) -> {
            Backoff backoff = known == null ? new Backoff() : known;
            pause[0] = backoff.failed(now, reason, schedule, atLeast);
            return backoff;
        });
        sweep(now);
        return pause[0];
    }

    /** Whether a failure of a key is remembered. */
    public boolean isFailing(K key) {
        return all.containsKey(key);
    }

    /** Records a success: the key is forgotten. */
    public void succeeded(K key) {
        all.remove(key);
    }

    private void sweep(Instant now) {
        if (now.isBefore(nextSweep)) {
            return;
        }
        nextSweep = now.plus(kept);
        Instant ended = now.minus(kept);
        for (K key : all.keySet()) {
            all.computeIfPresent(key, (any, backoff) -> backoff.pause(ended).isEmpty() ? null : backoff);
        }
    }
}
