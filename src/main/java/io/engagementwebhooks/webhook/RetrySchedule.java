package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The delays between attempts: entry k follows failed attempt k, so n entries make n+1 attempts. Immutable.
 *
 * @param name its name in the configuration: {@code standard}, {@code every-30-min-for-7-days}, or the list itself
 * @param gaps each positive
 */
public record RetrySchedule(String name, List<Duration> gaps) {

    /** The schedule that the Standard Webhooks specification advises: 10 attempts over 75 h 35 min. */
    public static final RetrySchedule STANDARD = new RetrySchedule(
            "standard",
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(30),
                    Duration.ofHours(2),
                    Duration.ofHours(5),
                    Duration.ofHours(10),
                    Duration.ofHours(14),
                    Duration.ofHours(20),
                    Duration.ofHours(24)));

    /** Every 30 minutes for a week: 337 attempts. */
    public static final RetrySchedule EVERY_30_MIN_FOR_7_DAYS =
            new RetrySchedule("every-30-min-for-7-days", Collections.nCopies(336, Duration.ofMinutes(30)));

    /** The schedules that a configuration can name. */
    public static final List<RetrySchedule> PRESETS = List.of(STANDARD, EVERY_30_MIN_FOR_7_DAYS);

    /** The most that a delay is extended, so that deliveries which failed together are not retried together. */
    public static final double JITTER = 0.10;

    public RetrySchedule {
        Objects.requireNonNull(name);
        gaps = List.copyOf(gaps);
    }

    /**
     * The delay after a failed attempt; empty after the last one.
     *
     * @param failedAttempt its number, from 1
     * @param random from 0 to 1; extends the delay by up to {@value #JITTER}
     */
    public Optional<Duration> gapAfter(int failedAttempt, double random) {
        if (failedAttempt > gaps.size()) {
            return Optional.empty();
        }
        Duration gap = gaps.get(failedAttempt - 1);
        return Optional.of(gap.plusMillis((long) (gap.toMillis() * JITTER * random)));
    }

    /** The most attempts. */
    public int attempts() {
        return gaps.size() + 1;
    }

    /** From the first attempt to the last, without jitter and the durations of attempts. */
    public Duration span() {
        return gaps.stream().reduce(Duration.ZERO, Duration::plus);
    }
}
