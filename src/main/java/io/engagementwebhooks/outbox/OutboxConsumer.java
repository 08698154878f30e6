package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.NotOwnedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up due deliveries with a number of workers. Stopped or suspended, deliveries stay due in the store, and those
 * in flight end their try.
 */
final class OutboxConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxConsumer.class);

    private static final long LOOK_MS = 250;

    /** What is in flight for longer holds a worker up, for whom another stands in. */
    private static final Duration LONG_IN_FLIGHT = Duration.ofSeconds(1);

    private final OutboxEndpoint endpoint;
    private final Outbox outbox;
    private final DeliveryTaking taking;
    private final TryRecording recording;
    private ExecutorService workers;
    private ScheduledExecutorService watch;

    OutboxConsumer(OutboxEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.outbox = endpoint.getComponent().getOutbox();
        this.taking = endpoint.getComponent().getDeliveryTaking();
        this.recording = endpoint.getComponent().getTryRecording();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        startTaking();
    }

    @Override
    protected void doResume() {
        startTaking();
    }

    @Override
    protected void doSuspend() {
        stopTaking();
    }

    @Override
    protected void doStop() throws Exception {
        stopTaking();
        super.doStop();
    }

    private void startTaking() {
        long opening = outbox.due().open();
        ExecutorServiceManager threads = endpoint.getCamelContext().getExecutorServiceManager();
        workers = threads.newCachedThreadPool(this, "deliver");
        Crew crew = new Crew(endpoint.getWorkers(), workers, stays -> work(opening, stays));
        crew.standInFor(0);
        watch = threads.newSingleThreadScheduledExecutor(this, "deliver-watch");
        watch.scheduleWithFixedDelay(FatalErrors.watched(() -> look(crew)), LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    private void look(Crew crew) {
        crew.standInFor(outbox.due().inFlightFor(LONG_IN_FLIGHT.toNanos()));
    }

    /** Does not wait for tries in flight: Camel's shutdown strategy does, for as long as it is told to. */
    private void stopTaking() {
        if (workers == null) {
            return;
        }
        outbox.due().close();
        endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(watch);
        endpoint.getCamelContext().getExecutorServiceManager().shutdown(workers);
        workers = null;
    }

    private void work(long opening, BooleanSupplier stays) {
        try {
            for (DueDeliveries.Work work = outbox.due().takeFor(opening);
                    work != null;
                    work = stays.getAsBoolean() ? outbox.due().takeFor(opening) : null) {
                work(work);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(DueDeliveries.Work work) {
        if (work.due() != null) {
            deliver(work.due());
            return;
        }
        try {
            work.rest().run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("a delivery that waited cannot go on", e);
        }
    }

    private void deliver(DueDelivery due) {
        Exchange exchange = createExchange(false);
        try {
            if (taking.take(exchange, due)) {
                getAsyncProcessor().process(exchange, doneSync -> ended(exchange, due));
                return;
            }
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            // Camel lets an Error of a step through: it must cost neither this worker nor the delivery
            exchange.setException(e);
        }
        ended(exchange, due);
    }

    private void ended(Exchange exchange, DueDelivery due) {
        FatalErrors.check(exchange.getException());
        recorded(exchange, due).whenComplete((ended, failure) -> {
            if (failure == null) {
                outbox.finished(due.id(), ended);
            } else if (isOthers(failure)) {
                LOG.info(
                        "delivery {} is another instance's now, which sends it: what came of it here is not recorded",
                        due.id());
                outbox.due().notOurs(due.id());
            } else {
                LOG.error(
                        "delivery {} could not be recorded; it is sent again after the next start", due.id(), failure);
                outbox.due().lost(due.id());
            }
            releaseExchange(exchange, false);
        });
    }

    private static boolean isOthers(Throwable failure) {
        return failure instanceof NotOwnedException || failure.getCause() instanceof NotOwnedException;
    }

    private CompletionStage<TryRecording.Ended> recorded(Exchange exchange, DueDelivery due) {
        try {
            return recording.ended(exchange, due);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
