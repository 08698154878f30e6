package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.FencedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
 * Processes due deliveries on the threads of their accounts. While stopped or suspended, deliveries stay due in the
 * store, and those in flight complete.
 */
final class OutboxConsumer extends DefaultConsumer implements Suspendable, ShutdownAware {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxConsumer.class);

    private final Outbox outbox;
    private final DeliveryLoader loader;
    private final AttemptRecording records;
    /** Attempts that have ended and are not recorded yet. */
    private final LongAdder unrecorded = new LongAdder();

    private record Attempt(Exchange exchange, DueDelivery due, AtomicBoolean hasEnded) {

        Attempt(Exchange exchange, DueDelivery due) {
            this(exchange, due, new AtomicBoolean());
        }
    }

    OutboxConsumer(OutboxEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.outbox = endpoint.getComponent().getOutbox();
        this.loader = endpoint.getComponent().getDeliveryLoader();
        this.records = endpoint.getComponent().getAttemptRecording();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        outbox.open(this::begin);
    }

    @Override
    protected void doResume() {
        outbox.open(this::begin);
    }

    @Override
    protected void doSuspend() {
        outbox.stop();
    }

    @Override
    protected void doStop() throws Exception {
        outbox.stop();
        super.doStop();
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

    private void begin(DueDelivery due) {
        Attempt attempt = new Attempt(createExchange(false), due);
        outbox.begun(due.id(), failure -> {
            attempt.exchange().setException(failure);
            ended(attempt);
        });
        outbox.resume(due.id(), () -> {
            if (loader.load(attempt.exchange(), due)) {
                getAsyncProcessor().process(attempt.exchange(), doneSync -> ended(attempt));
            } else {
                ended(attempt);
            }
        });
    }

    /** Ends an attempt once. Steps of its route may still run after it is recorded and the next attempt has begun. */
    private void ended(Attempt attempt) {
        if (!attempt.hasEnded().compareAndSet(false, true)) {
            return;
        }
        Exchange exchange = attempt.exchange();
        DueDelivery due = attempt.due();
        outbox.ended(due.id());
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
                    "delivery.fenced delivery={}: another instance sends it, or it has changed since it was taken; the outcome"
                            + " here is not recorded",
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
