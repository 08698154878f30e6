package io.engagementwebhooks.outbox;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The number of active threads, and their tasks. */
@Timeout(300)
class WorkQueueTest {

    private static final int THREADS = 8;
    private static final int ENOUGH = 2;
    private static final long NEVER = Duration.ofDays(1).toNanos();
    private static final long SOON = Duration.ofMillis(1).toNanos();

    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> begun = new ConcurrentLinkedQueue<>();
    private final Map<String, CountDownLatch> steps = new ConcurrentHashMap<>();
    private WorkQueue work;

    private void start(long patience) {
        work = new WorkQueue(Clock.systemUTC(), ENOUGH, patience);
        long opening = work.open();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> run(opening));
            threads.add(thread);
            thread.start();
        }
        await().until(() -> idle() == THREADS);
    }

    private void run(long opening) {
        try {
            for (Work next = work.take(opening, null); next != null; next = work.take(opening, next)) {
                next.rest().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Idle threads, without those blocked in a step. */
    private long idle() {
        return threads.stream()
                .filter(thread ->
                        thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING)
                .filter(thread -> List.of(thread.getStackTrace()).stream()
                        .anyMatch(frame -> frame.getClassName().equals(WorkQueue.class.getName())))
                .count();
    }

    @AfterEach
    void close() throws InterruptedException {
        steps.values().forEach(CountDownLatch::countDown);
        work.close(delivery -> {});
        for (Thread thread : threads) {
            thread.join(TimeUnit.MINUTES.toMillis(1));
            assertFalse(thread.isAlive(), "a thread that waits for work returns");
        }
    }

    private void blockingStep(String account) {
        steps.put(account, new CountDownLatch(1));
        assertTrue(work.resume(Work.resume(account, account, () -> block(account))));
    }

    private void block(String account) {
        begun.add(account);
        try {
            steps.get(account).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void another_thread_is_active_only_while_many_tasks_wait_and_their_number_is_bounded() {
        start(NEVER);
        blockingStep("account-0");
        await().until(() -> begun.size() == 1);
        blockingSteps(1, WorkQueue.TASKS_PER_THREAD);
        await().until(() -> idle() == THREADS - 1);
        assertEquals(1, begun.size());
        int next = WorkQueue.TASKS_PER_THREAD + 1;
        blockingStep("account-" + next);
        await().until(() -> begun.size() == ENOUGH);
        blockingSteps(next + 1, next + 5 * WorkQueue.TASKS_PER_THREAD);
        await().until(() -> idle() == THREADS - ENOUGH);
        assertEquals(List.of("account-0", "account-1"), List.copyOf(begun));
        steps.get("account-0").countDown();
        await().until(() -> begun.size() == ENOUGH + 1 && idle() == THREADS - ENOUGH);
        assertTrue(begun.contains("account-2"));
    }

    private void blockingSteps(int first, int last) {
        for (int i = first; i <= last; i++) {
            blockingStep("account-" + i);
        }
    }

    @Test
    void blocking_steps_do_not_delay_others() {
        start(SOON);
        for (int i = 0; i < 6; i++) {
            blockingStep("account-" + i);
        }
        await().until(() -> begun.size() == 6);
        CountDownLatch done = new CountDownLatch(1);
        work.resume(Work.resume("another", "delivery", done::countDown));
        await().until(() -> done.getCount() == 0);
    }

    @Test
    void one_account_has_half_of_the_threads_however_many_of_its_steps_block() {
        start(SOON);
        for (int i = 0; i < THREADS; i++) {
            String delivery = "delivery-" + i;
            steps.put(delivery, new CountDownLatch(1));
            work.resume(Work.resume("acme", delivery, () -> block(delivery)));
        }
        await().until(() -> begun.size() == THREADS / 2);
        blockingStep("globex");
        await().until(() -> begun.contains("globex"));
        assertEquals(THREADS / 2 + 1, begun.size());
    }

    @Test
    void a_stop_during_a_refill_ends_the_thread_that_refills() throws InterruptedException {
        work = new WorkQueue(Clock.systemUTC(), ENOUGH, NEVER);
        work.onRefill(() -> work.close(delivery -> {}));
        assertNull(work.take(work.open(), null));
    }

    @Test
    void a_restart_during_a_refill_ends_the_thread_of_the_earlier_start() throws InterruptedException {
        work = new WorkQueue(Clock.systemUTC(), ENOUGH, NEVER);
        work.onRefill(() -> {
            work.close(delivery -> {});
            work.open();
            work.onRefill(() -> {});
        });
        assertNull(work.take(work.open(), null));
    }
}
