package io.engagementwebhooks.deliver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.FailureJudge;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.judge.StepTimeoutException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deliveries whose step blocks, with a settable clock. The account has two threads for such steps. */
@Timeout(60)
class StepThreadsTest {

    private static final StepThreads.Step STEP = new StepThreads.Step("deliver-crm", "ask-crm", true);
    private static final String NO_THREAD =
            "Not sent: other deliveries of this account hold all threads that it may have"
                    + " for step 'ask-crm' of route 'deliver-crm' and others like it:"
                    + " step 'ask-crm' of route 'deliver-crm' has run for ";
    private static final int THREADS = 2;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-28T08:00:00Z"));
    private final AtomicLong nanos = new AtomicLong();
    private final Ledger ledger = new Ledger(16 << 20);
    private final BulkheadExecutor executor = new BulkheadExecutor("step-of-test", 4 * THREADS, ledger);
    private final BulkheadExecutor nested = new BulkheadExecutor("inner-of-test", 4 * THREADS, ledger);
    private final ExecutorService deliver =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "deliver-of-test"));
    private final Set<String> canceled = ConcurrentHashMap.newKeySet();
    private final FencingCheck fencing = new FencingCheck(id -> !canceled.contains(id), clock);
    private final StepThreads steps =
            new StepThreads(executor, nested, (exchange, rest) -> deliver.execute(rest), fencing, clock, nanos::get);
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Delivery delivery = new SampleDelivery(URI.create("https://crm.example/hooks"))
            .within(Duration.ofSeconds(15))
            .delivery();
    private final Semaphore end = new Semaphore(0);
    private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();

    @AutoClose
    private final LogLines lines = new LogLines(StepThreads.class);

    @AfterEach
    void close() {
        end.release(10_000);
        executor.close();
        nested.close();
        deliver.shutdownNow();
    }

    /** A delivery with the threads that called its callback. */
    private final class Attempt implements AsyncCallback {

        private final Exchange exchange = new DefaultExchange(camel);
        private final BlockingQueue<String> callbacks = new LinkedBlockingQueue<>();
        private final AtomicInteger times = new AtomicInteger();

        Attempt() {
            DeliveryContext.put(
                    exchange,
                    new SampleDelivery(URI.create("https://crm.example/hooks"))
                            .within(Duration.ofSeconds(15))
                            .delivery());
        }

        boolean process(Processor step) {
            return process(AsyncProcessorConverterHelper.convert(step));
        }

        boolean process(AsyncProcessor step) {
            return steps.process(STEP, step, exchange, this);
        }

        @Override
        public void done(boolean doneSync) {
            times.incrementAndGet();
            callbacks.add(Thread.currentThread().getName());
        }

        String ended() throws InterruptedException {
            String thread = callbacks.poll(30, TimeUnit.SECONDS);
            assertTrue(thread != null, "it never came back");
            return thread;
        }
    }

    private void hang(Exchange exchange) {
        begun.add("a step");
        end.acquireUninterruptibly();
    }

    private List<Attempt> hang(int attempts) throws InterruptedException {
        List<Attempt> hanging = new ArrayList<>();
        for (int i = 0; i < attempts; i++) {
            Attempt attempt = new Attempt();
            assertFalse(attempt.process(this::hang));
            hanging.add(attempt);
        }
        for (int i = 0; i < Math.min(THREADS, attempts); i++) {
            assertEquals("a step", begun.poll(30, TimeUnit.SECONDS));
        }
        return hanging;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        steps.check();
    }

    private long timeoutLines() {
        return lines.texts().stream()
                .filter(line -> line.startsWith("deliver.step-overdue"))
                .count();
    }

    @Test
    void a_step_of_a_delivery_runs_on_a_thread_of_the_account_and_others_on_the_callers() throws Exception {
        Attempt attempt = new Attempt();
        assertFalse(attempt.process(
                exchange -> begun.add(BulkheadExecutor.currentPart().account())));
        assertTrue(attempt.ended().startsWith("step-of-test"));
        assertEquals(SampleDelivery.ACCOUNT, begun.poll());

        AsyncProcessor step = AsyncProcessorConverterHelper.convert(
                exchange -> begun.add(Thread.currentThread().getName()));
        assertTrue(steps.process(STEP, step, new DefaultExchange(camel), doneSync -> {}));
        assertEquals(Thread.currentThread().getName(), begun.poll());
    }

    @Test
    void a_following_step_stays_on_the_thread() throws Exception {
        Attempt attempt = new Attempt();
        Attempt next = new Attempt();
        steps.process(STEP, AsyncProcessorConverterHelper.convert(exchange -> {}), attempt.exchange, doneSync -> {
            begun.add("the first on " + Thread.currentThread().getName());
            assertTrue(next.process(exchange -> {}));
        });

        assertEquals(begun.poll(30, TimeUnit.SECONDS), "the first on " + next.ended());
    }

    @Test
    void an_attempt_continues_on_a_delivery_thread_before_such_a_step_and_on_a_thread_of_the_account_after_it()
            throws Exception {
        Attempt attempt = new Attempt();
        steps.resume(attempt.exchange, () -> begun.add(Thread.currentThread().getName()));
        assertEquals("deliver-of-test", begun.poll(30, TimeUnit.SECONDS));
        attempt.process(exchange -> {});
        attempt.ended();
        steps.resume(attempt.exchange, () -> begun.add(Thread.currentThread().getName()));
        assertTrue(begun.poll(30, TimeUnit.SECONDS).startsWith("step-of-test"));
    }

    @Test
    void an_asynchronous_step_holds_no_thread_and_continues_on_one_of_the_account() throws Exception {
        Attempt attempt = new Attempt();
        BlockingQueue<AsyncCallback> waits = new LinkedBlockingQueue<>();
        attempt.process(new AsyncProcessorSupport() {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                waits.add(callback);
                return false;
            }
        });
        AsyncCallback callback = waits.poll(30, TimeUnit.SECONDS);
        await().until(() -> steps.running() == 0 && executor.running() == 0);
        callback.done(false);

        assertTrue(attempt.ended().startsWith("step-of-test"));
        assertEquals(1, attempt.times.get());
    }

    @Test
    void a_throwing_step_calls_back_once() throws Exception {
        for (Throwable failure :
                List.of(new StackOverflowError("as a step may"), new IllegalStateException("so too"))) {
            Attempt attempt = new Attempt();
            attempt.process(new AsyncProcessorSupport() {
                @Override
                public boolean process(Exchange exchange, AsyncCallback callback) {
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) failure;
                }
            });
            attempt.ended();
            Throwable seen = attempt.exchange.getException();
            assertTrue(seen == failure || seen.getCause() == failure, seen.toString());
            assertEquals(1, attempt.times.get());
        }
    }

    @Test
    void a_step_that_is_late_is_interrupted_and_the_webhook_has_timed_out() throws Exception {
        Duration timeout = delivery.webhook().delivery().timeout();
        Attempt attempt = new Attempt();
        CountDownLatch never = new CountDownLatch(1);
        attempt.process(exchange -> {
            begun.add("a step");
            never.await();
        });
        begun.poll(30, TimeUnit.SECONDS);
        pass(timeout);
        assertEquals(0, steps.overdue());
        pass(Duration.ofMillis(1));

        attempt.ended();
        StepTimeoutException failure = assertInstanceOf(StepTimeoutException.class, attempt.exchange.getException());
        assertInstanceOf(InterruptedException.class, failure.getCause());
        assertFalse(attempt.exchange.getExchangeExtension().isInterrupted());
        Outcome.TryLater outcome = assertInstanceOf(
                Outcome.TryLater.class,
                new FailureJudging(
                                List.<FailureJudge>of(StepTimeoutException::judge), webhook -> false, Clock.systemUTC())
                        .judge(failure, DeliveryContext.put(new DefaultExchange(new DefaultCamelContext()), delivery)));
        assertEquals("step 'ask-crm' of route 'deliver-crm' did not end within 15 s", outcome.reason());
        assertTrue(outcome.slowDown());
        await().until(() -> steps.running() == 0);
        assertEquals(0, timeoutLines());
    }

    @Test
    void a_step_that_ignores_its_interrupt_keeps_its_result_and_the_next_step_is_not_interrupted() throws Exception {
        Attempt attempt = new Attempt();
        attempt.process(this::hang);
        begun.poll(30, TimeUnit.SECONDS);
        pass(Duration.ofSeconds(16));
        assertEquals(1, steps.overdue());
        end.release();

        attempt.ended();
        assertNull(attempt.exchange.getException());
        Attempt next = new Attempt();
        next.process(exchange -> begun.add(Boolean.toString(Thread.interrupted())));
        assertEquals("false", begun.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void a_step_that_ignores_its_interrupt_is_logged_once_a_minute_with_route_step_and_account() throws Exception {
        hang(THREADS);
        pass(Duration.ofSeconds(16));
        assertEquals(0, timeoutLines());
        pass(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));
        assertEquals(1, timeoutLines());
        assertEquals(
                "deliver.step-overdue account=acme route=deliver-crm step=ask-crm threads=2 seconds=17: the step continues after it was"
                        + " interrupted, and keeps threads of its account",
                lines.texts().get(0));
        assertEquals(THREADS, steps.overdue());

        pass(Duration.ofSeconds(60));
        assertEquals(2, timeoutLines());
        end.release(THREADS);
        await().until(() -> steps.running() == 0);
        pass(Duration.ofMinutes(2));
        assertEquals(2, timeoutLines());
        assertEquals(0, steps.overdue());
    }

    @Test
    void a_delivery_that_waits_too_long_for_a_thread_is_requeued_without_an_attempt() throws Exception {
        hang(THREADS);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        Attempt waiting = new Attempt();
        assertFalse(waiting.process(exchange -> begun.add("never")));
        assertEquals(1, steps.waiting());
        pass(StepThreads.LONGEST_WAIT);
        assertEquals(1, steps.waiting());
        pass(Duration.ofMillis(1));

        assertEquals("deliver-of-test", waiting.ended());
        isSentBack(waiting, NO_THREAD + "11 s");
        end.release(THREADS);
        await().until(() -> steps.running() == 0);
        assertTrue(begun.isEmpty());
    }

    private void isSentBack(Attempt attempt, String reason) {
        NothingSentException nothing = assertInstanceOf(NothingSentException.class, attempt.exchange.getException());
        assertEquals(reason, nothing.getMessage());
        assertEquals(clock.instant().plusSeconds(5), nothing.until());
        assertEquals(1, attempt.times.get());
    }

    @Test
    void a_delivery_whose_request_is_planned_waits_like_any_other() throws Exception {
        hang(THREADS);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        Attempt waiting = new Attempt();
        DeliveryContext context = DeliveryContext.of(waiting.exchange);
        context.planned(OutgoingRequest.email(URI.create("mailto:x@example.com"), "EMAIL", "text", context.timing()));
        assertFalse(waiting.process(exchange -> begun.add("never")));
        pass(StepThreads.LONGEST_WAIT.plusMillis(1));
        waiting.ended();
        isSentBack(waiting, NO_THREAD + "11 s");
    }

    @Test
    void an_attempt_continues_in_a_step_inside_a_step_that_both_hold_a_thread() throws Exception {
        Attempt outer = new Attempt();
        BulkheadExecutor oneNested = new BulkheadExecutor("one-of-test", 1, ledger);
        StepThreads few = new StepThreads(
                executor, oneNested, (exchange, rest) -> deliver.execute(rest), fencing, clock, nanos::get);
        BlockingQueue<String> continued = new LinkedBlockingQueue<>();
        AsyncProcessor inner = AsyncProcessorConverterHelper.convert(exchange -> {
            new Thread(() -> few.resume(exchange, () -> continued.add("second"))).start();
            begun.add(String.valueOf(continued.poll(30, TimeUnit.SECONDS)));
        });
        AsyncProcessor breaker = AsyncProcessorConverterHelper.convert(exchange -> {
            CountDownLatch ended = new CountDownLatch(1);
            new Thread(() -> few.resume(
                            exchange, () -> few.process(STEP, inner, exchange, doneSync -> ended.countDown())))
                    .start();
            ended.await();
        });
        few.process(STEP, breaker, outer.exchange, outer);
        assertEquals("second", begun.poll(40, TimeUnit.SECONDS));
        outer.ended();
        oneNested.close();
    }

    @Test
    void with_a_full_queue_a_delivery_is_requeued_at_once() throws Exception {
        hang(THREADS + 256);
        Attempt tooMany = new Attempt();

        assertTrue(tooMany.process(exchange -> begun.add("never")));
        isSentBack(tooMany, NO_THREAD + "0 s");
    }

    @Test
    void a_delivery_that_may_have_been_sent_is_not_requeued_and_runs_first() throws Exception {
        Attempt attempt = new Attempt();
        attempt.process(exchange -> {});
        attempt.ended();
        await().until(() -> executor.running() == 0);
        hang(THREADS + 1);

        assertFalse(attempt.process(exchange -> begun.add("the second step")));
        pass(Duration.ofMinutes(5));
        assertEquals(1, steps.waiting());
        end.release();
        assertEquals("the second step", begun.poll(30, TimeUnit.SECONDS));
        attempt.ended();
        assertNull(attempt.exchange.getException());
    }

    @Test
    void a_wait_for_a_thread_does_not_use_up_the_deadline() throws Exception {
        hang(THREADS);
        Attempt attempt = new Attempt();
        new RequestBuilding(clock, AttemptTracing.PROPAGATE_ONLY).process(attempt.exchange);
        DeliveryContext context = DeliveryContext.of(attempt.exchange);
        Instant deadline = context.deadline();
        attempt.process(exchange -> {});
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        clock.pass(Duration.ofSeconds(3));
        end.release();

        attempt.ended();
        assertEquals(deadline.plusSeconds(3), context.deadline());
        assertEquals(clock.instant(), context.startedAt());
    }

    /** Waits like a circuit breaker, with an asynchronous step in between. */
    private void waitForStepInside(CountDownLatch full, Attempt inside, Processor step) throws Exception {
        begun.add("a step");
        full.await();
        Thread elsewhere = new Thread(() -> inside.process(step));
        elsewhere.start();
        inside.ended();
    }

    private List<Attempt> waiting(CountDownLatch full, List<Attempt> outer, Processor step) throws Exception {
        List<Attempt> inside = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Delivery own = new SampleDelivery(URI.create("https://crm.example/hooks"))
                    .within(Duration.ofSeconds(15))
                    .delivery();
            Attempt inner = new Attempt();
            DeliveryContext.put(inner.exchange, own);
            DeliveryContext.of(inner.exchange).moveToStepThreads();
            Attempt attempt = new Attempt();
            DeliveryContext.put(attempt.exchange, own);
            attempt.process(exchange -> waitForStepInside(full, inner, step));
            begun.poll(30, TimeUnit.SECONDS);
            inside.add(inner);
            outer.add(attempt);
        }
        full.countDown();
        return inside;
    }

    @Test
    void nested_steps_run_although_outer_steps_hold_all_threads_of_the_account() throws Exception {
        List<Attempt> outer = new ArrayList<>();
        waiting(new CountDownLatch(1), outer, exchange -> {});

        for (Attempt attempt : outer) {
            attempt.ended();
            assertNull(attempt.exchange.getException());
        }
        await().until(() -> executor.running() == 0);
    }

    @Test
    void a_waiting_nested_step_of_a_late_step_does_not_run() throws Exception {
        Attempt outer = hang(1).get(0);
        for (int i = 0; i < THREADS; i++) {
            assertTrue(nested.execute(BulkheadExecutor.Part.of(SampleDelivery.ACCOUNT), end::acquireUninterruptibly));
        }
        Attempt inner = new Attempt();
        DeliveryContext.put(inner.exchange, DeliveryContext.delivery(outer.exchange));
        DeliveryContext.of(inner.exchange).moveToStepThreads();
        assertFalse(inner.process(exchange -> begun.add("never")));
        assertEquals(1, steps.waiting());
        pass(Duration.ofSeconds(16));
        end.release(THREADS + 1);

        inner.ended();
        assertInstanceOf(StepTimeoutException.class, inner.exchange.getException());
        assertTrue(begun.isEmpty());
    }

    @Test
    void a_delivery_that_was_canceled_while_it_waited_for_a_thread_does_not_begin() throws Exception {
        hang(THREADS);
        Attempt waiting = new Attempt();
        assertFalse(waiting.process(exchange -> begun.add("never")));
        canceled.add(DeliveryContext.delivery(waiting.exchange).id());
        end.release(THREADS);

        waiting.ended();
        assertInstanceOf(NothingSentException.class, waiting.exchange.getException());
        assertTrue(begun.isEmpty());
    }

    @Test
    void an_error_after_a_step_ends_the_attempt() throws Exception {
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        StepThreads telling = new StepThreads(
                executor,
                nested,
                (of, rest) -> {
                    try {
                        rest.run();
                    } catch (RuntimeException | Error e) {
                        failures.add(e);
                    }
                },
                fencing,
                clock,
                nanos::get);
        Error error = new StackOverflowError("behind a step");
        AsyncCallback fails = doneSync -> {
            throw error;
        };
        telling.process(STEP, AsyncProcessorConverterHelper.convert(exchange -> {}), new Attempt().exchange, fails);
        assertSame(error, failures.poll(30, TimeUnit.SECONDS));
        telling.process(STEP, calledBackWithin(), new Attempt().exchange, fails);
        assertSame(error, failures.poll(30, TimeUnit.SECONDS));
    }

    private static AsyncProcessor calledBackWithin() {
        return new AsyncProcessorSupport() {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                callback.done(false);
                return false;
            }
        };
    }

    @Test
    void a_step_can_stop_its_route_after_its_interrupt() throws Exception {
        Attempt attempt = new Attempt();
        attempt.process(exchange -> {
            hang(exchange);
            exchange.setRouteStop(true);
        });
        begun.poll(30, TimeUnit.SECONDS);
        pass(Duration.ofSeconds(16));
        end.release();

        attempt.ended();
        assertTrue(attempt.exchange.isRouteStop());
    }
}
