package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps that may block or never end in a {@link BulkheadExecutor}, apart from the delivery threads. Later steps
 * stay on that thread up to the next step of the product, which continues on a delivery thread.
 *
 * <p>A step has the webhook's timeout; then its thread is interrupted. If the step obeys, the attempt ends by a
 * {@link StepTimeoutException}. Otherwise it keeps its thread, at the cost of its account, and is logged once a minute.
 * Thread-safe.
 */
public final class StepThreads {

    private static final Logger LOG = LoggerFactory.getLogger(StepThreads.class);

    /** Boolean: a step of the attempt has begun here, so something may have been sent. */
    private static final String BEGUN = "webhookStepBegun";

    /** How long a delivery waits for a thread before it becomes due again. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /** The most nested steps of one delivery that run beyond its account's share of threads. */
    static final int MAX_NESTED = 4;

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final long LOGGED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final BulkheadExecutor threads;
    private final Ledger ledger;
    private final Resuming resuming;
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
     * @param threads threads runs the steps
     * @param ledger accounts for the memory of waiting deliveries
     * @param resuming continues on delivery threads
     * @param clock for the retry time if no thread is free
     */
    public StepThreads(BulkheadExecutor threads, Ledger ledger, Resuming resuming, Clock clock) {
        this(threads, ledger, resuming, clock, System::nanoTime);
    }

    StepThreads(BulkheadExecutor threads, Ledger ledger, Resuming resuming, Clock clock, LongSupplier nanoTime) {
        this.threads = threads;
        this.ledger = ledger;
        this.resuming = resuming;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs a step that may block. An exchange without a delivery, or in a transaction, stays on the caller's thread.
     *
     * @return as {@link AsyncProcessor#process} does
     */
    public boolean process(Step step, AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        Delivery delivery = movableDelivery(exchange);
        if (delivery == null) {
            return target.process(exchange, callback);
        }
        Call call = new Call(step, target, exchange, delivery, callback);
        if (delivery.webhook().account().equals(BulkheadExecutor.currentAccount())) {
            return call.processHere();
        }
        return call.enqueue();
    }

    /**
     * Runs a step of the product, on a delivery thread if the current one belongs to this pool.
     *
     * @return as {@link AsyncProcessor#process} does
     */
    public boolean processOwn(AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        Delivery delivery = BulkheadExecutor.currentAccount() == null ? null : movableDelivery(exchange);
        if (delivery == null) {
            return target.process(exchange, callback);
        }
        resuming.resume(delivery, () -> {
            if (process(target, exchange, () -> callback.done(false))) {
                callback.done(false);
            }
        });
        return false;
    }

    /** How far the call of a step is. */
    private enum State {
        RUNNING,
        /** The step has called back. */
        ENDED,
        /** The call has returned before the step called back. */
        RETURNED,
        /** The call has thrown; a late callback is ignored. */
        FAILED
    }

    /**
     * Calls a step. Whether it has ended is known by its callback alone: Camel's blocks return true and call back later.
     *
     * @param later called once if the step ends after the call
     * @return whether it ended during the call. Throws nothing
     */
    private static boolean process(AsyncProcessor target, Exchange exchange, Runnable later) {
        AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
        try {
            target.process(exchange, doneSync -> {
                if (!state.compareAndSet(State.RUNNING, State.ENDED)
                        && state.compareAndSet(State.RETURNED, State.ENDED)) {
                    later.run();
                }
            });
            return !state.compareAndSet(State.RUNNING, State.RETURNED);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            state.set(State.FAILED);
            exchange.setException(e);
            return true;
        }
    }

    /** Ends the attempt by a failure of a later step, on a delivery thread. */
    private void failAttempt(Throwable failure, Delivery delivery) {
        resuming.resume(delivery, () -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        });
    }

    /**
     * Runs nested steps: those of a delivery whose outer step holds a thread and may wait for them. They use one thread
     * for each outer step beyond the account's share, and at most {@link #MAX_NESTED} for a delivery.
     */
    private void runNested(Delivery delivery) {
        if (running.stream()
                        .filter(outer -> outer.call.delivery == delivery && outer.hasNestedThread)
                        .count()
                >= MAX_NESTED) {
            return;
        }
        for (Running outer : running) {
            Call first = outer.call.delivery == delivery ? outer.firstNested() : null;
            if (first != null) {
                threads.executeUnlimited(first.account(), () -> {
                    for (Call next = first; next != null; next = outer.nextNested()) {
                        next.run();
                    }
                });
                return;
            }
        }
    }

    private List<Call> removeWaiting(Delivery delivery, int most) {
        AtomicInteger left = new AtomicInteger(most);
        return threads.removeQueued(call -> ((Call) call).delivery == delivery && left.getAndDecrement() > 0).stream()
                .map(Call.class::cast)
                .toList();
    }

    private static Delivery movableDelivery(Exchange exchange) {
        return exchange.isTransacted() ? null : DeliveryContext.delivery(exchange);
    }

    /** Number of running steps. */
    public int running() {
        return running.size();
    }

    /** Number of deliveries that wait for a thread. */
    public int waiting() {
        return threads.queued();
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
        threads.removeQueued(call -> ((Call) call).isLate(now)).forEach(call -> ((Call) call).requeue());
    }

    private void log(long now) {
        Map<LoggedStep, List<Running>> late = running.stream()
                .filter(step -> step.interrupted)
                .collect(Collectors.groupingBy(step -> new LoggedStep(step.call.account(), step.call.step)));
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

    private NothingSentException noThread(String account, Step step) {
        String longest = running.stream()
                .filter(other -> other.call.account().equals(account))
                .min(Comparator.comparingLong(other -> other.since))
                .map(other -> other.call.step + " has run for "
                        + TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - other.since) + " s")
                .orElse("they have run");
        return new NothingSentException(
                "Not sent: other deliveries of this account hold all threads that it may have for " + step
                        + " and others like it: " + longest,
                clock.instant().plus(RETRY));
    }

    /** A waiting or running step of a delivery. */
    private final class Call implements Runnable {

        private final Step step;
        private final AsyncProcessor target;
        private final Exchange exchange;
        private final Delivery delivery;
        private final AsyncCallback callback;
        private final long since = nanoTime.getAsLong();
        private Reservation memory;

        Call(Step step, AsyncProcessor target, Exchange exchange, Delivery delivery, AsyncCallback callback) {
            this.step = step;
            this.target = target;
            this.exchange = exchange;
            this.delivery = delivery;
            this.callback = callback;
        }

        private String account() {
            return delivery.webhook().account();
        }

        /** A delivery that may have been sent is not requeued: it waits at the head of the queue. */
        private boolean hasBegun() {
            return exchange.getProperty(BEGUN) != null
                    || DeliveryContext.of(exchange).answer() != null;
        }

        boolean enqueue() {
            if (hasBegun()) {
                if (!threads.executeFirst(account(), this)) {
                    return fail(noThread(account(), step));
                }
                runNested(delivery);
                return false;
            }
            try {
                memory = StepWait.reserve(ledger, delivery);
            } catch (BudgetExceededException e) {
                return fail(new NothingSentException(
                        "Not sent: " + e.getMessage(), clock.instant().plus(RETRY)));
            }
            if (!threads.execute(account(), this)) {
                memory.close();
                return fail(noThread(account(), step));
            }
            return false;
        }

        private boolean fail(NothingSentException why) {
            exchange.setException(why);
            callback.done(true);
            return true;
        }

        boolean isLate(long now) {
            return memory != null && now - since > LONGEST_WAIT.toNanos();
        }

        void requeue() {
            failLater(noThread(account(), step));
        }

        void failLater(Exception why) {
            resuming.resume(delivery, () -> {
                if (memory != null) {
                    memory.close();
                }
                exchange.setException(why);
                callback.done(false);
            });
        }

        @Override
        public void run() {
            if (memory != null) {
                memory.close();
            }
            try {
                if (isFailed(() -> waited(Duration.ofNanos(nanoTime.getAsLong() - since))) || process()) {
                    callback.done(false);
                }
            } catch (RuntimeException | Error e) {
                FatalErrors.check(e);
                failAttempt(e, delivery);
            }
        }

        private boolean isFailed(Runnable before) {
            try {
                before.run();
                return false;
            } catch (RuntimeException e) {
                exchange.setException(e);
                return true;
            }
        }

        /** Excludes the wait for a thread from the receiver's time. */
        private void waited(Duration waited) {
            DeliveryContext context = DeliveryContext.of(exchange);
            if (context.answer() != null) {
                return;
            }
            if (exchange.getProperty(BEGUN) == null) {
                context.restart(clock.instant());
            }
            if (context.deadline() != null) {
                context.extendDeadline(waited);
            }
        }

        boolean processHere() {
            boolean isDone = process();
            if (isDone) {
                callback.done(true);
            }
            return isDone;
        }

        /** @return whether the step ended synchronously */
        private boolean process() {
            if (step.isForeign()) {
                exchange.setProperty(BEGUN, true);
            }
            Running here = new Running(this);
            boolean isDone = StepThreads.process(target, exchange, () -> {
                here.end(true);
                endedLater();
            });
            here.end(isDone);
            return isDone;
        }

        /** Called on the thread that ends the step. */
        private void endedLater() {
            if (account().equals(BulkheadExecutor.currentAccount())) {
                callback.done(false);
            } else {
                resuming.resume(delivery, () -> callback.done(false));
            }
        }
    }

    /** A step that has a thread. */
    private final class Running {

        private final Call call;
        private final Thread thread = Thread.currentThread();
        private final long since = nanoTime.getAsLong();
        private boolean ended;
        private volatile boolean hasNestedThread;
        private volatile boolean interrupted;

        Running(Call call) {
            this.call = call;
            running.add(this);
        }

        private Duration limit() {
            return call.delivery.webhook().delivery().timeout();
        }

        synchronized void interruptIfLate(long now) {
            if (!ended && !interrupted && now - since > limit().toNanos()) {
                interrupted = true;
                thread.interrupt();
                removeWaiting(call.delivery, Integer.MAX_VALUE)
                        .forEach(nested -> nested.failLater(new StepTimeoutException(call.step, limit(), null)));
            }
        }

        /** @return the first nested step; null if none waits or one has a thread */
        synchronized Call firstNested() {
            return hasNestedThread ? null : nextNested();
        }

        synchronized Call nextNested() {
            Call next = removeWaiting(call.delivery, 1).stream().findFirst().orElse(null);
            hasNestedThread = next != null;
            return next;
        }

        /**
         * Clears our interrupt, so that the exchange continues with the step's failure, if any.
         *
         * @param isDone whether the exchange is still on this thread
         */
        synchronized void end(boolean isDone) {
            if (ended || Thread.currentThread() != thread) {
                return;
            }
            ended = true;
            running.remove(this);
            if (interrupted) {
                Thread.interrupted();
            }
            if (interrupted && isDone) {
                Exchange exchange = call.exchange;
                exchange.getExchangeExtension().setInterrupted(false);
                if (exchange.getException() != null) {
                    exchange.setRouteStop(false);
                    exchange.setException(new StepTimeoutException(call.step, limit(), exchange.getException()));
                }
            }
        }
    }
}
