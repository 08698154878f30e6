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
import io.vertx.core.impl.VertxWrapper;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.spi.transport.Transport;
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
 * The Vert.x of Camel's HTTP servers, bound in the registry since Camel offers no hook. It sets what Camel has no
 * option for: limits of the request's head and of connections, a deadline per request, an idle time-out, a gate before
 * the router, and a start that fails if a port cannot be opened. The management port has its own threads.
 */
public final class ServerVertx extends VertxWrapper {

    private static final int MAX_HEADERS_BYTES = 16 * 1024;
    private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
    /** The largest form field, such as a template; the body's limit applies to all together. */
    private static final int MAX_FORM_FIELD_BYTES = 256 * 1024;

    private static final int MANAGEMENT_WORKERS = 4;

    /** Sizes of read buffers; an incomplete head keeps one. */
    private static final AdaptiveRecvByteBufAllocator READ_BUFFERS = new AdaptiveRecvByteBufAllocator(256, 1024, 16384);

    private final Settings settings;
    private final Predicate<HttpServerRequest> gate;
    private final Consumer<Router> onRouter;
    private final VertxInternal management;

    /**
     * Settings without an option in Camel.
     *
     * @param workers the number of worker threads
     * @param requestTimeout deadline for a complete request; then its connection is closed
     * @param idleTimeout idle connections are closed after this
     * @param connections connections of the main port
     * @param managementPort the management port
     * @param managementConnections connections of the management port
     */
    public record Settings(
            int workers,
            Duration requestTimeout,
            Duration idleTimeout,
            Connections connections,
            int managementPort,
            Connections managementConnections) {}

    /**
     * @param settings limits
     * @param gate called first for each request; false: it has answered the request
     * @param onRouter called with each server's root router before its use
     */
    public ServerVertx(Settings settings, Predicate<HttpServerRequest> gate, Consumer<Router> onRouter) {
        super(vertx(
                new VertxOptions()
                        .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
                        .setWorkerPoolSize(settings.workers()),
                settings.connections()));
        this.settings = settings;
        this.gate = gate;
        this.onRouter = onRouter;
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
                .findTransport(Epoll.isAvailable() ? epoll(gate) : nio(gate))
                .init()
                .vertx();
    }

    /** Netty's epoll transport. */
    private static Transport epoll(AcceptGate gate) {
        return new EpollTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                ServerVertx.configure(bootstrap, gate);
            }
        };
    }

    /** The JDK's transport, where epoll is not available. */
    private static Transport nio(AcceptGate gate) {
        return new JDKTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                ServerVertx.configure(bootstrap, gate);
            }
        };
    }

    @Override
    public HttpServer createHttpServer() {
        return createHttpServer(new HttpServerOptions());
    }

    @Override
    public HttpServer createHttpServer(HttpServerOptions options) {
        return (HttpServer) Proxy.newProxyInstance(
                ServerVertx.class.getClassLoader(), new Class<?>[] {HttpServer.class}, new LateServer(options));
    }

    /** The context of the current event loop, which may be the management port's. */
    @Override
    public ContextInternal getOrCreateContext() {
        ContextInternal context = ContextInternal.current();
        return context != null && context.owner() == management ? context : super.getOrCreateContext();
    }

    @Override
    public void runOnContext(Handler<Void> task) {
        getOrCreateContext().runOnContext(task);
    }

    @Override
    public Future<Void> close() {
        management.close();
        return super.close();
    }

    @Override
    public void close(Handler<AsyncResult<Void>> whenClosed) {
        management.close();
        super.close(whenClosed);
    }

    /** A server that is created once its port is known. */
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
                server = createServer(port == settings.managementPort() ? management : delegate, options, router);
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
                // with clear-text HTTP/2, Vert.x sets a connection up only after a whole head, without a deadline
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                // else the epoll transport delays the acknowledgements of each connection
                .setTcpQuickAck(true)
                .setIdleTimeout((int) settings.idleTimeout().toSeconds());
        if (options.isSsl()) {
            options.setSslEngineOptions(new ServerTls());
        }
        return on.createHttpServer(options)
                .connectionHandler(connection -> watch(connection, options))
                .invalidRequestHandler(RouterProblems::answerInvalid)
                .requestHandler(request -> {
                    if (gate.test(request)) {
                        router.handle(request);
                    }
                });
    }

    /** Camel waits in this call, and would start without a server if its handler got a failure. */
    private static void listen(HttpServer server, int port, String host) {
        try {
            server.listen(port, host).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new UncheckedIOException(
                    new BindException("port " + port + " of " + host + " cannot be opened: " + message(e.getCause())));
        }
    }

    /** The message without the system call that the epoll transport names first. */
    private static String message(Throwable failure) {
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
}
