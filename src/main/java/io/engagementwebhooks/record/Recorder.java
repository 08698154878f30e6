package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.MissingRoute;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.deliver.Turn;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.outbox.TryRecording;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.NotOwnedException;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how tries ended. A store that cannot take it now is asked again until it can: the delivery stays in flight
 * meanwhile, so that it is not sent twice for our fault. Thread-safe.
 */
public final class Recorder implements TryRecording, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    private static final String STOPPED = "this installation was stopped before the attempt had ended";
    private static final long RETRY_MS = 1_000;
    private static final Duration INTERNAL_FAULT_RETRY = Duration.ofMinutes(1);

    private final Store store;
    private final Clock clock;
    private final NextStep nextStep;
    private final Breaker breaker;
    private final AttemptLog attempts;
    private final AttemptTracing tracing;
    private final ScheduledExecutorService again =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "record-again"));

    /**
     * @param store where tries are written
     * @param clock now
     * @param random from 0 to 1, for the jitter of retries
     * @param breaker disables webhooks that fail and have none of their own
     * @param attempts tells the log and the metrics
     * @param tracing is told how attempts ended
     */
    public Recorder(
            Store store,
            Clock clock,
            DoubleSupplier random,
            Breaker breaker,
            AttemptLog attempts,
            AttemptTracing tracing) {
        this.tracing = tracing;
        this.store = store;
        this.clock = clock;
        this.nextStep = new NextStep(random);
        this.breaker = breaker;
        this.attempts = attempts;
    }

    /**
     * Records the outcome that the branch left on the exchange, and leaves there what was recorded. Never throws: what it
     * cannot record fails the stage.
     */
    CompletionStage<Ended> record(Exchange exchange) {
        try {
            return recorded(exchange);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<Ended> recorded(Exchange exchange) {
        Delivery delivery = Progress.delivery(exchange);
        Outcome outcome = Progress.outcome(exchange);
        Instant end = clock.instant();
        long startedNanos = exchange.getProperty(Progress.STARTED_NANOS, Long.class);
        NextStep.Shown shown = new NextStep.Shown(
                exchange.getProperty(Progress.STARTED_AT, Instant.class),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos),
                Progress.answer(exchange),
                note(exchange),
                Progress.request(exchange));
        Turn turn = Progress.turn(exchange);
        TryResult step = nextStep.after(delivery, outcome, shown, end).breakingAfter(breaksAfter(delivery.webhook()));
        TryResult result = turn != null && outcome instanceof Outcome.Delivered ? step.writing(turn.written()) : step;
        boolean slowDown = outcome instanceof Outcome.TryLater later && later.slowDown();
        if (result.attempt() != null) {
            tell(exchange, result.attempt(), end);
        }
        return write(result).whenComplete((written, failure) -> endTurn(turn)).thenApply(done -> {
            Ended ended = new Ended(
                    done.disabled() == null ? result : result.disabling(done.disabled()), slowDown, done.next());
            exchange.setProperty(Progress.RECORDED, ended);
            attempts.tried(delivery, result, shown.ms(), end);
            return ended;
        });
    }

    /** What traces tell may fail; what is recorded may not for that. */
    private void tell(Exchange exchange, AttemptRow attempt, Instant end) {
        try {
            tracing.ended(exchange, attempt, end);
        } catch (RuntimeException e) {
            LOG.warn("an attempt could not be told to its trace: {}", e.toString());
        }
    }

    private Duration breaksAfter(Webhook webhook) {
        return webhook.breaker().orElse(breaker).after().orElse(null);
    }

    /** The next delivery to the same record reads what this one left: its turn comes after the commit. */
    private static void endTurn(Turn turn) {
        if (turn != null) {
            turn.end();
        }
    }

    private static String note(Exchange exchange) {
        String note = exchange.getProperty(Progress.NOTE, String.class);
        Answer answer = Progress.answer(exchange);
        if (answer == null || answer.note().isEmpty()) {
            return note;
        }
        return note == null ? answer.note() : note + "; " + answer.note();
    }

    private CompletionStage<Recorded> write(TryResult result) {
        CompletableFuture<Recorded> written = new CompletableFuture<>();
        tryToWrite(result, written);
        return written;
    }

    private void tryToWrite(TryResult result, CompletableFuture<Recorded> written) {
        store.outcomes().record(result).whenComplete((recorded, thrown) -> {
            // what follows a write in the store wraps its failure
            Throwable failure =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            if (failure == null) {
                written.complete(recorded);
            } else if (again.isShutdown() || failure instanceof NotOwnedException) {
                written.completeExceptionally(failure);
            } else {
                LOG.warn(
                        "the outcome of delivery {} cannot be written, trying again in {} ms: {}",
                        result.delivery(),
                        RETRY_MS,
                        failure.getMessage());
                tryAgain(result, written);
            }
        });
    }

    private void tryAgain(TryResult result, CompletableFuture<Recorded> written) {
        try {
            again.schedule(FatalErrors.watched(() -> tryToWrite(result, written)), RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            written.completeExceptionally(e);
        }
    }

    @Override
    public CompletionStage<Ended> ended(Exchange exchange, DueDelivery due) {
        Ended recorded = exchange.getProperty(Progress.RECORDED, Ended.class);
        if (recorded != null) {
            return CompletableFuture.completedFuture(recorded);
        }
        if (Progress.delivery(exchange) == null) {
            return notTaken(exchange, due);
        }
        if (Progress.outcome(exchange) == null && exchange.getContext().isStopping()) {
            // Camel stopped the steps when the time for attempts in flight was over: not the receiver's fault
            Progress.end(exchange, new Outcome.NotSent(STOPPED, clock.instant()));
        } else if (Progress.outcome(exchange) == null) {
            Progress.end(exchange, withoutOutcome(exchange, due));
        } else if (exchange.getException() != null) {
            LOG.error("a step after the branch of delivery {} failed", due.id(), exchange.getException());
        }
        // what cannot be recorded now never will be: nobody may wait for its turn to end
        return record(exchange).whenComplete((ended, failure) -> endTurn(Progress.turn(exchange)));
    }

    private Outcome withoutOutcome(Exchange exchange, DueDelivery due) {
        Optional<Outcome.NotSent> notSent = MissingRoute.stoppedBranch(exchange, clock.instant());
        if (notSent.isPresent()) {
            return notSent.get();
        }
        if (exchange.getException() instanceof NothingSentException nothing) {
            return new Outcome.NotSent(nothing.getMessage(), nothing.until(), nothing.isLasting());
        }
        LOG.error(
                "the route ended delivery {} of webhook '{}' without an outcome; it counts as a failed attempt",
                due.id(),
                due.webhook().name(),
                exchange.getException());
        return Outcome.TryLater.bySchedule("internal fault: the route ended without an outcome");
    }

    private CompletionStage<Ended> notTaken(Exchange exchange, DueDelivery due) {
        Outcome.NotSent why = Progress.outcome(exchange) instanceof Outcome.NotSent told ? told : fault(exchange, due);
        TryResult result = new TryResult(
                        due.id(), due.webhook(), DeliveryState.WAITING, why.reason(), why.until(), null, null, null)
                .inOrder(due.fifoKey() == null ? null : new FifoTurn(due.fifoKey(), null));
        return write(result).thenApply(done -> new Ended(result, false, done.next()));
    }

    private Outcome.NotSent fault(Exchange exchange, DueDelivery due) {
        LOG.error(
                "delivery {} of webhook '{}' could not be taken up",
                due.id(),
                due.webhook().name(),
                exchange.getException());
        return new Outcome.NotSent(
                "An internal fault kept this delivery from being sent",
                clock.instant().plus(INTERNAL_FAULT_RETRY));
    }

    @Override
    public void close() {
        again.shutdownNow();
    }
}
