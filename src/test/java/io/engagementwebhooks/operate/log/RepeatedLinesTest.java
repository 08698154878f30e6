package io.engagementwebhooks.operate.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a library repeats is written once a minute, with a count. */
class RepeatedLinesTest {

    private static final String AWAY = "[Consumer groupId=a] Connection to node {} ({}) could not be established.";

    private final AtomicLong nanos = new AtomicLong();
    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        RepeatedLines limit = new RepeatedLines(nanos::get);
        limit.start();
        context.addTurboFilter(limit);
        lines.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(lines);
    }

    private List<String> written() {
        List<String> texts =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        lines.list.clear();
        return texts;
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void a_librarys_warning_is_written_once_and_then_each_minute_with_a_count() {
        Logger client = context.getLogger("org.apache.kafka.clients.NetworkClient");
        for (int second = 0; second < 120; second++) {
            client.warn(AWAY, -1, "localhost/127.0.0.1:" + second);
            client.info("Node {} disconnected.", -1);
            pass(1);
        }
        client.warn(AWAY, -1, "last");
        assertEquals(
                List.of(
                        "[Consumer groupId=a] Connection to node -1 (localhost/127.0.0.1:0) could not be established.",
                        "Node -1 disconnected.",
                        "[Consumer groupId=a] Connection to node -1 (localhost/127.0.0.1:60) could not be established."
                                + " (59 more of these were left out)",
                        "Node -1 disconnected. (59 more of these were left out)",
                        "[Consumer groupId=a] Connection to node -1 (last) could not be established."
                                + " (59 more of these were left out)"),
                written());
    }

    @Test
    void other_lines_of_the_same_logger_and_lines_below_warn_are_written() {
        Logger camel = context.getLogger("org.apache.camel.component.kafka.KafkaFetchRecords");
        camel.warn("cannot connect");
        camel.warn("cannot connect");
        camel.warn("cannot subscribe");
        camel.info("Started route {}", "one");
        camel.info("Started route {}", "two");
        assertEquals(
                List.of("cannot connect", "cannot subscribe", "Started route one", "Started route two"), written());
    }

    @Test
    void the_line_with_the_count_has_the_exception() {
        Logger pool = context.getLogger("com.zaxxer.hikari.pool.PoolBase");
        for (int i = 0; i < 3; i++) {
            pool.error("no connection", new IllegalStateException("refused"));
            pass(59 * (i % 2));
        }
        pass(1);
        pool.error("no connection", new IllegalStateException("refused"));
        assertEquals("refused", lines.list.get(1).getThrowableProxy().getMessage());
        assertEquals(List.of("no connection", "no connection (2 more of these were left out)"), written());
    }

    @Test
    void our_own_lines_are_written_sixty_times_a_minute() {
        Logger ours = context.getLogger("io.engagementwebhooks.operate.routes.RouteFollower");
        for (int i = 0; i < 100; i++) {
            ours.error("{}: {}", "file", "fault " + i);
        }
        assertEquals(RepeatedLines.OF_OURS, written().size());
        pass(60);
        ours.error("{}: {}", "file", "fault");
        assertEquals(List.of("file: fault (40 more of these were left out)"), written());
    }

    @Test
    void repeated_lines_of_one_account_do_not_hide_those_of_another() {
        Logger ours = context.getLogger("io.engagementwebhooks.ingest.SystemEventPublisher");
        for (int i = 0; i < 100; i++) {
            ours.warn("{} account={} webhook={}", "paused", "acme", "w" + i);
        }
        assertEquals(RepeatedLines.OF_OURS, written().size());
        ours.warn("{} account={} webhook={}", "paused", "beta", "w0");
        assertEquals(List.of("paused account=beta webhook=w0"), written());
        ours.warn("account={} has no value");
        assertEquals(List.of("account={} has no value"), written());
    }

    @Test
    void the_number_of_remembered_messages_is_limited() {
        Logger library = context.getLogger("com.example.Library");
        for (int i = 0; i < 50_000; i++) {
            library.warn("value " + i);
        }
        assertEquals(50_000, written().size());
    }
}
