package io.engagementwebhooks.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The time that passes between two deeds of one who plays a slow part. What a test waits for it awaits, by {@link Patience}. */
public final class Pause {

    private Pause() {}

    /** Returns when so much time has passed, or the thread is interrupted. */
    public static void of(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        long left = time.toNanos();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = end - System.nanoTime();
        }
    }
}
