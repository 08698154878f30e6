package io.engagementwebhooks.server;

import io.engagementwebhooks.tls.HandshakeExecutor;
import io.engagementwebhooks.tls.LimitedSslHandler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
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
 * Makes a server of Vert.x use {@link LimitedSslHandler}, with the computations of handshakes on separate threads, shared by address.
 * Thread-safe.
 */
final class ServerTls extends JdkSSLEngineOptions {

    /** The key of all trusted proxies. */
    private static final String PROXIES = "proxies";

    private final HandshakeExecutor handshakes;

    ServerTls(HandshakeExecutor handshakes) {
        this.handshakes = handshakes;
    }

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
            return new ServerHandler(newEngine(buffers), new HandshakeTasks());
        }

        @Override
        protected SslHandler newHandler(
                ByteBufAllocator buffers, String host, int port, boolean startTls, Executor ignored) {
            return new ServerHandler(newEngine(buffers, host, port), new HandshakeTasks());
        }
    }

    private static final class ServerHandler extends LimitedSslHandler {

        private final HandshakeTasks tasks;

        ServerHandler(SSLEngine engine, HandshakeTasks tasks) {
            super(engine, tasks);
            this.tasks = tasks;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
            String address = ctx.channel().attr(Connection.KEY).get().address();
            tasks.key = address == null ? PROXIES : address;
            super.handlerAdded(ctx);
        }
    }

    /** Runs the tasks of one connection. */
    private final class HandshakeTasks implements Executor {

        private String key;

        @Override
        public void execute(Runnable task) {
            handshakes.execute(key, task);
        }
    }
}
