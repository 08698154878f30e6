package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.PeerLimitException;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.proxy.HttpProxyHandler.HttpProxyConnectException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.MessageConstraintException;

/** Maps exceptions of Vert.x's client to those of HttpClient, which customers' routes and {@link HttpFailures} use. */
final class HttpFaults {

    /** Netty's message if a proxy accepted the request for a tunnel and did not respond. */
    private static final Pattern TIMEOUT = Pattern.compile("\\btimeout\\b");

    private static final Pattern STATUS = Pattern.compile("status: (\\d{3})\\b");

    private HttpFaults() {}

    /** Whether no connection was opened, so that the next address can be tried. */
    static boolean isConnectFailure(Throwable failure) {
        return failure instanceof SocketException || failure instanceof TimeoutException;
    }

    /** The failure of a connection to or through the proxy. */
    static IOException byProxy(Throwable failure) {
        if (failure instanceof SSLException) {
            return of(failure);
        }
        if (failure instanceof ProxyConnectException
                && TIMEOUT.matcher(failure.getMessage()).find()) {
            // the proxy accepted the request for a tunnel, and may have waited for the receiver
            return new ConnectTimeoutException(failure.getMessage());
        }
        if (failure instanceof HttpProxyConnectException) {
            Matcher status = STATUS.matcher(String.valueOf(failure.getMessage()));
            int code = status.find() ? Integer.parseInt(status.group(1)) : 0;
            return code >= 100 && code <= 599
                    ? ProxyFailedException.refused(code)
                    : ProxyFailedException.invalidResponse();
        }
        return ProxyFailedException.unreachable(of(failure));
    }

    /** The HttpClient exception of a failure. */
    static IOException of(Throwable failure) {
        if (failure.getCause() instanceof PeerLimitException limit) {
            return limit;
        }
        if (failure instanceof DecoderException && failure.getCause() != null) {
            return of(failure.getCause());
        }
        if (failure instanceof io.netty.channel.ConnectTimeoutException || failure instanceof TimeoutException) {
            return new ConnectTimeoutException(failure.getMessage());
        }
        if (failure.getCause() instanceof SslHandshakeTimeoutException) {
            return new HandshakeTimeoutException(Duration.ofSeconds(HttpClients.HANDSHAKE_SECONDS));
        }
        if (failure instanceof SSLException tls) {
            return tls.getCause() instanceof SSLException cause ? cause : tls;
        }
        if (failure instanceof HttpClosedException
                || failure instanceof PrematureChannelClosureException
                || failure instanceof ProxyConnectException) {
            return new ConnectionClosedException();
        }
        if (failure instanceof TooLongHttpHeaderException || failure instanceof TooLongHttpLineException) {
            return new MessageConstraintException(failure.getMessage());
        }
        if (failure instanceof IOException io) {
            return isSocketError(io) ? reset(io) : io;
        }
        return new ClientProtocolException(
                failure instanceof VertxException ? failure.getMessage() : failure.toString(), failure);
    }

    /**
     * Whether the failure is a socket error of the operating system, for which the JDK's transport throws a plain
     * IOException.
     */
    private static boolean isSocketError(IOException failure) {
        return failure instanceof ClosedChannelException
                // epoll transport: a reset right after the connect
                || failure instanceof ConnectException
                        && String.valueOf(failure.getMessage()).contains("Connection reset")
                || failure instanceof NativeIoException
                || failure.getClass() == IOException.class;
    }

    private static SocketException reset(IOException failure) {
        SocketException reset = new SocketException(failure.getMessage());
        reset.initCause(failure);
        return reset;
    }
}
