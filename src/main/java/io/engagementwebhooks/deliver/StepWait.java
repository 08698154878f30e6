package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
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
        void process(T value, Throwable failure, Duration waited) throws Exception;
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
        CompletableFuture<T> ready = begin.get();
        if (ready.isDone()) {
            ready.whenComplete((value, failure) -> run(step, exchange, value, failure, since(start)));
            return true;
        }
        ready.copy().orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS).whenComplete((value, failure) -> {
            Duration waited = since(start);
            resuming.resume(exchange, () -> {
                run(step, exchange, value, failure instanceof TimeoutException ? late.get() : failure, waited);
                callback.done(false);
            });
        });
        return false;
    }

    private Duration since(Instant start) {
        return Duration.between(start, clock.instant());
    }

    private static <T> void run(Next<T> step, Exchange exchange, T value, Throwable failure, Duration waited) {
        try {
            step.process(value, Causes.unwrapped(failure), waited);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }
}
