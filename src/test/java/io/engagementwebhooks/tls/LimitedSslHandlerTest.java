package io.engagementwebhooks.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.Certificates;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.ImmediateExecutor;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An echo server with the handler, and the JDK's sockets as clients. */
@Timeout(120)
class LimitedSslHandlerTest {

    private final Certificates authority = new Certificates();
    private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
    private final BlockingQueue<Throwable> reasons = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    private SSLSocket connect(String protocol, Executor tasks) throws Exception {
        SSLContext context = authority.server("127.0.0.1", 1);
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SSLEngine engine = context.createSSLEngine();
                        engine.setUseClientMode(false);
                        channel.pipeline().addLast(new LimitedSslHandler(engine, tasks), new Echo());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        InetSocketAddress address = (InetSocketAddress) server.localAddress();
        SSLSocket socket = (SSLSocket)
                authority.client().getSocketFactory().createSocket(address.getHostString(), address.getPort());
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    private final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(((ByteBuf) bytes));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            reasons.add(cause);
        }
    }

    private static void exchange(SSLSocket socket) throws IOException {
        socket.getOutputStream().write('x');
        if (socket.getInputStream().read() != 'x') {
            throw new EOFException();
        }
    }

    /** In TLS 1.3, a handshake on an open connection is a key update. */
    private static void handshakeAndExchange(SSLSocket socket, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            socket.startHandshake();
            exchange(socket);
        }
    }

    private void assertClosedFor(String reason) throws InterruptedException {
        Throwable closedFor = reasons.take();
        assertEquals(reason, closedFor.getMessage());
    }

    @Test
    void a_few_key_updates_are_processed_and_too_many_close_the_connection() throws Exception {
        try (SSLSocket socket = connect("TLSv1.3", ImmediateExecutor.INSTANCE)) {
            handshakeAndExchange(socket, 8);
            assertThrows(IOException.class, () -> handshakeAndExchange(socket, 50));
            assertClosedFor(" sent too many TLS records without data");
        }
    }

    @Test
    void a_renegotiation_closes_the_connection() throws Exception {
        try (SSLSocket socket = connect("TLSv1.2", ImmediateExecutor.INSTANCE)) {
            exchange(socket);
            assertThrows(IOException.class, () -> handshakeAndExchange(socket, 1));
            assertClosedFor(" renegotiates, which is refused");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a_long_conversation_is_not_limited(String protocol) throws Exception {
        try (SSLSocket socket = connect(protocol, ImmediateExecutor.INSTANCE)) {
            for (int i = 0; i < 1000; i++) {
                exchange(socket);
            }
        }
        assertEquals(0, reasons.size());
    }

    @Test
    void a_handshake_that_the_executor_rejects_closes_the_connection() throws Exception {
        Executor full = task -> {
            throw new RejectedExecutionException("full");
        };
        try (SSLSocket socket = connect("TLSv1.3", full)) {
            assertThrows(IOException.class, socket::startHandshake);
            assertClosedFor("too many handshakes");
        }
    }
}
