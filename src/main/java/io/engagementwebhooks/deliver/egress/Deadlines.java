package io.engagementwebhooks.deliver.egress;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Cuts calls off when their time is over, whatever they are doing: one thread for all calls. A socket time-out would not
 * do, since it starts anew with each byte. A wheel, since nearly every call ends before its time: to begin and to end a
 * watch costs no lock, and a call is cut off at most {@value #TICK_MS} ms late. Thread-safe.
 */
final class Deadlines implements AutoCloseable {

    private static final long TICK_MS = 10;

    private final HashedWheelTimer timer =
            new HashedWheelTimer(task -> daemon(task, "egress-deadlines"), TICK_MS, TimeUnit.MILLISECONDS);
    private final Clock clock;

    Deadlines(Clock clock) {
        this.clock = clock;
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Cuts a call off at an instant unless it is closed before. */
    Watch watch(Instant end, Runnable cut) {
        return new Watch(Duration.between(clock.instant(), end), cut);
    }

    @Override
    public void close() {
        timer.stop();
    }

    /** One call's deadline. */
    final class Watch implements AutoCloseable {

        private final Runnable cut;
        private final long endNanos;
        private final Timeout timeout;
        private volatile boolean passed;

        private Watch(Duration left, Runnable cut) {
            this.cut = cut;
            long nanos = Math.max(0, left.toNanos());
            endNanos = System.nanoTime() + nanos;
            timeout = timer.newTimeout(ignored -> end(), nanos, TimeUnit.NANOSECONDS);
        }

        private void end() {
            passed = true;
            cut.run();
        }

        boolean passed() {
            return passed || leftNanos() <= 0;
        }

        long leftNanos() {
            return endNanos - System.nanoTime();
        }

        @Override
        public void close() {
            timeout.cancel();
        }
    }
}
