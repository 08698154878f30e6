package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerVertxTest {

    private static final String HOST = "127.0.0.1";

    private final Vertx vertx = ServerVertx.create(
            new ServerVertx.Settings(2, Duration.ofSeconds(10), Duration.ofSeconds(10)), request -> true, router -> {});
    private final HttpServer server = vertx.createHttpServer().requestHandler(Router.router(vertx));

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void a_server_whose_port_is_taken_does_not_start_and_names_the_port() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            UncheckedIOException failure = assertThrows(
                    UncheckedIOException.class, () -> server.listen(other.getLocalPort(), HOST, told -> {}));

            BindException cause = assertInstanceOf(BindException.class, failure.getCause());
            assertTrue(cause.getMessage().startsWith("port " + other.getLocalPort()), cause.getMessage());
        }
    }

    @Test
    void a_server_that_listens_says_so() {
        AtomicInteger port = new AtomicInteger();

        server.listen(0, HOST, told -> port.set(told.result().actualPort()));

        assertTrue(port.get() > 0);
    }
}
