package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * Lets Vert.x's client make its TLS connections by an {@link SSLContext} of ours, and notes of each handshake how long it took and
 * whether the server asked for a client certificate. Thread-safe.
 */
final class TlsHandshakes extends SSLEngineOptions {

    private static final String[] PROTOCOLS = {"TLSv1.2", "TLSv1.3"};

    private final SSLContext context;

    /** Those that are not over. The event loop's. */
    private final Set<Noted> running = new HashSet<>();

    TlsHandshakes(SSLContext context) {
        this.context = context;
    }

    /** A handshake failed after the server had asked for a client certificate. */
    static final class AfterCertificateRequestException extends SSLException {

        private static final long serialVersionUID = 1L;

        AfterCertificateRequestException(Throwable cause) {
            super(cause.getMessage(), cause);
        }

        /** What failed, without the note. */
        static IOException cause(IOException failure) {
            return failure instanceof AfterCertificateRequestException
                            && failure.getCause() instanceof IOException cause
                    ? cause
                    : failure;
        }
    }

    /**
     * The handshakes with a host that have begun and are not over. For the event loop only.
     *
     * @param address the host's, or null: of whatever address, as by a proxy
     */
    List<Noted> running(String host, int port, String address) {
        return running.stream().filter(each -> each.isWith(host, port, address)).toList();
    }

    @Override
    public SSLEngineOptions copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new Factory();
    }

    /** Everything but the context is Vert.x's to set, and none of it applies. */
    private final class Factory implements SslContextFactory {

        @Override
        public SslContext create() {
            return new Context(context);
        }

        @Override
        public SslContextFactory keyMananagerFactory(KeyManagerFactory ignored) {
            return this;
        }

        @Override
        public SslContextFactory trustManagerFactory(TrustManagerFactory ignored) {
            return this;
        }

        @Override
        public SslContextFactory enabledCipherSuites(Set<String> ignored) {
            return this;
        }

        @Override
        public SslContextFactory applicationProtocols(List<String> ignored) {
            return this;
        }
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
                ByteBufAllocator buffers, String host, int port, boolean startTls, Executor tasks) {
            return new Noted(this, buffers, host, port, tasks);
        }
    }

    /** The TLS of one connection. Its fields are the event loop's. */
    final class Noted extends SslHandler {

        private SocketAddress remote;
        private long begun;
        private long nanos;
        private boolean isAskedForCertificate;

        Noted(SslContext context, ByteBufAllocator buffers, String host, int port, Executor tasks) {
            super(context.newEngine(buffers, host, port), false, tasks);
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

        /** When the handshake began, by {@link System#nanoTime}. */
        long begun() {
            return begun;
        }

        /** How long the handshake took, or takes. */
        long nanos() {
            return running.contains(this) ? System.nanoTime() - begun : nanos;
        }

        private boolean isWith(String host, int port, String address) {
            return host.equals(engine().getPeerHost())
                    && port == engine().getPeerPort()
                    && (address == null
                            || remote instanceof InetSocketAddress there
                                    && address.equals(there.getAddress().getHostAddress()));
        }

        /** Whether the server has asked for a client certificate. */
        boolean isAskedForCertificate() {
            return isAskedForCertificate;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
            ctx.pipeline().addAfter(ctx.name(), null, new FailureNote(this));
            if (ctx.channel().isActive()) {
                // in a tunnel
                begins(ctx);
            }
            super.handlerAdded(ctx);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) throws Exception {
            begins(ctx);
            super.channelActive(ctx);
        }

        /** The key manager is asked by the thread of the event loop, in here. */
        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
            try {
                super.decode(ctx, in, out);
            } finally {
                isAskedForCertificate |= Tls.wasAskedForCertificate();
            }
        }
    }

    /** Adds details to the failure of a connection. */
    private static final class FailureNote extends ChannelInboundHandlerAdapter {

        private final Noted tls;

        FailureNote(Noted tls) {
            this.tls = tls;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            boolean isNoted = event instanceof SslHandshakeCompletionEvent done
                    && !done.isSuccess()
                    && tls.isAskedForCertificate();
            super.userEventTriggered(
                    ctx,
                    isNoted
                            ? new SslHandshakeCompletionEvent(
                                    new AfterCertificateRequestException(((SslHandshakeCompletionEvent) event).cause()))
                            : event);
        }
    }
}
