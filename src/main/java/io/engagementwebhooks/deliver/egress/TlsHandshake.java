package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.LimitedSslHandler;
import io.engagementwebhooks.webhook.auth.Tls;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The TLS handler of one connection. It measures the handshake, computes all of it on the executor, and knows whether
 * the server requested a client certificate. For the event loop only.
 */
final class TlsHandshake extends LimitedSslHandler {

    private final Tls settings;
    private final AtomicInteger unfinished;
    private final Executor computations;
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

    /**
     * Computes the hello's keys, the most costly part of a handshake. Add this to the pipeline afterwards.
     *
     * @param computed called by the executor
     */
    void computeHello(Runnable computed) {
        begun = System.nanoTime();
        computations.execute(() -> {
            try {
                engine().beginHandshake();
            } catch (SSLException ignored) {
                // thrown again when the handler is added
            } finally {
                computed.run();
            }
        });
    }

    /** Sends the hello. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        flush(ctx);
    }
}
