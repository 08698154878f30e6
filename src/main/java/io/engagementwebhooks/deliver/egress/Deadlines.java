package io.engagementwebhooks.deliver.egress;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Cuts calls off when their time is over, whatever they are doing: one thread for all calls. A socket time-out would not
 * do, since it starts anew with each byte. Thread-safe.
 */
final class Deadlines implements AutoCloseable {

    private final ScheduledThreadPoolExecutor timer;
    private final Clock clock;

    Deadlines(Clock clock) {
        this.clock = clock;
        timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "egress-deadlines"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
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
        timer.shutdownNow();
    }

    /** One call's deadline. */
    final class Watch implements AutoCloseable {

        private final Runnable cut;
        private final long endNanos;
        private final ScheduledFuture<?> scheduled;
        private volatile boolean passed;

        private Watch(Duration left, Runnable cut) {
            this.cut = cut;
            long nanos = Math.max(0, left.toNanos());
            endNanos = System.nanoTime() + nanos;
            scheduled = timer.schedule(this::end, nanos, TimeUnit.NANOSECONDS);
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
            scheduled.cancel(false);
        }
    }
}
