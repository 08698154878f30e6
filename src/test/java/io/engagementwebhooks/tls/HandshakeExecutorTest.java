package io.engagementwebhooks.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Patience;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeExecutorTest {

    private final HandshakeExecutor executor = new HandshakeExecutor("handshake", 1);

    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final List<String> order = new CopyOnWriteArrayList<>();

    /** Occupies the only thread. */
    private void occupy() throws InterruptedException {
        executor.execute("first", () -> {
            begun.countDown();
            Patience.await(release);
        });
        begun.await();
    }

    @AfterEach
    void release() {
        release.countDown();
    }

    private void queue(String key) {
        executor.execute(key, () -> order.add(key));
    }

    private int queueAll(String key) {
        int accepted = 0;
        try {
            for (; ; accepted++) {
                queue(key);
            }
        } catch (RejectedExecutionException full) {
            return accepted;
        }
    }

    @Test
    void a_key_with_many_tasks_delays_another_by_one() throws Exception {
        occupy();
        for (int i = 0; i < 10; i++) {
            queue("flood");
        }
        queue("sender");
        CountDownLatch done = new CountDownLatch(1);
        executor.execute("sender", done::countDown);
        release.countDown();
        done.await();

        assertEquals(List.of("flood", "sender", "flood"), order.subList(0, 3));
    }

    @Test
    void the_queue_of_a_key_is_bounded_and_further_keys_get_less() throws Exception {
        occupy();
        int first = queueAll("1");
        int second = queueAll("2");

        assertTrue(first < HandshakeExecutor.MAX_QUEUED / 4, () -> first + " of one key");
        assertTrue(second < first, () -> second + " of another");
        assertThrows(RejectedExecutionException.class, () -> queue("1"));
    }

    @Test
    void all_queues_together_are_bounded_and_a_new_key_may_queue_until_then() throws Exception {
        occupy();
        int all = 0;
        for (int key = 0; all < HandshakeExecutor.MAX_QUEUED; key++) {
            int accepted = queueAll("key-" + key);
            assertTrue(accepted > 0, "a new key");
            all += accepted;
        }
        assertThrows(RejectedExecutionException.class, () -> queue("new"));
    }

    @Test
    void a_task_that_fails_does_not_stop_the_next() throws Exception {
        executor.execute("key", () -> {
            throw new IllegalStateException("of a test");
        });
        CountDownLatch done = new CountDownLatch(1);
        executor.execute("key", done::countDown);
        done.await();
    }
}
