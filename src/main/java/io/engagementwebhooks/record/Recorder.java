package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.AttemptTracing.Ending;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.step.RecordLock;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.MinuteCounter;
import io.engagementwebhooks.outbox.AttemptRecording;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.FencedException;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the outcomes of attempts. A failed write is retried until it succeeds: the delivery stays in flight, so that
 * a failure of the store does not send it twice. Thread-safe.
 */
public final class Recorder implements AttemptRecording, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    private static final String STOPPED = "this installation was stopped before the attempt had ended";
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration INTERNAL_FAULT_RETRY = Duration.ofMinutes(1);

    private final Store store;
    private final Clock clock;
    private final NextStep nextStep;
    private final Breaker breaker;
    private final AttemptLog attempts;
    private final AttemptTracing tracing;
    private final FailureJudging failures;
    private final Background retries = new Background("record-retry");
    private final MinuteCounter notStored = new MinuteCounter();

    /**
     * @param random from 0 to 1, for the jitter of retries
     * @param breaker the default for disabling failing webhooks
     * @param attempts the log and the metrics of attempts
     * @param tracing ends the spans of attempts
     * @param failures judges attempts that failed outside of the step that judges failures
     */
    public Recorder(
            Store store,
            Clock clock,
            DoubleSupplier random,
            Breaker breaker,
            AttemptLog attempts,
            AttemptTracing tracing,
            FailureJudging failures) {
        this.failures = failures;
        this.tracing = tracing;
        this.store = store;
        this.clock = clock;
        this.nextStep = new NextStep(random);
        this.breaker = breaker;
        this.attempts = attempts;
    }

    /**
     * Records the outcome on the exchange, or its absence, and keeps the stage in the context. Never throws: a failure
     * fails the stage, which is not kept, so that the end of the exchange records again.
     *
     * @return the recorded result, after the commit
     */
    CompletionStage<AttemptResult> record(Exchange exchange) {
        try {
            if (DeliveryContext.outcome(exchange) == null) {
                DeliveryContext.end(exchange, missingOutcome(exchange));
            }
            CompletionStage<AttemptResult> stage = recordOutcome(exchange);
            DeliveryContext.of(exchange).recorded(stage);
            return stage;
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<AttemptResult> recordOutcome(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        Outcome outcome = DeliveryContext.outcome(exchange);
        Instant end = clock.instant();
        ShownAttempt shown = ShownAttempt.of(context);
        RecordLock lock = context.recordLock();
        AttemptResult result =
                nextStep.after(delivery, outcome, shown, end).withDisableAfter(breaksAfter(delivery.webhook()));
        if (lock != null && outcome instanceof Outcome.Delivered) {
            result = result.withWritten(lock.written());
        }
        if (outcome instanceof Outcome.TryLater later && later.slowDown()) {
            result = result.withSlowDown();
        }
        Report report = report(exchange, delivery, result, shown.ms(), end);
        // released after the commit: the next delivery to the same record reads this result
        return writeAndReport(result, report).whenComplete((written, failure) -> context.releaseRecordLock());
    }

    private CompletionStage<AttemptResult> writeAndReport(AttemptResult result, Report report) {
        return write(result).thenApply(done -> {
            report.send();
            return done.disableReason() == null ? result : result.withDisableReason(done.disableReason());
        });
    }

    /**
     * The data for the log, the metrics and the trace after the commit. It does not use the exchange, which may be
     * released before.
     */
    private record Report(
            AttemptLog attempts, Delivery delivery, AttemptResult result, long ms, Instant end, Ending trace) {

        /** A failure here does not affect what is recorded. */
        void send() {
            try {
                attempts.log(delivery, result, ms, end);
                if (trace != null) {
                    trace.ended(result.attempt(), end);
                }
            } catch (RuntimeException e) {
                LOG.warn("attempt.unreported delivery={}", result.delivery(), e);
            }
        }
    }

    private Report report(Exchange exchange, Delivery delivery, AttemptResult result, long ms, Instant end) {
        return new Report(attempts, delivery, result, ms, end, result.attempt() == null ? null : ending(exchange));
    }

    private Ending ending(Exchange exchange) {
        try {
            return tracing.ending(exchange);
        } catch (RuntimeException e) {
            LOG.warn(
                    "attempt.untraced delivery={}",
                    DeliveryContext.delivery(exchange).id(),
                    e);
            return null;
        }
    }

    private Duration breaksAfter(Webhook webhook) {
        return webhook.breaker().orElse(breaker).after().orElse(null);
    }

    private CompletionStage<Recorded> write(AttemptResult result) {
        CompletableFuture<Recorded> written = new CompletableFuture<>();
        tryWrite(result, written);
        return written;
    }

    private void tryWrite(AttemptResult result, CompletableFuture<Recorded> written) {
        store.outcomes().record(result).whenComplete((recorded, thrown) -> {
            Throwable failure = Causes.unwrapped(thrown);
            if (failure == null) {
                written.complete(recorded);
            } else if (failure instanceof FencedException || !retries.after(RETRY, () -> tryWrite(result, written))) {
                written.completeExceptionally(failure);
            } else {
                notStored
                        .next()
                        .ifPresent(count -> LOG.warn(
                                "outcome.not-stored delivery={} count={} retry-ms={}: {}",
                                result.delivery(),
                                count,
                                RETRY.toMillis(),
                                failure.getMessage()));
            }
        });
    }

    @Override
    public CompletionStage<AttemptResult> ended(Exchange exchange, DueDelivery due) {
        DeliveryContext context = DeliveryContext.of(exchange);
        if (context == null) {
            return recordNotLoaded(exchange, due);
        }
        if (context.recorded() != null) {
            return context.recorded();
        }
        if (DeliveryContext.outcome(exchange) != null && exchange.getException() != null) {
            LOG.error(
                    "attempt.step-failed delivery={}: a step after the branch failed",
                    due.id(),
                    exchange.getException());
        }
        // a failed record is final: release the record lock
        return record(exchange).whenComplete((ended, failure) -> context.releaseRecordLock());
    }

    private Outcome missingOutcome(Exchange exchange) {
        if (exchange.getContext().isStopping()) {
            // Camel stopped the steps after the shutdown timeout: not the receiver's fault
            return new Outcome.NotSent(STOPPED, clock.instant());
        }
        DeliveryContext context = DeliveryContext.of(exchange);
        if (exchange.getException() != null) {
            return failures.judge(exchange.getException(), context);
        }
        LOG.error(
                "attempt.without-outcome delivery={} webhook=\"{}\": the route ended without an outcome; the attempt counts as failed",
                context.delivery().id(),
                context.delivery().webhook().name());
        return Outcome.TryLater.bySchedule("internal fault: the route ended without an outcome");
    }

    private CompletionStage<AttemptResult> recordNotLoaded(Exchange exchange, DueDelivery due) {
        Outcome.NotSent why = DeliveryContext.outcome(exchange) instanceof Outcome.NotSent notSent
                ? notSent
                : loadFailure(exchange, due);
        AttemptResult result = new AttemptResult(
                        due.id(), due.webhook(), DeliveryState.WAITING, why.reason(), why.until(), null, null, null)
                .withFifo(due.fifoKey() == null ? null : new FifoSuccession(due.fifoKey(), null))
                .withTaken(due.attempts(), due.dueAt());
        return write(result).thenApply(done -> result);
    }

    private Outcome.NotSent loadFailure(Exchange exchange, DueDelivery due) {
        LOG.error(
                "delivery.not-loaded delivery={} webhook={}",
                due.id(),
                due.webhook().name(),
                exchange.getException());
        return new Outcome.NotSent(
                "An internal fault prevented this delivery", clock.instant().plus(INTERNAL_FAULT_RETRY));
    }

    @Override
    public void close() {
        retries.close();
    }
}
