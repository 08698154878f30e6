package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/** The receiver and the token endpoint: counts every id that arrives. */
final class Sink {

    private final AtomicIntegerArray seen;
    private final LongAdder arrived = new LongAdder();
    private final AtomicInteger tokenRequests = new AtomicInteger();
    private final HttpServer server;

    Sink(Vertx vertx, int events) {
        seen = new AtomicIntegerArray(events);
        server = vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        if (request.path().startsWith("/oauth2/")) {
            tokenRequests.incrementAndGet();
            request.response()
                    .putHeader("Content-Type", "application/json")
                    .end("{\"access_token\":\"bench-token\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
            return;
        }
        request.body().onSuccess(body -> {
            count(body.getBytes());
            request.response().end("ok");
        });
    }

    private void count(byte[] body) {
        seen.incrementAndGet(Receivers.id(body));
        arrived.increment();
    }

    long arrived() {
        return arrived.sum();
    }

    int times(int id) {
        return seen.get(id);
    }

    int tokenRequests() {
        return tokenRequests.get();
    }
}
