package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.Background;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Reads what other instances have stored, such as definitions and revoked sessions, at an interval and when notified. It
 * has its own thread, which other work of the cluster cannot delay. Thread-safe.
 */
final class StoreFollower implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final long CURRENT = Duration.ofSeconds(2).toNanos();

    private final Background thread = new Background("store-follower");
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private final LongSupplier nanoTime;
    private volatile Runnable reading = () -> {};
    private volatile long readAt;

    /** Create it before the store is first read. @param nanoTime such as {@link System#nanoTime} */
    StoreFollower(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.readAt = nanoTime.getAsLong();
    }

    /** @param reads applies what has changed since the last time; throws if the store cannot be read */
    void start(Runnable reads) {
        reading = reads;
        thread.every(Duration.ZERO, INTERVAL, this::read);
    }

    /** Another instance has changed something. */
    void changed() {
        if (isScheduled.compareAndSet(false, true)) {
            thread.after(Duration.ZERO, this::read);
        }
    }

    private void read() {
        isScheduled.set(false);
        long begin = nanoTime.getAsLong();
        reading.run();
        readAt = begin;
    }

    /** Whether a successful reading began within the last 2 s: it has all changes that are older. */
    boolean isCurrent() {
        return nanoTime.getAsLong() - readAt <= CURRENT;
    }

    @Override
    public void close() {
        thread.close();
    }
}
