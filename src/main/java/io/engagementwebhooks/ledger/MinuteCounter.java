package io.engagementwebhooks.ledger;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts occurrences that are logged once a minute. Thread-safe. */
public final class MinuteCounter {

    private static final long EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong loggedAt = new AtomicLong(System.nanoTime() - EVERY_NANOS);

    /** Counts an occurrence. @return the number to log now; empty: a line was logged less than a minute ago */
    public OptionalInt next() {
        int all = count.incrementAndGet();
        long now = System.nanoTime();
        long before = loggedAt.get();
        if (now - before < EVERY_NANOS || !loggedAt.compareAndSet(before, now)) {
            return OptionalInt.empty();
        }
        count.addAndGet(-all);
        return OptionalInt.of(all);
    }
}
