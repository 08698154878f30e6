package io.engagementwebhooks.testkit;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;

/** A reverse proxy on loopback that buffers nothing. It answers 502 while its target is away. Thread-safe. */
public final class HttpRelay implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final HttpServer server;
    private volatile int target;

    /** @param target port of the target on loopback */
    public HttpRelay(int target) {
        this.target = target;
        this.server = Patience.get(vertx.createHttpServer()
                .requestHandler(this::relay)
                .listen(0, "127.0.0.1")
                .toCompletionStage());
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    /** Leads to another port from now on. */
    public void leadTo(int port) {
        target = port;
    }

    private void relay(HttpServerRequest request) {
        request.pause();
        client.request(request.method(), target, "127.0.0.1", request.uri())
                .compose(onward -> {
                    onward.headers().addAll(request.headers());
                    request.response().closeHandler(closed -> onward.reset());
                    return onward.send(request);
                })
                .onSuccess(answer -> {
                    request.response().setStatusCode(answer.statusCode());
                    request.response().headers().addAll(answer.headers());
                    answer.pipeTo(request.response())
                            .onFailure(lost -> request.connection().close());
                })
                .onFailure(away -> {
                    if (!request.response().ended()) {
                        request.response().setStatusCode(502).end();
                    }
                });
    }

    @Override
    public void close() {
        Patience.get(vertx.close().toCompletionStage());
    }
}
