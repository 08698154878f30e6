package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.store.jdbc.CommitCallbackExecutor.Callback;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A blocking callback delays no other callback and no other account. */
@Timeout(60)
class CommitCallbackExecutorTest {

    private final CommitCallbackExecutor answers = new CommitCallbackExecutor();

    @AfterEach
    void close() throws InterruptedException {
        answers.close();
    }

    @Test
    void an_account_waits_for_one_callback_of_another_and_each_keeps_its_order() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> allAdded = new CompletableFuture<>();
        CountDownLatch allDone = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        answers.add(List.of(new Callback("acme", () -> {
            begun.countDown();
            allAdded.join();
        })));
        begun.await();
        answers.add(IntStream.range(0, 1_000)
                .mapToObj(i -> new Callback("acme", () -> done.add("acme " + i)))
                .toList());
        answers.add(IntStream.range(0, 2)
                .mapToObj(i -> new Callback("globex", () -> done.add("globex " + i)))
                .toList());
        answers.add(List.of(new Callback("acme", allDone::countDown)));
        allAdded.complete(null);
        allDone.await();
        assertEquals(List.of("acme 0", "globex 0", "acme 1", "globex 1", "acme 2"), done.subList(0, 5));
        assertEquals("acme 999", done.get(1_001));
    }

    @Test
    void a_callback_that_is_blocked_by_a_lock_is_overtaken() {
        ReentrantLock lock = new ReentrantLock();
        CountDownLatch overtaken = new CountDownLatch(1);
        lock.lock();
        try {
            answers.add(List.of(
                    new Callback("acme", () -> {
                        lock.lock();
                        lock.unlock();
                    }),
                    new Callback("acme", overtaken::countDown)));
            Awaitility.await().until(() -> {
                answers.check();
                return overtaken.await(20, TimeUnit.MILLISECONDS);
            });
        } finally {
            lock.unlock();
        }
    }
}
