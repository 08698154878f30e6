package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Suspends route steps without a thread, until a token request ends. The memory of waiting events
 * counts for their account. Thread-safe.
 */
public final class StepWait {

    /**
     * The step after a successful wait.
     *
     * @param <T> what was waited for
     */
    @FunctionalInterface
    public interface Next<T> {

        /** @param waited the duration of the wait, without the time for a thread after it; zero if there was no wait */
        void process(Exchange exchange, T value, Duration waited) throws Exception;
    }

    /**
     * The step after a wait, also a failed one.
     *
     * @param <T> what was waited for
     */
    @FunctionalInterface
    public interface Outcome<T> {

        /** @param failure the failure, or null */
        void process(Exchange exchange, T value, Throwable failure, Duration waited) throws Exception;
    }

    /** For routes without the outbox: continues on the thread that completes the wait. */
    public static final StepWait NONE =
            new StepWait(new Ledger(Integer.MAX_VALUE), (exchange, rest) -> rest.run(), Clock.systemUTC());

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);

    /** Approximate memory of an exchange without its event. */
    private static final int BYTES_OF_EXCHANGE = 4096;

    private final Ledger ledger;
    private final Resuming resuming;
    private final Clock clock;

    /**
     * @param ledger for the memory of waiting exchanges
     * @param resuming continues the exchanges
     * @param clock for the retry time
     */
    public StepWait(Ledger ledger, Resuming resuming, Clock clock) {
        this.ledger = ledger;
        this.resuming = resuming;
        this.clock = clock;
    }

    /**
     * Runs a step once a value is there. If the wait fails or times out, the exchange gets the exception and the step
     * does not run.
     *
     * @param longest how long it may take
     * @param late the exception of a time-out
     * @return as {@link org.apache.camel.AsyncProcessor#process} does
     */
    public <T> boolean until(
            CompletableFuture<T> ready,
            Duration longest,
            Supplier<NothingSentException> late,
            Next<T> step,
            Exchange exchange,
            AsyncCallback callback) {
        Outcome<T> outcome = (waiting, value, failure, waited) -> {
            if (failure == null) {
                step.process(waiting, value, waited);
            } else {
                waiting.setException(failure);
            }
        };
        return whenDone(ready, longest, late, outcome, exchange, callback);
    }

    /** As {@link #until}, for a step that also runs after a failure. */
    public <T> boolean whenDone(
            CompletableFuture<T> ready,
            Duration longest,
            Supplier<NothingSentException> late,
            Outcome<T> step,
            Exchange exchange,
            AsyncCallback callback) {
        if (ready.isDone()) {
            ready.whenComplete((value, failure) -> run(step, exchange, value, failure, Duration.ZERO));
            callback.done(true);
            return true;
        }
        Reservation memory;
        try {
            memory = reserve(ledger, DeliveryContext.delivery(exchange));
        } catch (BudgetExceededException e) {
            NothingSentException noMemory = new NothingSentException(
                    "Not sent: " + e.getMessage(), clock.instant().plus(MEMORY_RETRY));
            run(step, exchange, null, noMemory, Duration.ZERO);
            callback.done(true);
            return true;
        }
        Instant start = clock.instant();
        ready.copy().orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS).whenComplete((value, failure) -> {
            Duration waited = Duration.between(start, clock.instant());
            resuming.resume(exchange, () -> {
                memory.close();
                run(step, exchange, value, failure instanceof TimeoutException ? late.get() : failure, waited);
                callback.done(false);
            });
        });
        return false;
    }

    /**
     * Reserves the memory of a waiting delivery.
     *
     * @throws BudgetExceededException if its account has no memory left
     */
    static Reservation reserve(Ledger ledger, Delivery delivery) {
        return ledger.of(delivery.webhook().account()).reserve(delivery.event().document().length + BYTES_OF_EXCHANGE);
    }

    private static <T> void run(Outcome<T> step, Exchange exchange, T value, Throwable failure, Duration waited) {
        try {
            step.process(exchange, value, Causes.unwrapped(failure), waited);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }
}
