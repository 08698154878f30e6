package io.engagementwebhooks.server;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The Vert.x that Camel's HTTP server runs on. Camel makes the server itself and offers no hook to it, so the Vert.x it
 * finds in the registry is this one, which sets what has no option in Camel: limits of the request's head, a deadline for
 * the whole request, an idle time-out, and a gate in front of the router, and a start that fails
 * where its port cannot be opened.
 */
public final class ServerVertx {

    private static final int MAX_HEADERS_BYTES = 16 * 1024;
    private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
    /** A field of a form may be a template of some length; the body's own limit holds for all of them together. */
    private static final int MAX_FORM_FIELD_BYTES = 256 * 1024;

    private final Vertx vertx;
    private final Settings settings;
    private final Predicate<HttpServerRequest> gate;
    private final Consumer<Router> onRouter;

    /**
     * What has no option in Camel.
     *
     * @param workers threads on which requests are handled
     * @param requestTimeout a request whose head or body is not complete by then is closed
     * @param idleTimeout a connection without a byte for so long is closed
     */
    public record Settings(int workers, Duration requestTimeout, Duration idleTimeout) {}

    private ServerVertx(Settings settings, Predicate<HttpServerRequest> gate, Consumer<Router> onRouter) {
        this.vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(settings.workers()));
        this.settings = settings;
        this.gate = gate;
        this.onRouter = onRouter;
    }

    /**
     * @param settings limits
     * @param gate sees each request first; false: it has answered it itself
     * @param onRouter is given each server's root router before it is used
     * @return a Vert.x to be bound in Camel's registry; whoever bound it closes it
     */
    public static Vertx create(Settings settings, Predicate<HttpServerRequest> gate, Consumer<Router> onRouter) {
        ServerVertx server = new ServerVertx(settings, gate, onRouter);
        return (Vertx) Proxy.newProxyInstance(
                ServerVertx.class.getClassLoader(),
                new Class<?>[] {VertxInternal.class},
                (proxy, method, arguments) -> method.getName().equals("createHttpServer")
                        ? server.createHttpServer(arguments)
                        : invoke(server.vertx, method, arguments));
    }

    private HttpServer createHttpServer(Object[] arguments) {
        HttpServerOptions options = arguments == null ? new HttpServerOptions() : (HttpServerOptions) arguments[0];
        options.setMaxHeaderSize(MAX_HEADERS_BYTES)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxFormAttributeSize(MAX_FORM_FIELD_BYTES)
                .setMaxFormFields(1000)
                // looking for HTTP/2 in clear text, a connection is not set up before a whole head was read: no
                // deadline
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout((int) settings.idleTimeout().toSeconds());
        HttpServer server = vertx.createHttpServer(options)
                .connectionHandler(this::watch)
                .invalidRequestHandler(RouterProblems::answerInvalid);
        return (HttpServer) Proxy.newProxyInstance(
                ServerVertx.class.getClassLoader(), new Class<?>[] {HttpServer.class}, (proxy, method, arguments2) -> {
                    if (method.getName().equals("requestHandler") && arguments2 != null) {
                        Router router = (Router) arguments2[0];
                        onRouter.accept(router);
                        server.requestHandler(request -> {
                            if (gate.test(request)) {
                                router.handle(request);
                            }
                        });
                        return proxy;
                    }
                    if (method.getName().equals("listen") && arguments2 != null && arguments2.length == 3) {
                        listen(server, (int) arguments2[0], (String) arguments2[1]);
                        handler(arguments2[2]).handle(Future.succeededFuture(server));
                        return proxy;
                    }
                    return invoke(server, method, arguments2);
                });
    }

    /** Camel waits for its server in this call, but goes on without one where its handler is told of a failure. */
    private static void listen(HttpServer server, int port, String host) {
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new UncheckedIOException(new BindException("port " + port + " of " + host + " cannot be opened: "
                    + e.getCause().getMessage()));
        }
    }

    @SuppressWarnings("unchecked")
    private static Handler<AsyncResult<HttpServer>> handler(Object argument) {
        return (Handler<AsyncResult<HttpServer>>) argument;
    }

    private void watch(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelPipeline pipeline = base.channel().pipeline();
            RequestDeadline deadline = new RequestDeadline(settings.requestTimeout());
            pipeline.addFirst("request-begins", deadline.beginning());
            pipeline.addBefore("handler", "request-is-complete", deadline.completion());
        }
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
