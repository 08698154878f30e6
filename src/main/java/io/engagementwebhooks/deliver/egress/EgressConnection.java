package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An HTTP/1.1 connection, perhaps through a tunnel of a proxy. Sends one request at a time. For the event loop only. */
final class EgressConnection extends SimpleChannelInboundHandler<HttpObject> {

    /** Longer than the pool keeps any. */
    private static final long LONGEST_KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

    private static final Pattern KEPT = Pattern.compile("timeout=(\\d{1,4})(?!\\d)");

    private final ReadGate gate;
    private final ProxyHandler proxy;
    private final Supplier<TlsHandshake> handshakes;
    private final Promise<EgressConnection> opened;
    private final ResponseDecoder responses = new ResponseDecoder(this::buffered);
    private Channel channel;
    private boolean isConnected;
    private TlsHandshake tls;
    private Throwable limit;
    private EgressCall call;
    private ChannelFuture sent;
    private boolean isKeptAlive = true;
    private long idleSince;
    private long keptUntil = System.nanoTime() + LONGEST_KEPT_NANOS;

    /**
     * @param gate its first handler
     * @param proxy opens the tunnel; null: none
     * @param handshakes makes its handler of TLS; null: plain http
     * @param opened completed when requests can be sent
     */
    EgressConnection(
            ReadGate gate, ProxyHandler proxy, Supplier<TlsHandshake> handshakes, Promise<EgressConnection> opened) {
        this.gate = gate;
        this.proxy = proxy;
        this.handshakes = handshakes;
        this.opened = opened;
    }

    ChannelInitializer<Channel> handlers() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel made) {
                channel = made;
                made.pipeline().addLast(gate);
                if (proxy != null) {
                    made.pipeline().addLast(proxy);
                }
                made.pipeline().addLast(responses, new HttpRequestEncoder(), EgressConnection.this);
            }
        };
    }

    /** Computes the hello off the event loop; what the server sends waits for it. */
    private void beginTls() {
        tls = handshakes.get();
        gate.hold();
        try {
            tls.computeHello(() -> channel.eventLoop().execute(this::addTls));
        } catch (RejectedExecutionException e) {
            fail(e);
        }
    }

    private void addTls() {
        if (channel.isActive()) {
            channel.pipeline().addBefore(channel.pipeline().context(responses).name(), null, tls);
            gate.open();
        }
    }

    /** Completes when requests can be sent. */
    Future<EgressConnection> opened() {
        return opened;
    }

    /** Whether the server, or the proxy, was reached. */
    boolean isConnected() {
        return isConnected;
    }

    /** The handler of TLS; null before TLS begins and for plain http. */
    TlsHandshake tls() {
        return tls;
    }

    /** Whether it has sent a request. */
    boolean isUsed() {
        return sent != null;
    }

    void send(FullHttpRequest request, EgressCall of) {
        call = of;
        gate.beginAnswer();
        responses.beginResponse();
        // if the socket takes no more, the response may have arrived: its end, or that of the connection, follows
        sent = channel.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess() && !(written.cause() instanceof ChannelOutputShutdownException)) {
                fail(written.cause());
            }
        });
    }

    /** Whether another request can be sent. */
    boolean isReusable() {
        return opened.isSuccess()
                && channel.isActive()
                && isKeptAlive
                && !responses.hasMore()
                && !gate.hasArrived()
                && System.nanoTime() - keptUntil < 0
                && (sent == null || sent.isSuccess());
    }

    void beginIdle() {
        idleSince = System.nanoTime();
    }

    long idleNanos() {
        return System.nanoTime() - idleSince;
    }

    /** Closes it; a response that is being received gets no further call. */
    void close() {
        call = null;
        isKeptAlive = false;
        if (channel != null) {
            channel.close();
        }
    }

    Future<Void> closed() {
        return channel.closeFuture();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        isConnected = true;
        if (handshakes == null) {
            opened.trySuccess(this);
        } else if (proxy == null) {
            beginTls();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ProxyConnectionEvent) {
            beginTls();
        } else if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                opened.trySuccess(this);
            } else {
                fail(handshakeFailure(done.cause()));
            }
        } else if (event instanceof SslCloseCompletionEvent) {
            channel.close();
        }
    }

    private Throwable handshakeFailure(Throwable cause) {
        if (limit != null) {
            return NoResponseException.of(limit);
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            return tls.isComputing() ? cause : NoResponseException.handshakeTimeout(cause);
        }
        return tls.failure(cause);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        Throwable fault = message.decoderResult().cause();
        if (fault != null || message instanceof HttpResponse head && !isHttp1(head)) {
            fail(fault == null ? new NoResponseException(NoResponseException.Reason.NOT_HTTP) : fault);
            return;
        }
        if (call != null && message instanceof HttpResponse head) {
            isKeptAlive = HttpUtil.isKeepAlive(head);
            keptUntil = System.nanoTime() + keptNanos(head);
            gate.beginBody(call.mostBytes());
            call.head(head);
        }
        if (call != null
                && message instanceof HttpContent part
                && part.content().isReadable()) {
            call.part(part.content());
        }
        if (call != null && message instanceof LastHttpContent) {
            EgressCall of = call;
            call = null;
            of.end();
        }
    }

    /** A second less than the server announces. */
    private static long keptNanos(HttpResponse head) {
        Matcher announced = KEPT.matcher(head.headers().get("Keep-Alive", ""));
        return announced.find()
                ? TimeUnit.SECONDS.toNanos(Integer.parseInt(announced.group(1)) - 1L)
                : LONGEST_KEPT_NANOS;
    }

    private static boolean isHttp1(HttpResponse head) {
        return head.protocolVersion().equals(HttpVersion.HTTP_1_0)
                || head.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    private void buffered(int bytes) {
        if (call != null) {
            call.buffered(bytes);
        }
    }

    /** Failures of a handshake are reported at its end. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        limit = failure instanceof PeerLimitException ? failure : limit;
        if (!isInHandshake()) {
            fail(failure);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (isInHandshake()) {
            fail(handshakeFailure(new ClosedChannelException()));
        } else if (sent != null && sent.cause() != null) {
            fail(sent.cause());
        } else {
            fail(new NoResponseException(NoResponseException.Reason.CLOSED));
        }
    }

    private boolean isInHandshake() {
        return tls != null && !tls.handshakeFuture().isDone();
    }

    /** Fails the opening, or the response that is being received. */
    void fail(Throwable failure) {
        EgressCall of = call;
        opened.tryFailure(failure);
        close();
        if (of != null) {
            of.failed(failure);
        }
    }
}
