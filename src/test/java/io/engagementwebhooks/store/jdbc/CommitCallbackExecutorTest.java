package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.engagementwebhooks.store.jdbc.CommitCallbackExecutor.Callback;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A blocking callback delays no other callback and no other account; the log names steps of routes only. */
@Timeout(60)
class CommitCallbackExecutorTest {

    private final Logger log = (Logger) LoggerFactory.getLogger(CommitCallbackExecutor.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final CommitCallbackExecutor answers = new CommitCallbackExecutor();

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
    }

    @AfterEach
    void close() throws InterruptedException {
        log.detachAppender(lines);
        answers.close();
    }

    private void overtake(Runnable waiting) {
        CountDownLatch reported = new CountDownLatch(1);
        answers.add(List.of(new Callback("acme", waiting), new Callback("acme", reported::countDown)));
        Awaitility.await().until(() -> {
            answers.check();
            return reported.await(20, TimeUnit.MILLISECONDS);
        });
    }

    private List<String> warnings() {
        return lines.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
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
    void a_callback_blocked_by_a_lock_of_the_product_is_replaced_and_no_step_is_logged() {
        ReentrantLock ours = new ReentrantLock();
        ours.lock();
        overtake(() -> {
            ours.lock();
            ours.unlock();
        });
        ours.unlock();
        assertEquals(List.of(), warnings());
    }

    @Test
    void a_blocking_route_step_is_logged_on_one_short_line() throws Exception {
        CountDownLatch waitedFor = new CountDownLatch(1);
        CamelContext camel = new DefaultCamelContext();
        try {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:waits").bean(waitedFor, "await()");
                }
            });
            camel.start();
            overtake(() ->
                    camel.createFluentProducerTemplate().to("direct:waits").send());
            waitedFor.countDown();
        } finally {
            camel.stop();
        }
        List<String> warnings = warnings();
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.get(0).contains("org.apache.camel.support.ObjectHelper"), warnings::toString);
        assertTrue(warnings.get(0).length() < 300, warnings::toString);
    }
}
