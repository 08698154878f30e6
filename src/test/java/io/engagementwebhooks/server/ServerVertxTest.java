package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Raw;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerVertxTest {

    private static final String HOST = "127.0.0.1";

    private static final int MANAGEMENT_PORT = FreePort.any();

    private final Vertx vertx = new ServerVertx(
            new ServerVertx.Settings(
                    2,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    new Connections(10, ClientAddresses.OF_PEERS, new UnauthenticatedBudget(Ledger.ofHeap())),
                    MANAGEMENT_PORT,
                    new Connections(10, ClientAddresses.OF_PEERS, new UnauthenticatedBudget(Ledger.ofHeap()))),
            request -> true,
            router -> {});
    private final HttpServer server = vertx.createHttpServer().requestHandler(Router.router(vertx));

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void a_server_whose_port_is_taken_does_not_start_and_names_the_port() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            UncheckedIOException failure = assertThrows(
                    UncheckedIOException.class, () -> server.listen(other.getLocalPort(), HOST, reported -> {}));

            BindException cause = assertInstanceOf(BindException.class, failure.getCause());
            assertEquals(
                    "port " + other.getLocalPort() + " of " + HOST + " cannot be opened: Address already in use",
                    cause.getMessage());
        }
    }

    @Test
    void a_server_that_listens_says_so() {
        AtomicInteger port = new AtomicInteger();

        server.listen(0, HOST, reported -> port.set(reported.result().actualPort()));

        assertTrue(port.get() > 0);
    }

    @Test
    void the_management_port_answers_while_all_threads_of_the_main_port_are_busy() throws Exception {
        CountDownLatch held = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger port = new AtomicInteger();
        server.listen(0, HOST, reported -> port.set(reported.result().actualPort()));
        management().listen(MANAGEMENT_PORT, HOST, reported -> {});
        try {
            for (int i = 0; i < 2; i++) {
                vertx.executeBlocking(
                        () -> {
                            held.countDown();
                            end.await();
                            return null;
                        },
                        false);
            }
            held.await();

            assertEquals(
                    200,
                    Raw.exchange(MANAGEMENT_PORT, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                            .status());
        } finally {
            end.countDown();
        }
    }

    /** Answers like Camel's health checks: on a worker thread of its router's Vert.x. */
    private HttpServer management() {
        Router router = Router.router(vertx);
        router.get("/health")
                .handler(context ->
                        context.vertx().executeBlocking(() -> "UP", false).onSuccess(up -> context.end(up)));
        return vertx.createHttpServer().requestHandler(router);
    }
}
