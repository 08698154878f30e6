package io.engagementwebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on one daemon thread, one at a time: after a delay, at an interval, or until they succeed. The thread
 * starts with the first task and ends when idle. Thread-safe.
 *
 * <p>A failing periodic task runs again. The failure is logged once, until the task succeeds or fails for another
 * reason. An OutOfMemoryError ends the process.
 */
public final class Background implements Executor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Background.class);
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final long IDLE_SECONDS = 30;

    private final String name;
    private final ScheduledThreadPoolExecutor thread;

    /**
     * Marks an exception that a retry may resolve, such as a database outage. Its message is logged without a stack
     * trace.
     */
    public interface Transient {}

    /** A periodic task, until closed. */
    public interface Periodic extends AutoCloseable {

        /** Cancels the task; a current run completes. */
        @Override
        void close();
    }

    /** @param name the thread's name */
    public Background(String name) {
        this.name = name;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRemoveOnCancelPolicy(true);
        thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** Runs a task periodically, first after the interval. */
    public Periodic every(Duration interval, Runnable task) {
        return every(interval, interval, task);
    }

    /**
     * Runs a task periodically.
     *
     * @param first delay of the first run
     * @param interval time from the end of a run to the next one
     * @throws RejectedExecutionException if this is closed
     */
    public Periodic every(Duration first, Duration interval, Runnable task) {
        Future<?> running = thread.scheduleWithFixedDelay(
                new Task(task, false), first.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        return () -> running.cancel(false);
    }

    /** Runs a task once, after a delay. @return false: closed; the task does not run */
    public boolean after(Duration delay, Runnable task) {
        return schedule(delay, new Task(task, false));
    }

    /** Runs a task now, and again a second after each {@link Transient} failure. Does nothing if closed. */
    public void retrying(Runnable task) {
        schedule(Duration.ZERO, new Task(task, true));
    }

    private boolean schedule(Duration delay, Task task) {
        try {
            thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Runs a task once. @throws RejectedExecutionException if this is closed */
    @Override
    public void execute(Runnable task) {
        thread.execute(new Task(task, false));
    }

    /** Whether {@link #stop} or {@link #close} was called. */
    public boolean isClosed() {
        return thread.isShutdown();
    }

    /** Runs due tasks, then ends. Returns at once. */
    public void stop() {
        thread.shutdown();
    }

    /** Interrupts the running task and drops all others. Returns at once. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Waits for the running task to end, after {@link #stop} or {@link #close}. @return false: it is still running */
    public boolean awaitEnd(Duration most) {
        try {
            return thread.awaitTermination(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private final class Task implements Runnable {

        private final Runnable task;
        private final boolean isRetried;
        private String failure;

        Task(Runnable task, boolean isRetried) {
            this.task = task;
            this.isRetried = isRetried;
        }

        @Override
        public void run() {
            try {
                task.run();
                failure = null;
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                Throwable cause = Causes.unwrapped(e);
                log(e, cause);
                if (isRetried && cause instanceof Transient) {
                    schedule(BACKOFF, this);
                }
            }
        }

        private void log(Throwable thrown, Throwable cause) {
            String reason = cause.getClass().getName() + (cause instanceof Transient ? cause.getMessage() : "");
            if (isClosed() || reason.equals(failure)) {
                LOG.debug("background.failed thread={}", name, thrown);
            } else if (cause instanceof Transient) {
                LOG.warn("background.postponed thread={} reason=\"{}\"", name, cause.getMessage());
            } else {
                LOG.error("background.failed thread={}", name, thrown);
            }
            failure = reason;
        }
    }
}
