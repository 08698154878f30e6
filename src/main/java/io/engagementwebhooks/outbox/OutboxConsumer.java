package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.FencedException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes due deliveries on delivery threads. While stopped or suspended, deliveries stay due in the store, and those
 * in flight complete.
 */
final class OutboxConsumer extends DefaultConsumer implements Suspendable, ShutdownAware {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxConsumer.class);

    private final OutboxEndpoint endpoint;
    private final Outbox outbox;
    private final DeliveryLoader loader;
    private final AttemptRecording records;
    private ExecutorService threads;

    /** Attempts in flight, by delivery id. */
    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

    /** Attempts that have ended and are not recorded yet. */
    private final LongAdder unrecorded = new LongAdder();

    private record Attempt(Exchange exchange, DueDelivery due, AtomicBoolean hasEnded) {

        Attempt(Exchange exchange, DueDelivery due) {
            this(exchange, due, new AtomicBoolean());
        }
    }

    OutboxConsumer(OutboxEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.outbox = endpoint.getComponent().getOutbox();
        this.loader = endpoint.getComponent().getDeliveryLoader();
        this.records = endpoint.getComponent().getAttemptRecording();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        startThreads();
    }

    @Override
    protected void doResume() {
        startThreads();
    }

    @Override
    protected void doSuspend() {
        stopThreads();
    }

    @Override
    protected void doStop() throws Exception {
        stopThreads();
        super.doStop();
    }

    private void startThreads() {
        long opening = outbox.open();
        int number = endpoint.getThreads();
        threads = endpoint.getCamelContext().getExecutorServiceManager().newFixedThreadPool(this, "deliver", number);
        for (int i = 0; i < number; i++) {
            threads.execute(() -> work(opening));
        }
    }

    /** Does not wait for attempts in flight: Camel's shutdown strategy does, up to its timeout. */
    private void stopThreads() {
        if (threads == null) {
            return;
        }
        outbox.stop();
        endpoint.getCamelContext().getExecutorServiceManager().shutdown(threads);
        threads = null;
    }

    @Override
    public boolean deferShutdown(ShutdownRunningTask shutdownRunningTask) {
        return false;
    }

    /** A shutdown also waits for attempts to be recorded. */
    @Override
    public int getPendingExchangesSize() {
        return unrecorded.intValue();
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        // nothing to do: a suspended consumer acquires no deliveries
    }

    private void work(long opening) {
        try {
            for (Work work = outbox.take(opening, null); work != null; work = outbox.take(opening, work)) {
                work(work);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(Work work) {
        if (work.due() != null) {
            deliver(work.due());
            return;
        }
        try {
            work.rest().run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(work.delivery(), e);
        }
    }

    private void deliver(DueDelivery due) {
        try {
            Exchange exchange = createExchange(false);
            Attempt attempt = new Attempt(exchange, due);
            attempts.put(due.id(), attempt);
            if (loader.load(exchange, due)) {
                getAsyncProcessor().process(exchange, doneSync -> ended(attempt));
            } else {
                ended(attempt);
            }
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(due.id(), e);
        }
    }

    /** Ends an attempt after an Error of a step, which Camel does not catch. */
    private void failed(String delivery, Throwable failure) {
        Attempt attempt = attempts.get(delivery);
        if (attempt == null) {
            LOG.error("delivery.not-continued delivery={}", delivery, failure);
            return;
        }
        attempt.exchange().setException(failure);
        ended(attempt);
    }

    /** Ends an attempt once. Steps of its route may still run after it is recorded and the next attempt has begun. */
    private void ended(Attempt attempt) {
        if (!attempt.hasEnded().compareAndSet(false, true)) {
            return;
        }
        Exchange exchange = attempt.exchange();
        DueDelivery due = attempt.due();
        attempts.remove(due.id(), attempt);
        FatalErrors.check(exchange.getException());
        CompletionStage<?> recorded = record(exchange, due);
        // recording does not need the exchange
        releaseExchange(exchange, false);
        unrecorded.increment();
        recorded.whenComplete((result, failure) -> {
            unrecorded.decrement();
            if (failure != null) {
                notRecorded(due, failure);
            }
        });
    }

    private void notRecorded(DueDelivery due, Throwable failure) {
        if (isFenced(failure)) {
            LOG.info(
                    "delivery.fenced delivery={}: another instance sends it; the outcome here is not" + " recorded",
                    due.id());
            outbox.fenced(due.id());
        } else {
            LOG.error("delivery.not-recorded delivery={}: it is sent again after a restart", due.id(), failure);
            outbox.abandoned(due.id());
        }
    }

    private static boolean isFenced(Throwable failure) {
        return failure instanceof FencedException || failure.getCause() instanceof FencedException;
    }

    private CompletionStage<?> record(Exchange exchange, DueDelivery due) {
        try {
            return records.ended(exchange, due);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
