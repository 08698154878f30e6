package io.engagementwebhooks.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Errors.NativeIoException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The Vert.x that Camel's HTTP servers run on. Camel makes the servers itself and offers no hook to them, so the Vert.x it
 * finds in the registry is this one, which sets what has no option in Camel: limits of the request's head and of
 * connections, a deadline for the whole request, an idle time-out, a gate in front of the router, and a start that fails
 * where its port cannot be opened. The management port has threads that no other port uses.
 */
public final class ServerVertx {

    private static final int MAX_HEADERS_BYTES = 16 * 1024;
    private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
    /** A field of a form may be a template of some length; the body's own limit holds for all of them together. */
    private static final int MAX_FORM_FIELD_BYTES = 256 * 1024;

    private static final int MANAGEMENT_WORKERS = 4;

    /** What is read at a time: an unfinished head keeps such a buffer. */
    private static final AdaptiveRecvByteBufAllocator READ_BUFFERS = new AdaptiveRecvByteBufAllocator(256, 1024, 16384);

    private final Settings settings;
    private final Predicate<HttpServerRequest> gate;
    private final Consumer<Router> onRouter;
    private final VertxInternal vertx;
    private final VertxInternal management;

    /**
     * What has no option in Camel.
     *
     * @param workers threads on which requests are handled
     * @param requestTimeout a request whose head or body is not complete by then is closed
     * @param idleTimeout a connection without a byte for so long is closed
     * @param connections of the port for everybody
     * @param managementPort the operators' port
     * @param managementConnections of that
     */
    public record Settings(
            int workers,
            Duration requestTimeout,
            Duration idleTimeout,
            Connections connections,
            int managementPort,
            Connections managementConnections) {}

    private ServerVertx(Settings settings, Predicate<HttpServerRequest> gate, Consumer<Router> onRouter) {
        this.settings = settings;
        this.gate = gate;
        this.onRouter = onRouter;
        this.vertx = vertx(
                new VertxOptions()
                        .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
                        .setWorkerPoolSize(settings.workers()),
                settings.connections());
        this.management = vertx(
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(MANAGEMENT_WORKERS)
                        .setInternalBlockingPoolSize(1),
                settings.managementConnections());
    }

    private static VertxInternal vertx(VertxOptions options, Connections connections) {
        AcceptGate gate = new AcceptGate(connections);
        return (VertxInternal) new VertxBuilder(options)
                .findTransport(Epoll.isAvailable() ? new GatedEpoll(gate) : new GatedNio(gate))
                .init()
                .vertx();
    }

    /**
     * @param settings limits
     * @param gate sees each request first; false: it has answered it itself
     * @param onRouter is given each server's root router before it is used
     * @return a Vert.x to be bound in Camel's registry, and to be closed with it
     */
    public static Vertx create(Settings settings, Predicate<HttpServerRequest> gate, Consumer<Router> onRouter) {
        ServerVertx server = new ServerVertx(settings, gate, onRouter);
        return (Vertx) Proxy.newProxyInstance(
                ServerVertx.class.getClassLoader(), new Class<?>[] {VertxInternal.class}, server::invoke);
    }

    private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("createHttpServer")) {
            return Proxy.newProxyInstance(
                    ServerVertx.class.getClassLoader(),
                    new Class<?>[] {HttpServer.class},
                    new LateServer(arguments == null ? new HttpServerOptions() : (HttpServerOptions) arguments[0]));
        }
        if (method.getName().equals("close")) {
            management.close();
        }
        return invokeOn(ofThisThread(), method, arguments);
    }

    /** The one whose event loop this is. */
    private VertxInternal ofThisThread() {
        ContextInternal context = ContextInternal.current();
        return context != null && context.owner() == management ? management : vertx;
    }

    /** A server that is made when it is known on which port it listens. */
    private final class LateServer implements InvocationHandler {

        private final HttpServerOptions options;
        private Router router;
        private HttpServer server;

        LateServer(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("requestHandler") && arguments != null) {
                router = (Router) arguments[0];
                onRouter.accept(router);
                return proxy;
            }
            if (method.getName().equals("listen") && arguments != null && arguments.length == 3) {
                int port = (int) arguments[0];
                server = createServer(port == settings.managementPort() ? management : vertx, options, router);
                listen(server, port, (String) arguments[1]);
                handler(arguments[2]).handle(Future.succeededFuture(server));
                return proxy;
            }
            if (server == null) {
                throw new IllegalStateException(method.getName() + " is called before the server listens");
            }
            return invokeOn(server, method, arguments);
        }
    }

    private HttpServer createServer(Vertx on, HttpServerOptions options, Router router) {
        options.setMaxHeaderSize(MAX_HEADERS_BYTES)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxFormAttributeSize(MAX_FORM_FIELD_BYTES)
                .setMaxFormFields(1000)
                // looking for HTTP/2 in clear text, a connection is not set up before a whole head was read: no
                // deadline
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                // else epoll's transport has acknowledgements of each connection delayed from its first byte
                .setTcpQuickAck(true)
                .setIdleTimeout((int) settings.idleTimeout().toSeconds());
        return on.createHttpServer(options)
                .connectionHandler(connection -> watch(connection, options))
                .invalidRequestHandler(RouterProblems::answerInvalid)
                .requestHandler(request -> {
                    if (gate.test(request)) {
                        router.handle(request);
                    }
                });
    }

    /** Camel waits for its server in this call, and starts without one where its handler gets a failure. */
    private static void listen(HttpServer server, int port, String host) {
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new UncheckedIOException(
                    new BindException("port " + port + " of " + host + " cannot be opened: " + words(e.getCause())));
        }
    }

    /** Epoll's transport names the system call first. */
    private static String words(Throwable failure) {
        String message = failure.getMessage();
        return failure instanceof NativeIoException ? message.substring(message.indexOf(": ") + 2) : message;
    }

    @SuppressWarnings("unchecked")
    private static Handler<AsyncResult<HttpServer>> handler(Object argument) {
        return (Handler<AsyncResult<HttpServer>>) argument;
    }

    private void watch(HttpConnection opened, HttpServerOptions options) {
        if (opened instanceof ConnectionBase base) {
            Connection connection = base.channel().attr(Connection.KEY).get();
            RequestDecoder requests = new RequestDecoder(options, connection, settings.requestTimeout());
            ChannelPipeline pipeline = base.channel().pipeline();
            pipeline.replace("httpDecoder", "httpDecoder", requests);
            pipeline.addBefore("handler", "responses", new ResponseWatch(connection, requests));
        }
    }

    private static Object invokeOn(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void configure(ServerBootstrap server, AcceptGate gate) {
        server.handler(gate).childOption(ChannelOption.RCVBUF_ALLOCATOR, READ_BUFFERS);
    }

    /** Netty's epoll transport. */
    private static final class GatedEpoll extends EpollTransport {

        private final AcceptGate gate;

        GatedEpoll(AcceptGate gate) {
            this.gate = gate;
        }

        @Override
        public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(options, domainSocket, bootstrap);
            ServerVertx.configure(bootstrap, gate);
        }
    }

    /** The JDK's transport, used where epoll cannot be loaded. */
    private static final class GatedNio extends JDKTransport {

        private final AcceptGate gate;

        GatedNio(AcceptGate gate) {
            this.gate = gate;
        }

        @Override
        public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(options, domainSocket, bootstrap);
            ServerVertx.configure(bootstrap, gate);
        }
    }
}
