package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.LimitedSslHandler;
import io.engagementwebhooks.webhook.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The TLS handler of one connection. It measures the handshake, computes the hello on the executor too, and knows
 * whether the server requested a client certificate. For the event loop only.
 */
final class TlsHandshake extends LimitedSslHandler {

    private final Tls settings;
    private final AtomicInteger unfinished;
    private final Executor computations;
    private boolean isHelloMade;
    private long begun;
    private long nanos;

    /**
     * @param engine before its handshake
     * @param settings our TLS settings
     * @param tasks runs the computations of the handshake
     */
    static TlsHandshake of(SSLEngine engine, Tls settings, Executor tasks) {
        AtomicInteger unfinished = new AtomicInteger();
        return new TlsHandshake(engine, settings, unfinished, task -> {
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

    /** @param unfinished the number of tasks that are queued or run */
    private TlsHandshake(SSLEngine engine, Tls settings, AtomicInteger unfinished, Executor computations) {
        super(engine, computations);
        this.settings = settings;
        this.unfinished = unfinished;
        this.computations = computations;
        handshakeFuture().addListener(done -> nanos = nanos());
    }

    /** The duration of the handshake so far. */
    long nanos() {
        return nanos > 0 || begun == 0 ? nanos : System.nanoTime() - begun;
    }

    /** Whether the handshake waits for our threads, not for the server. */
    boolean isComputing() {
        return unfinished.get() > 0;
    }

    /** Whether the server requested a client certificate. */
    boolean isCertificateRequested() {
        return Tls.isCertificateRequested(engine());
    }

    /** The exception for a call that failed in the handshake, or because of it. */
    NoResponseException failure(Throwable cause) {
        return new NoResponseException(
                NoResponseException.Reason.TLS,
                new TlsFailure(settings, isCertificateRequested(), cause).predicate(),
                cause);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().isActive()) {
            // already connected, through a tunnel
            begun = System.nanoTime();
            isHelloMade = true;
        }
        super.handlerAdded(ctx);
    }

    /** Computing the hello's keys is the most costly part of a handshake. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begun = System.nanoTime();
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
