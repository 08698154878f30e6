package io.engagementwebhooks.server;

import io.engagementwebhooks.tls.HandshakeExecutor;
import io.engagementwebhooks.tls.LimitedSslHandler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Makes one server of Vert.x use {@link LimitedSslHandler}. The computations of handshakes run on separate threads, which
 * addresses share by round robin. Thread-safe.
 */
final class ServerTls extends JdkSSLEngineOptions {

    private final HandshakeExecutor handshakes = new HandshakeExecutor(
            "tls-handshake", Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    @Override
    public JdkSSLEngineOptions copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.JDK, false) {
            @Override
            public SslContext create() throws SSLException {
                return new Context(super.create());
            }
        };
    }

    private final class Context extends DelegatingSslContext {

        Context(SslContext context) {
            super(context);
        }

        @Override
        protected void initEngine(SSLEngine engine) {
            // the handler does
        }

        @Override
        protected SslHandler newHandler(ByteBufAllocator buffers, boolean startTls, Executor ignored) {
            return newHandler(buffers, "", -1, startTls, ignored);
        }

        /** @param host the client's address */
        @Override
        protected SslHandler newHandler(
                ByteBufAllocator buffers, String host, int port, boolean startTls, Executor ignored) {
            String network = FailedKeys.network(host);
            return new LimitedSslHandler(newEngine(buffers, host, port), task -> handshakes.execute(network, task));
        }
    }
}
