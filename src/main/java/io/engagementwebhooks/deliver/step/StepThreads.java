package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.StepTimeoutException;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.Target;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts with steps that may block or never end in a {@link BulkheadExecutor}, apart from the delivery threads.
 * An attempt moves there once, at its first such step, and continues there after each wait without a thread.
 *
 * <p>A step has the webhook's timeout; then its thread is interrupted. If the step obeys, the attempt ends by a
 * {@link StepTimeoutException}. Otherwise it keeps its thread, at the cost of its account, and is logged once a minute.
 * Thread-safe.
 */
public final class StepThreads implements Resuming {

    private static final Logger LOG = LoggerFactory.getLogger(StepThreads.class);

    /** How long a delivery waits for a thread before it becomes due again. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final long LOGGED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final BulkheadExecutor threads;
    private final BulkheadExecutor nested;
    private final Resuming others;
    private final FencingCheck fencingCheck;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();

    /** The last log time of each, as {@link System#nanoTime()}. */
    private Map<LoggedStep, Long> logged = Map.of();

    /**
     * A step of a route.
     *
     * @param route the route's id
     * @param id the step's id
     * @param isForeign whether it is not of the product: something may have been sent once it has begun
     */
    public record Step(String route, String id, boolean isForeign) {
        @Override
        public String toString() {
            return "step '" + id + "' of route '" + route + "'";
        }
    }

    /** A step of an account: logged together. */
    private record LoggedStep(String account, Step step) {}

    /**
     * @param threads runs attempts
     * @param nested continues attempts inside a step that holds one of the threads and may wait for them
     * @param others continues attempts without such steps
     * @param fencingCheck ends deliveries that may not be sent any more when they get a thread
     * @param clock for the retry time if no thread is free
     */
    public StepThreads(
            BulkheadExecutor threads,
            BulkheadExecutor nested,
            Resuming others,
            FencingCheck fencingCheck,
            Clock clock) {
        this(threads, nested, others, fencingCheck, clock, System::nanoTime);
    }

    public StepThreads(
            BulkheadExecutor threads,
            BulkheadExecutor nested,
            Resuming others,
            FencingCheck fencingCheck,
            Clock clock,
            LongSupplier nanoTime) {
        this.threads = threads;
        this.nested = nested;
        this.others = others;
        this.fencingCheck = fencingCheck;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs a step that may block. An exchange without a delivery, or in a transaction, stays on the caller's thread.
     *
     * @return as {@link AsyncProcessor#process} does
     */
    public boolean process(Step step, AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        DeliveryContext context = exchange.isTransacted() ? null : DeliveryContext.of(exchange);
        if (context == null) {
            return target.process(exchange, callback);
        }
        if (isOnThreadOf(context)) {
            boolean isDone = run(step, target, exchange, callback);
            if (isDone) {
                callback.done(true);
            }
            return isDone;
        }
        Runnable rest = () -> {
            if (run(step, target, exchange, callback)) {
                callback.done(false);
            }
        };
        if (!context.isOnStepThreads() && !context.hasSent() && context.answer() == null) {
            Waiting waiting = new Waiting(step, exchange, context, callback, rest);
            return !threads.execute(part(context), waiting) && waiting.fail(noThread(waiting));
        }
        // it may have been sent: it is not requeued
        context.moveToStepThreads();
        List<Running> outer = outer(context);
        continueHere(exchange, () -> {
            outer.stream()
                    .filter(each -> each.interrupted)
                    .findFirst()
                    .ifPresentOrElse(
                            late -> {
                                exchange.setException(late.timeout(null));
                                callback.done(false);
                            },
                            rest);
        });
        return false;
    }

    /** Continues an attempt on the threads that it has: one with a step that may block here, before those that begin. */
    @Override
    public void resume(Exchange exchange, Runnable rest) {
        DeliveryContext context = DeliveryContext.of(exchange);
        if (context.isOnStepThreads() && isOnThreadOf(context)) {
            rest.run();
        } else if (context.isOnStepThreads() && threadsOf(context) < 2) {
            continueHere(exchange, rest);
        } else {
            // a step inside a step inside a step: the second one may hold the last nested thread
            others.resume(exchange, counted(context, rest));
        }
    }

    private void continueHere(Exchange exchange, Runnable rest) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Runnable counted = counted(context, rest);
        BulkheadExecutor free = threadsOf(context) == 0 ? threads : nested;
        if (!free.executeFirst(part(context), () -> run(exchange, counted))) {
            others.resume(exchange, counted); // the product is stopping
        }
    }

    private Runnable counted(DeliveryContext context, Runnable rest) {
        long since = nanoTime.getAsLong();
        return () -> {
            notCounted(since, context);
            rest.run();
        };
    }

    /** The number of threads that steps of the attempt hold. */
    private long threadsOf(DeliveryContext context) {
        return outer(context).stream().map(step -> step.thread).distinct().count();
    }

    /** Runs a part of an attempt on a step thread. */
    private void run(Exchange exchange, Runnable rest) {
        try {
            rest.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            others.resume(exchange, () -> {
                if (e instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) e;
            });
        }
    }

    /**
     * Runs a step here. Whether it has ended is known by its callback alone: Camel's blocks return true and call back
     * later.
     *
     * @param callback called if the step ends after the call
     * @return whether it ended during the call
     */
    private boolean run(Step step, AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Running here = new Running(step, exchange);
        try {
            target.process(exchange, doneSync -> ended.complete(null));
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            ended.complete(null);
        }
        boolean isDone = ended.isDone();
        here.end(isDone);
        if (!isDone) {
            ended.thenRun(() -> resume(exchange, () -> callback.done(false)));
        }
        return isDone;
    }

    private static String account(DeliveryContext context) {
        return context.delivery().webhook().account();
    }

    /** Each Kamelet has its own threads (semantics 50). */
    private static BulkheadExecutor.Part part(DeliveryContext context) {
        return context.delivery().webhook().delivery().target() instanceof Target.Kamelet kamelet
                ? new BulkheadExecutor.Part(account(context), kamelet.name())
                : BulkheadExecutor.Part.of(account(context));
    }

    private static boolean isOnThreadOf(DeliveryContext context) {
        return part(context).equals(BulkheadExecutor.currentPart());
    }

    /** The wait for a thread is not the receiver's time. */
    private void notCounted(long since, DeliveryContext context) {
        context.extendDeadline(Duration.ofNanos(nanoTime.getAsLong() - since));
    }

    /** The steps of the attempt that hold a thread. */
    private List<Running> outer(DeliveryContext context) {
        return running.stream()
                .filter(step -> step.delivery == context.delivery())
                .toList();
    }

    /** Number of running steps. */
    public int running() {
        return running.size();
    }

    /** Number of deliveries that wait for a thread. */
    public int waiting() {
        return threads.queued() + nested.queued();
    }

    /** Number of steps that ignored their interrupt. */
    public int overdue() {
        return (int) running.stream().filter(step -> step.interrupted).count();
    }

    /**
     * Logs steps that ignored their interrupt, interrupts late ones, and ends deliveries that waited too long. Call
     * once a second.
     */
    public void check() {
        long now = nanoTime.getAsLong();
        log(now);
        running.forEach(step -> step.interruptIfLate(now));
        threads.removeQueued(task -> now - ((Waiting) task).since > LONGEST_WAIT.toNanos())
                .forEach(late -> ((Waiting) late).requeue());
    }

    private void log(long now) {
        Map<LoggedStep, List<Running>> late = running.stream()
                .filter(step -> step.interrupted)
                .collect(Collectors.groupingBy(step -> new LoggedStep(step.account(), step.step)));
        Map<LoggedStep, Long> loggedNow = new HashMap<>();
        late.forEach((loggedStep, steps) -> {
            Long before = logged.get(loggedStep);
            boolean isDue = before == null || now - before >= LOGGED_EVERY_NANOS;
            loggedNow.put(loggedStep, isDue ? now : before);
            if (isDue) {
                LOG.warn(
                        "deliver.step-overdue account={} route={} step={} threads={} seconds={}: the step continues after it was"
                                + " interrupted, and keeps threads of its account",
                        loggedStep.account(),
                        loggedStep.step().route(),
                        loggedStep.step().id(),
                        steps.size(),
                        TimeUnit.NANOSECONDS.toSeconds(steps.stream()
                                .mapToLong(step -> now - step.since)
                                .max()
                                .orElse(0)));
            }
        });
        logged = loggedNow;
    }

    private NothingSentException noThread(Waiting waiting) {
        String longest = running.stream()
                .filter(other -> other.account().equals(account(waiting.context)))
                .min(Comparator.comparingLong(other -> other.since))
                .map(other -> other.step + " has run for "
                        + TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - other.since) + " s")
                .orElse("they have run");
        return new NothingSentException(
                "Not sent: other deliveries of this account hold all threads that it may have for " + waiting.step
                        + " and others like it: " + longest,
                clock.instant().plus(RETRY));
    }

    /** An attempt that waits for its first thread. */
    private final class Waiting implements Runnable {

        private final Step step;
        private final Exchange exchange;
        private final DeliveryContext context;
        private final AsyncCallback callback;
        private final Runnable rest;
        private final long since = nanoTime.getAsLong();

        Waiting(Step step, Exchange exchange, DeliveryContext context, AsyncCallback callback, Runnable rest) {
            this.step = step;
            this.exchange = exchange;
            this.context = context;
            this.callback = callback;
            this.rest = rest;
        }

        private boolean fail(NothingSentException why) {
            exchange.setException(why);
            callback.done(true);
            return true;
        }

        void requeue() {
            end(noThread(this));
        }

        private void end(NothingSentException why) {
            others.resume(exchange, () -> {
                exchange.setException(why);
                callback.done(false);
            });
        }

        @Override
        public void run() {
            if (!fencingCheck.mayBeSent(exchange)) {
                end(fencingCheck.fenced());
                return;
            }
            context.moveToStepThreads();
            context.restart(clock.instant());
            notCounted(since, context);
            StepThreads.this.run(exchange, rest);
        }
    }

    /** A step that has a thread. */
    private final class Running {

        private final Step step;
        private final Exchange exchange;
        private final Delivery delivery;
        private final Thread thread = Thread.currentThread();
        private final long since = nanoTime.getAsLong();
        private boolean ended;
        private volatile boolean interrupted;

        Running(Step step, Exchange exchange) {
            this.step = step;
            this.exchange = exchange;
            this.delivery = DeliveryContext.delivery(exchange);
            running.add(this);
        }

        private String account() {
            return delivery.webhook().account();
        }

        private Duration limit() {
            return delivery.webhook().delivery().timeout();
        }

        StepTimeoutException timeout(Throwable cause) {
            return new StepTimeoutException(step, limit(), cause);
        }

        synchronized void interruptIfLate(long now) {
            if (!ended && !interrupted && now - since > limit().toNanos()) {
                interrupted = true;
                thread.interrupt();
            }
        }

        /**
         * Clears our interrupt, so that the exchange continues with the step's failure, if any.
         *
         * @param isDone whether the exchange is still on this thread
         */
        synchronized void end(boolean isDone) {
            ended = true;
            running.remove(this);
            if (interrupted) {
                Thread.interrupted();
            }
            if (interrupted && isDone) {
                exchange.getExchangeExtension().setInterrupted(false);
                if (exchange.getException() != null) {
                    exchange.setRouteStop(false);
                    exchange.setException(timeout(exchange.getException()));
                }
            }
        }
    }
}
