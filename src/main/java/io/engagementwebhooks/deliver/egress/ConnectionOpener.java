package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.webhook.auth.Tls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Opens connections: directly or through a tunnel, with or without TLS. For the event loop only. */
final class ConnectionOpener {

    /** Per address, so that a second address can be tried within the deadline. */
    private static final int CONNECT_MS = 5_000;

    /** Ends hanging handshakes, which a call's deadline does not. */
    static final int HANDSHAKE_SECONDS = 10;

    /** Ends tunnels that a call has abandoned; longer than any deadline. */
    private static final long LONGEST_TUNNEL_MS = TimeUnit.MINUTES.toMillis(5);

    private static final String[] PROTOCOLS = {"TLSv1.2", "TLSv1.3"};

    private final EventLoop loop;
    private final Bootstrap sockets;
    private final Function<Tls, SSLContext> contexts;
    private final BiConsumer<String, Runnable> handshakeTasks;
    private final ReadScheduler reads = new ReadScheduler(System::nanoTime);

    /**
     * Whom a connection serves, and where it leads.
     *
     * @param address the receiver's, or the proxy's
     * @param proxy null: none
     */
    record Target(String account, Tls tls, Destination to, InetSocketAddress address, EgressProxy proxy) {}

    /**
     * @param contexts the TLS context of an identity
     * @param handshakeTasks runs the computations of an account's TLS handshakes
     */
    ConnectionOpener(EventLoop loop, Function<Tls, SSLContext> contexts, BiConsumer<String, Runnable> handshakeTasks) {
        this.loop = loop;
        this.contexts = contexts;
        this.handshakeTasks = handshakeTasks;
        this.sockets = new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                // a failed write leaves the response readable that has arrived before
                .option(ChannelOption.AUTO_CLOSE, false)
                // one read at a time, and a small one, since it is what an account's turn at the loop is made of
                .option(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 2048, 8192).maxMessagesPerRead(1));
    }

    /** The TLS context of a target; null: plain http. */
    SslContext tls(Target target) {
        return target.to().plain()
                ? null
                : new JdkSslContext(
                        contexts.apply(target.tls()),
                        true,
                        null,
                        IdentityCipherSuiteFilter.INSTANCE,
                        ApplicationProtocolConfig.DISABLED,
                        ClientAuth.NONE,
                        PROTOCOLS,
                        false);
    }

    /** @param tls as {@link #tls} gives it */
    EgressConnection open(Target target, SslContext tls) {
        EgressProxy by = target.proxy();
        // a proxy is the operator's
        ReadGate gate = new ReadGate(reads.of(by == null ? target.account() : OutgoingRequest.OPERATOR));
        Supplier<TlsHandshake> handshakes = () -> {
            gate.assignTo(reads.of(target.account()));
            return handshake(target, tls);
        };
        EgressConnection made = new EgressConnection(
                gate,
                by == null ? null : tunnel(target.address(), by),
                tls == null ? null : handshakes,
                loop.newPromise());
        Destination to = target.to();
        sockets.clone()
                .handler(made.handlers())
                .connect(by == null ? target.address() : InetSocketAddress.createUnresolved(to.host(), to.port()))
                .addListener(done -> {
                    if (!done.isSuccess() && loop.inEventLoop()) {
                        made.fail(done.cause());
                    } else if (!done.isSuccess()) {
                        // without a file descriptor
                        loop.execute(() -> made.fail(done.cause()));
                    }
                });
        return made;
    }

    private static ProxyHandler tunnel(InetSocketAddress address, EgressProxy by) {
        ProxyHandler tunnel = by.user().isEmpty()
                ? new HttpProxyHandler(address)
                : new HttpProxyHandler(address, by.user(), by.password().reveal());
        tunnel.setConnectTimeoutMillis(LONGEST_TUNNEL_MS);
        return tunnel;
    }

    private TlsHandshake handshake(Target target, SslContext tls) {
        String name = target.to().host().replaceFirst("\\.$", "");
        SSLEngine engine =
                tls.newEngine(ByteBufAllocator.DEFAULT, name, target.to().port());
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        TlsHandshake made =
                TlsHandshake.of(engine, target.tls(), task -> handshakeTasks.accept(target.account(), task));
        made.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return made;
    }
}
