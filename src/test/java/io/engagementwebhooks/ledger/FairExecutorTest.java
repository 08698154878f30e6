package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Patience;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which account's task is next, with a settable time. */
class FairExecutorTest {

    private static final long MILLISECOND = 1_000_000;

    private final ThreadLocal<AtomicLong> processor = ThreadLocal.withInitial(AtomicLong::new);
    private final AtomicLong time = new AtomicLong();
    private final Ledger ledger = new Ledger(1_000);
    private final FairExecutor executor =
            new FairExecutor("fair", 2, ledger, () -> processor.get().get(), time::get);
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    /** A permit frees one of the threads that {@link #occupy} occupied. */
    private final Semaphore free = new Semaphore(0);

    @AfterEach
    void close() {
        free.release(2);
        executor.close();
    }

    private void use(long milliseconds) {
        processor.get().addAndGet(milliseconds * MILLISECOND);
    }

    /** Occupies both threads, each for another account, so that tasks are queued before any of them runs. */
    private void occupy() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(2);
        for (String account : List.of("first", "second")) {
            executor.execute(account, () -> {
                begun.countDown();
                free.acquireUninterruptibly();
            });
        }
        assertTrue(begun.await(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
    }

    private String next() throws InterruptedException {
        return ran.poll(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void accounts_run_for_a_while_in_turn_however_many_tasks_one_has() throws Exception {
        occupy();
        for (int i = 0; i < 100; i++) {
            executor.execute("acme", () -> {
                time.addAndGet(MILLISECOND / 4);
                ran.add("acme");
            });
        }
        executor.execute("globex", () -> ran.add("globex"));
        free.release();
        assertEquals(List.of("acme", "acme", "globex", "acme"), List.of(next(), next(), next(), next()));
    }

    /** With one thread, since with two the account would run while another account's task runs. */
    @Test
    void an_account_whose_tasks_are_long_waits_until_others_have_had_as_much() throws Exception {
        occupy();
        for (int i = 0; i < 3; i++) {
            executor.execute("acme", () -> {
                use(50);
                time.addAndGet(50 * MILLISECOND);
                ran.add("acme");
            });
        }
        for (int i = 0; i < 20; i++) {
            executor.execute("globex", () -> {
                use(1);
                ran.add("globex");
            });
        }
        free.release();
        List<String> all = Stream.generate(this::nextUnchecked).limit(23).toList();
        List<String> expected = new ArrayList<>(List.of("acme"));
        expected.addAll(Collections.nCopies(20, "globex"));
        expected.addAll(List.of("acme", "acme"));
        assertEquals(expected, all);
    }

    private String nextUnchecked() {
        try {
            return next();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void one_account_occupies_half_of_the_threads_at_most() throws Exception {
        AtomicInteger running = new AtomicInteger();
        Semaphore ended = new Semaphore(0);
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < 5; i++) {
            executor.execute("acme", () -> {
                assertEquals(1, running.incrementAndGet());
                Patience.await(end);
                running.decrementAndGet();
                ended.release();
            });
        }
        executor.execute("globex", () -> ran.add("globex"));
        assertEquals("globex", next());
        assertTrue(executor.queued("acme") >= 4);
        end.countDown();
        assertTrue(ended.tryAcquire(5, Patience.LONG.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void a_failing_task_keeps_the_thread_and_is_charged() throws Exception {
        for (int i = 0; i < 10; i++) {
            executor.execute("acme", () -> {
                use(3);
                throw new IllegalStateException("a failing task");
            });
        }
        executor.execute("acme", () -> ran.add("acme"));
        assertEquals("acme", next());
        Awaitility.await().until(() -> ledger.of("acme").processorNanos() == 30 * MILLISECOND);
    }

    @Test
    void tasks_that_are_queued_when_it_is_closed_run() throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        for (int i = 0; i < 20; i++) {
            executor.execute("acme", () -> {
                Patience.await(begin);
                ran.add("acme");
            });
        }
        executor.close();
        begin.countDown();
        for (int i = 0; i < 20; i++) {
            assertEquals("acme", next());
        }
    }

    @Test
    void a_closed_executor_refuses_tasks_and_keeps_none() {
        executor.close();
        assertThrows(RejectedExecutionException.class, () -> executor.execute("acme", () -> {}));
        assertEquals(0, executor.queued("acme"));
    }
}
