package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/** The receiver and the token endpoint: counts every id that arrives. */
final class Sink {

    private static final byte[] MARK = "\"id\":\"b-".getBytes(StandardCharsets.US_ASCII);

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
        int at = find(body);
        int id = 0;
        while (at < body.length && body[at] != '"') {
            id = id * 10 + body[at++] - '0';
        }
        seen.incrementAndGet(id);
        arrived.increment();
    }

    private static int find(byte[] body) {
        for (int i = 0; i <= body.length - MARK.length; i++) {
            int j = 0;
            while (j < MARK.length && body[i + j] == MARK[j]) {
                j++;
            }
            if (j == MARK.length) {
                return i + MARK.length;
            }
        }
        throw new IllegalStateException("a body without an id arrived");
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
