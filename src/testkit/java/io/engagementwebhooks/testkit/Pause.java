package io.engagementwebhooks.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A pause in a simulated slow peer. For conditions, tests use {@link Patience}. */
public final class Pause {

    private Pause() {}

    /** Returns after this time, or when interrupted. */
    public static void of(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        long left = time.toNanos();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = end - System.nanoTime();
        }
    }
}
