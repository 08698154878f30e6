package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.NotOwnedException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up due deliveries with a number of threads. Stopped or suspended, deliveries stay due in the store, and those
 * in flight end their try.
 */
final class OutboxConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxConsumer.class);

    private final OutboxEndpoint endpoint;
    private final Outbox outbox;
    private final DeliveryTaking taking;
    private final TryRecording recording;
    private ExecutorService threads;

    /** Attempts that have begun and not ended, by the delivery's id. */
    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

    private record Attempt(Exchange exchange, DueDelivery due) {}

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
        int number = endpoint.getThreads();
        threads = endpoint.getCamelContext().getExecutorServiceManager().newFixedThreadPool(this, "deliver", number);
        for (int i = 0; i < number; i++) {
            threads.execute(() -> work(opening));
        }
    }

    /** Does not wait for tries in flight: Camel's shutdown strategy does, for as long as it is told to. */
    private void stopTaking() {
        if (threads == null) {
            return;
        }
        outbox.due().close();
        endpoint.getCamelContext().getExecutorServiceManager().shutdown(threads);
        threads = null;
    }

    private void work(long opening) {
        try {
            for (DueDeliveries.Work work = outbox.due().takeFor(opening, null);
                    work != null;
                    work = outbox.due().takeFor(opening, work)) {
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
            failed(work.delivery(), e);
        }
    }

    private void deliver(DueDelivery due) {
        try {
            Exchange exchange = createExchange(false);
            attempts.put(due.id(), new Attempt(exchange, due));
            if (taking.take(exchange, due)) {
                getAsyncProcessor().process(exchange, doneSync -> ended(exchange, due));
            } else {
                ended(exchange, due);
            }
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            failed(due.id(), e);
        }
    }

    /** Camel lets an Error of a step through: it must cost neither this thread nor the delivery. */
    private void failed(String delivery, Throwable failure) {
        Attempt attempt = attempts.get(delivery);
        if (attempt == null) {
            LOG.error("delivery {} cannot continue", delivery, failure);
            return;
        }
        attempt.exchange().setException(failure);
        ended(attempt.exchange(), attempt.due());
    }

    private void ended(Exchange exchange, DueDelivery due) {
        if (attempts.remove(due.id()) == null) {
            return;
        }
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
