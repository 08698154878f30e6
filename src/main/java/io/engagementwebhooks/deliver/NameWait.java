package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.outbox.Parking;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/**
 * Lets the steps of a route wait for the address of a host without a thread. What waits holds its event in memory, which is
 * the account's. Thread-safe.
 */
public final class NameWait {

    /** What comes after the wait. */
    @FunctionalInterface
    public interface Next {

        /** @param waited how long the lookup took, without what our threads took after it; zero: there was none */
        void process(Exchange exchange, Duration waited) throws Exception;
    }

    /** For steps that need not wait. */
    public static final NameWait NONE =
            new NameWait((account, url) -> CompletableFuture.completedFuture(null), null, null, null, null);

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);
    private static final Duration NAME_RETRY = Duration.ofSeconds(5);

    /** What an exchange takes beside its event, about. */
    private static final int BYTES_OF_EXCHANGE = 4096;

    private final ReceiverNames names;
    private final Ledger ledger;
    private final Parking parking;
    private final FairExecutor threads;
    private final Clock clock;

    /**
     * @param names looks names up
     * @param ledger where the memory of what waits is reserved
     * @param parking continues a delivery that has waited, in its turn
     * @param threads run what has no turn there, such as tests of webhooks
     * @param clock when to try again
     */
    public NameWait(ReceiverNames names, Ledger ledger, Parking parking, FairExecutor threads, Clock clock) {
        this.names = names;
        this.ledger = ledger;
        this.parking = parking;
        this.threads = threads;
        this.clock = clock;
    }

    /**
     * Runs a step when the address is known, or it is known that there is none now. Where it takes too long the exchange
     * ends with a {@link NothingSentException} instead.
     *
     * @param longest how long it may take
     * @return as {@link org.apache.camel.AsyncProcessor#process} does
     */
    public boolean before(Next step, URI url, Duration longest, Exchange exchange, AsyncCallback callback) {
        Delivery delivery = Progress.delivery(exchange);
        String account = delivery.webhook().account();
        CompletableFuture<Void> ready = names.ready(account, url);
        if (ready.isDone()) {
            run(step, exchange, Duration.ZERO);
            callback.done(true);
            return true;
        }
        Reservation memory;
        try {
            memory = ledger.of(account).reserve(delivery.event().document().length + BYTES_OF_EXCHANGE);
        } catch (BudgetExceededException e) {
            exchange.setException(new NothingSentException(
                    "Not sent: " + e.getMessage(), clock.instant().plus(MEMORY_RETRY)));
            callback.done(true);
            return true;
        }
        parking.park(delivery.id());
        Instant start = clock.instant();
        ready.copy().orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS).whenComplete((known, failure) -> {
            Duration waited = Duration.between(start, clock.instant());
            later(delivery, () -> {
                memory.close();
                if (failure == null) {
                    run(step, exchange, waited);
                } else {
                    exchange.setException(notInTime(url));
                }
                callback.done(false);
            });
        });
        return false;
    }

    private NothingSentException notInTime(URI url) {
        String host = url.getHost() == null ? url.getRawAuthority() : url.getHost();
        return new NothingSentException(
                "Not sent: the host name " + host + " was not resolved in time",
                clock.instant().plus(NAME_RETRY));
    }

    /** Where the threads are gone, on the thread that says so, for nothing may be lost. */
    private void later(Delivery delivery, Runnable next) {
        if (parking.goOn(delivery.id(), next)) {
            return;
        }
        try {
            threads.execute(delivery.webhook().account(), next);
        } catch (RejectedExecutionException e) {
            next.run();
        }
    }

    private static void run(Next step, Exchange exchange, Duration waited) {
        try {
            step.process(exchange, waited);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
        }
    }
}
