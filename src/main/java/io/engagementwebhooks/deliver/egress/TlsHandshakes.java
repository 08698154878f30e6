package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.LimitedSslHandler;
import io.engagementwebhooks.tls.PeerLimitException;
import io.engagementwebhooks.webhook.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Makes Vert.x's client use our {@link SSLContext}, and records the duration of each handshake and whether the server
 * requested a client certificate. Thread-safe.
 */
final class TlsHandshakes extends SSLEngineOptions {

    private static final String[] PROTOCOLS = {"TLSv1.2", "TLSv1.3"};

    private final Tls tls;
    private final SSLContext context;
    private final ReadScheduler.Account account;
    private final Executor tasks;

    /** Handshakes in progress. For the event loop only. */
    private final Set<ObservedHandler> running = new HashSet<>();

    /**
     * @param tls our TLS settings
     * @param context made of them
     * @param account whose handshakes they are
     * @param tasks runs their computations
     */
    TlsHandshakes(Tls tls, SSLContext context, ReadScheduler.Account account, Executor tasks) {
        this.tls = tls;
        this.context = context;
        this.account = account;
        this.tasks = tasks;
    }

    /** A handshake took too long because it waited for our threads. */
    static final class ThreadsBusyException extends SSLException {

        private static final long serialVersionUID = 1L;

        ThreadsBusyException() {
            super("the handshake waited for our threads");
        }
    }

    /**
     * The handshakes in progress with a host. For the event loop only.
     *
     * @param address the host's address; null: any, as through a proxy
     */
    List<ObservedHandler> running(String host, int port, String address) {
        return running.stream().filter(each -> each.isWith(host, port, address)).toList();
    }

    @Override
    public SSLEngineOptions copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        // ignores all TLS options of Vert.x; only the context applies
        return () -> new Context(context);
    }

    private final class Context extends JdkSslContext {

        Context(SSLContext context) {
            super(
                    context,
                    true,
                    null,
                    IdentityCipherSuiteFilter.INSTANCE,
                    ApplicationProtocolConfig.DISABLED,
                    ClientAuth.NONE,
                    PROTOCOLS,
                    false);
        }

        @Override
        protected SslHandler newHandler(
                ByteBufAllocator buffers, String host, int port, boolean startTls, Executor ignored) {
            AtomicInteger unfinished = new AtomicInteger();
            return new ObservedHandler(newEngine(buffers, host, port), unfinished, task -> {
                unfinished.incrementAndGet();
                tasks.execute(() -> {
                    try {
                        task.run();
                    } finally {
                        unfinished.decrementAndGet();
                    }
                });
            });
        }
    }

    /** The TLS handler of one connection. Its fields are for the event loop only. */
    final class ObservedHandler extends LimitedSslHandler {

        private final AtomicInteger unfinished;
        private final Executor computations;
        private SocketAddress remote;
        private boolean isHelloMade;
        private long begun;
        private long nanos;

        /** @param unfinished the number of tasks that are queued or run */
        ObservedHandler(SSLEngine engine, AtomicInteger unfinished, Executor computations) {
            super(engine, computations);
            this.unfinished = unfinished;
            this.computations = computations;
            handshakeFuture().addListener(done -> {
                nanos = nanos();
                running.remove(this);
            });
        }

        private void begins(ChannelHandlerContext ctx) {
            remote = ctx.channel().remoteAddress();
            begun = System.nanoTime();
            running.add(this);
        }

        /** The start of the handshake, by {@link System#nanoTime}. */
        long begun() {
            return begun;
        }

        /** The duration of the handshake so far. */
        long nanos() {
            return running.contains(this) ? System.nanoTime() - begun : nanos;
        }

        /** Whether the handshake waits for our threads, not for the server. */
        boolean isComputing() {
            return unfinished.get() > 0;
        }

        private boolean isWith(String host, int port, String address) {
            return host.equals(engine().getPeerHost())
                    && port == engine().getPeerPort()
                    && (address == null
                            || remote instanceof InetSocketAddress there
                                    && address.equals(there.getAddress().getHostAddress()));
        }

        /** Whether the server requested a client certificate. */
        boolean isCertificateRequested() {
            return Tls.isCertificateRequested(engine());
        }

        /** The exception for a call that failed in the handshake, or because of it. */
        NoResponseException failure(Throwable cause) {
            return new NoResponseException(
                    NoResponseException.Reason.TLS,
                    new TlsFailure(tls, isCertificateRequested(), cause).predicate(),
                    cause);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
            ReadGate.of(ctx.channel()).assignTo(account);
            ctx.pipeline().addAfter(ctx.name(), null, new FailureNote(this));
            if (ctx.channel().isActive()) {
                // already connected, through a tunnel
                begins(ctx);
                isHelloMade = true;
            }
            super.handlerAdded(ctx);
        }

        /** Computing the hello's keys is the most costly part of a handshake. */
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            begins(ctx);
            computations.execute(() -> {
                try {
                    engine().beginHandshake();
                } catch (SSLException ignored) {
                    // thrown again when the hello is sent
                } finally {
                    ctx.executor().execute(() -> sendHello(ctx));
                }
            });
        }

        private void sendHello(ChannelHandlerContext ctx) {
            if (ctx.channel().isActive()) {
                isHelloMade = true;
                try {
                    super.channelActive(ctx);
                    flush(ctx);
                    // what arrived before
                    channelRead(ctx, Unpooled.EMPTY_BUFFER);
                } catch (Exception e) {
                    ctx.fireExceptionCaught(e);
                }
            }
        }

        /** Before the hello, {@link SslHandler} would report nothing and wait for the thread that uses the engine. */
        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            if (isHelloMade) {
                super.channelInactive(ctx);
            } else {
                ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(new ClosedChannelException()));
                ctx.fireChannelInactive();
            }
        }

        /** Bytes received before the hello stay buffered while a thread uses the engine. */
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
            if (isHelloMade) {
                super.decode(ctx, in, out);
            }
        }
    }

    /** Replaces the failure of a handshake by that of the call. */
    private static final class FailureNote extends ChannelInboundHandlerAdapter {

        private final ObservedHandler tls;
        private Throwable limit;

        FailureNote(ObservedHandler tls) {
            this.tls = tls;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            limit = failure instanceof PeerLimitException ? failure : limit;
            ctx.fireExceptionCaught(failure);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            boolean isFailure = event instanceof SslHandshakeCompletionEvent done && !done.isSuccess();
            super.userEventTriggered(
                    ctx,
                    isFailure
                            ? new SslHandshakeCompletionEvent(noted(((SslHandshakeCompletionEvent) event).cause()))
                            : event);
        }

        private Throwable noted(Throwable failure) {
            if (limit != null) {
                return limit;
            }
            if (failure instanceof SslHandshakeTimeoutException) {
                return tls.isComputing() ? new ThreadsBusyException() : NoResponseException.handshakeTimeout(failure);
            }
            return tls.failure(failure);
        }
    }
}
