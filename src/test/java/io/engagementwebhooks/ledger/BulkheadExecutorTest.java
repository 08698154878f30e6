package io.engagementwebhooks.ledger;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.BulkheadExecutor.Part;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which accounts get threads while tasks never end. */
@Timeout(60)
class BulkheadExecutorTest {

    private static final int SIZE = 8;
    private static final int SHARE = 2;

    private final Ledger ledger = new Ledger(1_000);

    /** Threads of former tests may not have ended. */
    private final String name = "bulkhead-" + UUID.randomUUID();

    @AutoClose
    private final BulkheadExecutor executor = new BulkheadExecutor(name, SIZE, ledger);

    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    /** A permit ends one of the tasks that hang. */
    private final Semaphore end = new Semaphore(0);

    private void hang(String account, int tasks) {
        for (int i = 0; i < tasks; i++) {
            assertTrue(executor.execute(Part.of(account), end::acquireUninterruptibly));
        }
    }

    private void note(String what) {
        assertTrue(executor.execute(Part.of("noting"), () -> ran.add(what)));
    }

    private long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .count();
    }

    @Test
    void one_account_has_a_quarter_of_the_threads() {
        hang("acme", 5);

        assertEquals(SHARE, executor.running());
        assertEquals(3, executor.queued());
        end.release(5);
        await().until(() -> executor.running() == 0);
        assertEquals(0, executor.queued());
    }

    @Test
    void an_account_always_gets_a_thread_even_if_others_never_end() throws Exception {
        for (int i = 0; i < 20; i++) {
            hang("hangs-" + i, 5);
        }
        note("arrived");

        assertEquals("arrived", ran.poll(30, TimeUnit.SECONDS));
        // four accounts have two each, which are all threads; each further account gets an extra one
        await().until(() -> executor.running() == 4 * SHARE + 16);
        assertTrue(threads() <= SIZE + 21, threads() + " threads");
        end.release(100);
    }

    @Test
    void a_part_of_an_account_gets_a_thread_even_if_another_part_never_ends() throws Exception {
        hang("acme", 5);
        assertTrue(executor.execute(new Part("acme", "kafka-sink"), () -> ran.add("arrived")));

        assertEquals("arrived", ran.poll(30, TimeUnit.SECONDS));
        await().until(() -> executor.running() == SHARE);
        end.release(5);
    }

    @Test
    void all_parts_of_an_account_have_one_thread_each_beyond_its_quarter() {
        for (int part = 0; part < 4; part++) {
            for (int i = 0; i < 3; i++) {
                executor.execute(new Part("acme", "sink-" + part), end::acquireUninterruptibly);
            }
        }

        // the first has two, which is the quarter
        assertEquals(SHARE + 3, executor.running());
        end.release(12);
    }

    @Test
    void a_completed_task_passes_its_thread_to_the_next_account() throws Exception {
        hang("a", SHARE);
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            executor.execute(Part.of("a"), done::countDown);
        }
        long before = threads();
        end.release(SHARE);

        assertTrue(done.await(30, TimeUnit.SECONDS));
        assertEquals(before, threads());
    }

    @Test
    void an_account_whose_queue_is_full_is_refused_and_others_are_not() throws Exception {
        hang("acme", SHARE + BulkheadExecutor.MAX_QUEUED);

        assertFalse(executor.execute(Part.of("acme"), () -> ran.add("too many")));
        assertTrue(executor.executeFirst(Part.of("acme"), () -> ran.add("first")));
        note("of another");
        assertEquals("of another", ran.poll(30, TimeUnit.SECONDS));
        end.release(1);
        assertEquals("first", ran.poll(30, TimeUnit.SECONDS));
        end.release(SHARE + BulkheadExecutor.MAX_QUEUED);
    }

    @Test
    void a_removed_task_never_runs() throws Exception {
        hang("acme", SHARE);
        Runnable late = () -> ran.add("late");
        executor.execute(Part.of("acme"), late);
        executor.execute(Part.of("acme"), () -> ran.add("stays"));

        assertEquals(List.of(late), executor.removeQueued(task -> task == late));
        assertEquals(1, executor.queued());
        end.release(SHARE);
        assertEquals("stays", ran.poll(30, TimeUnit.SECONDS));
        await().until(() -> executor.running() == 0);
        assertTrue(ran.isEmpty());
    }

    @Test
    void a_failing_task_keeps_the_thread_and_clears_its_interrupt() throws Exception {
        for (int i = 0; i < 10; i++) {
            executor.execute(Part.of("acme"), () -> {
                Thread.currentThread().interrupt();
                throw new StackOverflowError("as a task may");
            });
            executor.execute(Part.of("acme"), () -> ran.add(Boolean.toString(Thread.interrupted())));
        }
        for (int i = 0; i < 10; i++) {
            assertEquals("false", ran.poll(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void a_task_sees_its_account_and_is_charged() throws Exception {
        assertNull(BulkheadExecutor.currentPart());
        executor.execute(
                Part.of("acme"), () -> ran.add(BulkheadExecutor.currentPart().account()));

        assertEquals("acme", ran.poll(30, TimeUnit.SECONDS));
        await().until(() -> ledger.of("acme").processorNanos() > 0);
    }

    @Test
    void close_interrupts_running_tasks_and_refuses_others() throws Exception {
        executor.execute(Part.of("acme"), () -> {
            try {
                end.acquire();
            } catch (InterruptedException e) {
                ran.add("interrupted");
            }
        });
        executor.close();

        assertEquals("interrupted", ran.poll(30, TimeUnit.SECONDS));
        assertFalse(executor.execute(Part.of("acme"), () -> ran.add("after the end")));
        assertFalse(executor.executeFirst(Part.of("acme"), () -> ran.add("after the end")));
    }
}
