package io.engagementwebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks on one daemon thread, one after the other: after a delay, at an interval, or until they succeed. The thread starts
 * with the first task and ends after a while without any. Thread-safe.
 *
 * <p>A task that fails ends nothing: those that repeat run again. The failure is logged once, until the task succeeds or fails
 * for another reason. An OutOfMemoryError ends the process.
 */
public final class Background implements Executor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Background.class);
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final long IDLE_SECONDS = 30;

    private final String name;
    private final ScheduledThreadPoolExecutor thread;

    /** Marks an exception that passes by itself, such as that of a database outage: its message is logged, not its trace. */
    public interface Transient {}

    /** A task that runs at an interval, until it is closed. */
    public interface Periodic extends AutoCloseable {

        /** Runs the task no more; a run that has begun ends by itself. */
        @Override
        void close();
    }

    /** @param name of the thread */
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

    /** As {@link #every(Duration, Duration, Runnable)}, the first time after the interval. */
    public Periodic every(Duration interval, Runnable task) {
        return every(interval, interval, task);
    }

    /**
     * Runs a task again and again.
     *
     * @param first delay of the first run
     * @param interval from the end of a run to the next one
     * @throws RejectedExecutionException if this is closed
     */
    public Periodic every(Duration first, Duration interval, Runnable task) {
        Future<?> running = thread.scheduleWithFixedDelay(
                new Task(task, false), first.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        return () -> running.cancel(false);
    }

    /** Runs a task once, after a delay. @return false: this is closed, and it does not run */
    public boolean after(Duration delay, Runnable task) {
        return schedule(delay, new Task(task, false));
    }

    /** Runs a task now, and a second after each {@link Transient} failure until it succeeds; not at all if this is closed. */
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

    /** Whether no task begins any more. */
    public boolean isClosed() {
        return thread.isShutdown();
    }

    /** Ends after running and due tasks; no other task begins. Returns at once. */
    public void stop() {
        thread.shutdown();
    }

    /** Interrupts the running task; no other begins. Returns at once. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Waits for the running task to end, after a close. @return false: it still runs */
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
                Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
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
