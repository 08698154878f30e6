package io.engagementwebhooks.ledger;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.engagementwebhooks.testkit.LogLines;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class BackgroundTest {

    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration LATER = Duration.ofHours(1);

    @AutoClose
    private final LogLines lines = new LogLines(Background.class);

    private final Background background = new Background("tested");
    private final AtomicInteger runs = new AtomicInteger();

    private static final class Outage extends RuntimeException implements Background.Transient {
        private static final long serialVersionUID = 1L;

        Outage() {
            super("the database is away");
        }
    }

    @AfterEach
    void close() {
        background.close();
    }

    private List<String> logged() {
        return lines.events().stream()
                .filter(line -> line.getLevel() != Level.DEBUG)
                .map(line -> line.getLevel() + " " + line.getFormattedMessage())
                .toList();
    }

    @Test
    void a_failing_periodic_task_continues_and_is_logged_once() {
        background.every(SOON, () -> {
            int run = runs.incrementAndGet();
            if (run < 5) {
                throw new IllegalStateException("run " + run);
            } else if (run < 8) {
                throw new CompletionException(new Outage());
            } else if (run == 9) {
                throw new Outage();
            }
        });

        await().until(() -> runs.get() > 10);

        assertEquals(
                List.of(
                        "ERROR background.failed thread=tested",
                        "WARN background.postponed thread=tested reason=\"the database is away\"",
                        "WARN background.postponed thread=tested reason=\"the database is away\""),
                logged());
    }

    @Test
    void an_error_does_not_end_a_periodic_task() {
        background.every(SOON, () -> {
            runs.incrementAndGet();
            throw new NoClassDefFoundError("as after a broken deployment");
        });

        await().until(() -> runs.get() > 3);
    }

    @Test
    void a_task_is_retried_until_it_succeeds() {
        CountDownLatch succeeded = new CountDownLatch(1);
        background.retrying(() -> {
            if (runs.incrementAndGet() == 1) {
                throw new Outage();
            }
            succeeded.countDown();
        });

        await().until(() -> succeeded.getCount() == 0);

        assertEquals(2, runs.get());
    }

    @Test
    void closing_one_task_does_not_affect_the_others() {
        AtomicInteger others = new AtomicInteger();
        Background.Periodic closed = background.every(Duration.ZERO, SOON, runs::incrementAndGet);
        background.every(SOON, others::incrementAndGet);
        await().until(() -> runs.get() > 0);

        closed.close();
        // a run that had begun has ended when a later task of the thread has run
        int seen = others.get();
        await().until(() -> others.get() > seen + 1);
        int ended = runs.get();
        await().until(() -> others.get() > seen + 10);

        assertEquals(ended, runs.get());
    }

    @Test
    void once_closed_nothing_begins() {
        assertTrue(background.after(LATER, runs::incrementAndGet));
        background.close();

        assertFalse(background.after(Duration.ZERO, runs::incrementAndGet));
        background.retrying(runs::incrementAndGet);
        assertThrows(RejectedExecutionException.class, () -> background.execute(runs::incrementAndGet));
        assertTrue(background.awaitEnd(LATER));
        assertEquals(0, runs.get());
    }

    @Test
    void close_interrupts_the_running_task_without_logging_its_failure() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        background.execute(() -> {
            began.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw new IllegalStateException(e);
            }
        });
        began.await();

        background.close();

        assertTrue(background.awaitEnd(LATER));
        assertTrue(interrupted.get());
        assertEquals(List.of(), logged());
    }

    @Test
    void stop_completes_running_and_due_tasks_and_starts_no_other() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        background.execute(() -> {
            began.countDown();
            try {
                mayEnd.await();
                runs.incrementAndGet();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        began.await();
        background.execute(runs::incrementAndGet);
        background.after(LATER, runs::incrementAndGet);

        background.stop();
        assertFalse(background.awaitEnd(SOON));
        mayEnd.countDown();

        assertTrue(background.awaitEnd(LATER));
        assertEquals(2, runs.get());
    }
}
