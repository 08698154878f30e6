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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the steps of deliveries that may block, or never end, apart from the threads that deliver: in a {@link BulkheadExecutor}. The
 * steps that follow one there stay on its thread until a step of the product's own, which continues on a thread that delivers.
 *
 * <p>A step has the webhook's timeout. Then its thread is interrupted, and the attempt ends by a {@link StepTimeoutException}
 * if the step obeys. One that does not keeps its thread, which is its account's loss, and is logged once a minute. Thread-safe.
 */
public final class StepThreads {

    private static final Logger LOG = LoggerFactory.getLogger(StepThreads.class);

    /** Boolean: a step of the attempt has run here, and may have sent something. */
    private static final String BEGUN = "webhookStepBegun";

    /** How long a delivery waits for a thread before it goes back as due. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /** Steps of one delivery that run beyond the share of its account. */
    static final int MOST_INSIDE = 4;

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final long LOGGED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final BulkheadExecutor threads;
    private final Ledger ledger;
    private final Resuming resuming;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();

    /** When each was logged last. Used by {@link #check} alone. */
    private Map<Place, Long> logged = Map.of();

    /**
     * A step.
     *
     * @param route the id of its route
     * @param id its own
     * @param maySend whether something may have been sent once it has begun
     */
    public record Step(String route, String id, boolean maySend) {
        @Override
        public String toString() {
            return "step '" + id + "' of route '" + route + "'";
        }
    }

    /** Whose step takes long. */
    private record Place(String account, Step step) {}

    /**
     * @param threads run the steps
     * @param ledger of the memory of deliveries that wait for a thread
     * @param resuming continues on the threads that deliver
     * @param clock when to try again what found no thread
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
     * Runs a step that may block. What is no delivery, and what a transaction ties to its thread, stays on the caller's.
     *
     * @return as {@link AsyncProcessor#process} does
     */
    public boolean process(Step step, AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        Delivery delivery = handedOver(exchange);
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
     * Runs a step of the product's own: on a thread that delivers, if the current one is of those for other steps.
     *
     * @return as {@link AsyncProcessor#process} does
     */
    public boolean leave(AsyncProcessor target, Exchange exchange, AsyncCallback callback) {
        Delivery delivery = BulkheadExecutor.currentAccount() == null ? null : handedOver(exchange);
        if (delivery == null) {
            return target.process(exchange, callback);
        }
        resuming.resume(delivery, () -> {
            if (process(target, exchange, delivery, () -> callback.done(false))) {
                callback.done(false);
            }
        });
        return false;
    }

    /** @param later called once if the step ends later @return whether it has ended at once. Throws nothing */
    private boolean process(AsyncProcessor target, Exchange exchange, Delivery delivery, Runnable later) {
        AtomicBoolean isLater = new AtomicBoolean();
        try {
            return target.process(exchange, doneSync -> {
                if (!doneSync && isLater.compareAndSet(false, true)) {
                    later.run();
                }
            });
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            if (isLater.compareAndSet(false, true)) {
                exchange.setException(e);
                return true;
            }
            endBy(e, delivery);
            return false;
        }
    }

    /** A later step failed, and only this ends the attempt. */
    private void endBy(Throwable failure, Delivery delivery) {
        resuming.resume(delivery, () -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        });
    }

    /**
     * Runs waiting steps of a delivery of which a step has a thread, for that step may wait for it: beyond the account's share, which
     * such steps may hold, one thread for each of them, and {@link #MOST_INSIDE} for a delivery.
     */
    private void runInside(Delivery delivery) {
        if (running.stream()
                        .filter(outer -> outer.delivery == delivery && outer.hasThreadInside)
                        .count()
                >= MOST_INSIDE) {
            return;
        }
        for (Running outer : running) {
            Call first = outer.delivery == delivery ? outer.firstInside() : null;
            if (first != null) {
                threads.executeBeyond(first.account(), () -> {
                    for (Call next = first; next != null; next = outer.nextInside()) {
                        next.run();
                    }
                });
                return;
            }
        }
    }

    private List<Call> removeWaiting(Delivery delivery, int most) {
        AtomicInteger left = new AtomicInteger(most);
        return threads.removeWaiting(call -> ((Call) call).delivery == delivery && left.getAndDecrement() > 0).stream()
                .map(Call.class::cast)
                .toList();
    }

    private static Delivery handedOver(Exchange exchange) {
        return exchange.isTransacted() ? null : DeliveryContext.delivery(exchange);
    }

    /** Steps that run. */
    public int running() {
        return running.size();
    }

    /** Deliveries that wait for a thread. */
    public int waiting() {
        return threads.waiting();
    }

    /** Steps that run on though they were interrupted. */
    public int overdue() {
        return (int) running.stream().filter(step -> step.interrupted).count();
    }

    /**
     * Logs steps that continue after an interrupt, interrupts those that are late, and returns deliveries that waited too long. To
     * be called once a second.
     */
    public void check() {
        long now = nanoTime.getAsLong();
        log(now);
        running.forEach(step -> step.interruptIfLate(now));
        threads.removeWaiting(call -> ((Call) call).isLate(now)).forEach(call -> ((Call) call).sendBack());
    }

    private void log(long now) {
        Map<Place, List<Running>> late = running.stream()
                .filter(step -> step.interrupted)
                .collect(Collectors.groupingBy(step -> new Place(step.account, step.step)));
        Map<Place, Long> loggedNow = new HashMap<>();
        late.forEach((place, steps) -> {
            Long before = logged.get(place);
            boolean isDue = before == null || now - before >= LOGGED_EVERY_NANOS;
            loggedNow.put(place, isDue ? now : before);
            if (isDue) {
                LOG.warn(
                        "deliver.step-overdue account={} route={} step={} threads={} seconds={}: the step continues after it was"
                                + " interrupted, and keeps threads of its account",
                        place.account(),
                        place.step().route(),
                        place.step().id(),
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
                .filter(other -> other.account.equals(account))
                .min(Comparator.comparingLong(other -> other.since))
                .map(other -> other.step + " has run for "
                        + TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - other.since) + " s")
                .orElse("they have run");
        return new NothingSentException(
                "Not sent: other deliveries of this account hold all threads that it may have for " + step
                        + " and others like it: " + longest,
                clock.instant().plus(RETRY));
    }

    /** One step of one delivery. */
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

        /** What may have been sent is not sent back: it waits, before others. */
        private boolean hasBegun() {
            return exchange.getProperty(BEGUN) != null
                    || DeliveryContext.of(exchange).answer() != null;
        }

        boolean enqueue() {
            if (hasBegun()) {
                if (!threads.executeFirst(account(), this)) {
                    return fail(noThread(account(), step));
                }
                runInside(delivery);
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

        void sendBack() {
            giveUp(noThread(account(), step));
        }

        void giveUp(Exception why) {
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
                endBy(e, delivery);
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

        /** A wait for a thread is no part of the receiver's time. */
        private void waited(Duration waited) {
            DeliveryContext context = DeliveryContext.of(exchange);
            if (context.answer() != null) {
                return;
            }
            if (exchange.getProperty(BEGUN) == null) {
                context.restart(clock.instant());
            }
            if (context.deadline() != null) {
                context.postpone(waited);
            }
        }

        boolean processHere() {
            boolean isDone = process();
            if (isDone) {
                callback.done(true);
            }
            return isDone;
        }

        /** @return whether the step has ended at once */
        private boolean process() {
            if (step.maySend()) {
                exchange.setProperty(BEGUN, true);
            }
            Running here = new Running(this);
            boolean isDone = StepThreads.this.process(target, exchange, delivery, () -> {
                here.end(true);
                endedLater();
            });
            here.end(isDone);
            return isDone;
        }

        /** On whatever thread the step ends. */
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

        private final Step step;
        private final String account;
        private final Duration limit;
        private final Exchange exchange;
        private final Delivery delivery;
        private final Thread thread = Thread.currentThread();
        private final long since = nanoTime.getAsLong();
        private boolean ended;
        private volatile boolean hasThreadInside;
        private volatile boolean interrupted;

        Running(Call call) {
            step = call.step;
            account = call.account();
            limit = call.delivery.webhook().delivery().timeout();
            exchange = call.exchange;
            delivery = call.delivery;
            running.add(this);
        }

        synchronized void interruptIfLate(long now) {
            if (!ended && !interrupted && now - since > limit.toNanos()) {
                interrupted = true;
                thread.interrupt();
                removeWaiting(delivery, Integer.MAX_VALUE)
                        .forEach(call -> call.giveUp(new StepTimeoutException(step, limit, null)));
            }
        }

        /** @return the task to run inside first; null: none waits, or it has a thread */
        synchronized Call firstInside() {
            return hasThreadInside ? null : nextInside();
        }

        synchronized Call nextInside() {
            Call next = removeWaiting(delivery, 1).stream().findFirst().orElse(null);
            hasThreadInside = next != null;
            return next;
        }

        /**
         * Clears the interrupt that was ours: the exchange continues by the failure of its step, if it has one.
         *
         * @param isDone whether the exchange is still this thread's
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
                exchange.getExchangeExtension().setInterrupted(false);
                if (exchange.getException() != null) {
                    exchange.setRouteStop(false);
                    exchange.setException(new StepTimeoutException(step, limit, exchange.getException()));
                }
            }
        }
    }
}
