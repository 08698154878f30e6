package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.ledger.Causes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/** Suspends route steps without a thread, until a token request ends. Thread-safe. */
public final class StepWait {

    /**
     * The step after a wait.
     *
     * @param <T> what was waited for
     */
    @FunctionalInterface
    public interface Next<T> {

        /**
         * @param value null after a failure
         * @param failure the failure, or null
         * @param waited the duration of the wait, without the time for a thread after it
         */
        void process(T value, Throwable failure, Duration waited);
    }

    private final Resuming resuming;
    private final Clock clock;

    /**
     * @param resuming continues the exchanges
     * @param clock measures the wait
     */
    public StepWait(Resuming resuming, Clock clock) {
        this.resuming = resuming;
        this.clock = clock;
    }

    /**
     * Runs a step once a value is there, or has failed.
     *
     * @param begin begins the wait
     * @param longest how long it may take
     * @param late the failure of a time-out
     * @return whether the step has ended; otherwise it calls back
     */
    public <T> boolean whenDone(
            Supplier<CompletableFuture<T>> begin,
            Duration longest,
            Supplier<NothingSentException> late,
            Next<T> step,
            Exchange exchange,
            AsyncCallback callback) {
        Instant start = clock.instant();
        CompletableFuture<Runnable> next = begin.get()
                .copy()
                .orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS)
                .handle((value, failure) -> {
                    Duration waited = Duration.between(start, clock.instant());
                    Throwable why = failure instanceof TimeoutException ? late.get() : Causes.unwrapped(failure);
                    return () -> step.process(value, why, waited);
                });
        return resuming.whenDone(next, (rest, never) -> rest.run(), exchange, callback);
    }
}
