package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application that embeds the product may go on after a start that failed: nothing stays open. */
@Timeout(300)
class EmbeddedStartTest {

    /** Pools that the JVM keeps. */
    private static final List<String> JVMS = List.of("ForkJoinPool", "CompletableFutureDelayScheduler");

    /** A thread belongs to the group of the one that started it. */
    private final ThreadGroup application = new ThreadGroup("application");

    @TempDir
    Path folder;

    private <T> T inApplication(Callable<T> code) throws Exception {
        FutureTask<T> task = new FutureTask<>(code);
        new Thread(application, task, "application").start();
        return task.get();
    }

    private Main main(int port, String... more) {
        Properties properties = new Properties();
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        properties.setProperty("webhooks.store.url", "jdbc:sqlite:" + folder.resolve("webhooks.db"));
        properties.setProperty("camel.server.host", "127.0.0.1");
        properties.setProperty("camel.server.port", Integer.toString(port));
        properties.setProperty("camel.management.port", Integer.toString(FreePort.any()));
        Main main = new Main();
        EngagementWebhooks.embed(main, properties);
        return main;
    }

    /** An application whose start fails. */
    private Main failed(int port, RouteBuilder... routes) throws Exception {
        return inApplication(() -> {
            Main main = main(port);
            for (RouteBuilder builder : routes) {
                main.configure().addRoutesBuilder(builder);
            }
            assertThrows(Exception.class, main::start);
            return main;
        });
    }

    private static RouteBuilder routes(String from) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                if (from.isEmpty()) {
                    throw new IllegalStateException("no routes");
                }
                from(from).to("log:own");
            }
        };
    }

    private void assertNothingStays() {
        await().untilAsserted(() -> {
            Thread[] threads = new Thread[application.activeCount() + 100];
            int count = application.enumerate(threads);
            assertEquals(
                    List.of(),
                    Stream.of(threads)
                            .limit(count)
                            .map(Thread::getName)
                            .filter(name -> JVMS.stream().noneMatch(name::startsWith))
                            .sorted()
                            .toList());
        });
    }

    @Test
    void a_start_without_its_port_leaves_no_thread() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            failed(taken.getLocalPort());
            assertNothingStays();
        }
    }

    @Test
    void a_start_without_its_store_leaves_no_thread() throws Exception {
        try (FileChannel lock = FileChannel.open(
                        folder.resolve("webhooks.db.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            assertTrue(held.isValid());
            failed(FreePort.any());
            assertNothingStays();
        }
    }

    @Test
    void a_start_with_a_faulty_route_leaves_no_thread_and_no_lock() throws Exception {
        failed(FreePort.any(), routes("no-such-component:x"));
        assertNothingStays();

        Path own = folder.resolve("own.camel.yaml");
        Files.writeString(own, "- from: {uri: direct:own, steps: [{log: own}]}");
        Main main = inApplication(() -> {
            Main started = main(FreePort.any(), "camel.main.routes-include-pattern", "file:" + own);
            started.start();
            return started;
        });
        assertNotNull(main.getCamelContext().hasEndpoint("direct:own"), "the setting may be written with dashes");
        assertNotNull(main.getCamelContext().getRoute("deliver-due"));
        main.stop();
        assertNothingStays();
    }

    /** Camel calls nothing when its main class cannot be initialized. */
    @Test
    void a_start_without_routes_leaves_no_thread_once_its_context_is_stopped() throws Exception {
        Main faulty = failed(FreePort.any(), routes(""));
        faulty.getCamelContext().stop();
        assertNothingStays();
    }

    @Test
    void an_application_that_does_not_start_leaves_no_thread_once_it_is_stopped() throws Exception {
        inApplication(() -> main(FreePort.any())).stop();
        assertNothingStays();
    }
}
