package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Suspends route steps without a thread, for a host lookup or a token. The account pays for the memory of waiting
 * events. Thread-safe.
 */
public final class StepWait {

    /**
     * What comes after the wait.
     *
     * @param <T> what was waited for
     */
    @FunctionalInterface
    public interface Next<T> {

        /** @param waited how long it took, without what our threads took after it; zero: there was none */
        void process(Exchange exchange, T value, Duration waited) throws Exception;
    }

    /**
     * What comes after the wait, whatever it was.
     *
     * @param <T> what was waited for
     */
    @FunctionalInterface
    public interface Outcome<T> {

        /** @param failure why there is no value, or null */
        void process(Exchange exchange, T value, Throwable failure, Duration waited) throws Exception;
    }

    /** For routes without the outbox: a step continues on the thread of the result. */
    public static final StepWait NONE = new StepWait(
            (account, url) -> CompletableFuture.completedFuture(null),
            new Ledger(Integer.MAX_VALUE),
            (delivery, rest) -> rest.run(),
            Clock.systemUTC());

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);
    private static final Duration NAME_RETRY = Duration.ofSeconds(5);

    /** What an exchange takes beside its event, about. */
    private static final int BYTES_OF_EXCHANGE = 4096;

    private final ReceiverNames names;
    private final Ledger ledger;
    private final Resuming resuming;
    private final Clock clock;

    /**
     * @param names looks names up
     * @param ledger for the memory of waiting exchanges
     * @param resuming continues what has waited
     * @param clock when to try again
     */
    public StepWait(ReceiverNames names, Ledger ledger, Resuming resuming, Clock clock) {
        this.names = names;
        this.ledger = ledger;
        this.resuming = resuming;
        this.clock = clock;
    }

    /**
     * Runs a step when the address of a host is known, or it is known that there is none now.
     *
     * @param longest how long it may take
     * @return as {@link org.apache.camel.AsyncProcessor#process} does
     */
    public boolean forName(URI url, Duration longest, Next<Void> step, Exchange exchange, AsyncCallback callback) {
        String account = DeliveryContext.delivery(exchange).webhook().account();
        return until(names.ready(account, url), longest, () -> notInTime(url), step, exchange, callback);
    }

    /**
     * Runs a step when something is there. Where it fails the exchange ends with its failure, where it takes too long with another,
     * and the step does not run.
     *
     * @param longest how long it may take
     * @param late why nothing is sent then
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

    /** As {@link #until}, of a step that runs also where there is nothing, and has the failure. */
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
        Delivery delivery = DeliveryContext.delivery(exchange);
        Reservation memory;
        try {
            memory = reserve(ledger, delivery);
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
            resuming.resume(delivery, () -> {
                memory.close();
                run(step, exchange, value, failure instanceof TimeoutException ? late.get() : failure, waited);
                callback.done(false);
            });
        });
        return false;
    }

    /** The memory of a delivery that waits. @throws BudgetExceededException if its account has no more at the moment */
    static Reservation reserve(Ledger ledger, Delivery delivery) {
        return ledger.of(delivery.webhook().account()).reserve(delivery.event().document().length + BYTES_OF_EXCHANGE);
    }

    private NothingSentException notInTime(URI url) {
        String host = url.getHost() == null ? url.getRawAuthority() : url.getHost();
        return new NothingSentException(
                "Not sent: the host name " + host + " was not resolved in time",
                clock.instant().plus(NAME_RETRY));
    }

    private static <T> void run(Outcome<T> step, Exchange exchange, T value, Throwable failure, Duration waited) {
        try {
            boolean isWrapped = failure instanceof CompletionException && failure.getCause() != null;
            step.process(exchange, value, isWrapped ? failure.getCause() : failure, waited);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }
}
