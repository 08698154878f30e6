package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.tls.PeerLimitException;
import io.engagementwebhooks.webhook.auth.Tls;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/** A call got no response. The message is the predicate of a sentence about the endpoint. */
public final class NoResponseException extends IOException {

    private static final long serialVersionUID = 1L;

    /** In a message: the timeout of the call, which its caller knows. */
    private static final String LIMIT = "the time limit";

    private final Reason reason;

    /** Why a call got no response, in the order of its parts. An exception has the first reason that has its type. */
    public enum Reason {
        NAME_NOT_RESOLVED("'s host name could not be resolved to a public address", UnknownHostException.class),
        CONNECT_TIMEOUT(" could not be reached: connecting took too long", ConnectTimeoutException.class),
        CONNECTION_REFUSED(" refused the connection", ConnectException.class),
        NO_ROUTE(" could not be reached: no route", NoRouteToHostException.class),
        /** The proxy could not reach the receiver. */
        UNREACHABLE_BY_PROXY(" could not be reached by the proxy of this installation"),
        HANDSHAKE_TIMEOUT(" did not complete the TLS handshake within " + LIMIT),
        TLS("", SSLException.class),
        /** The deadline passed before the complete response head was received. */
        RESPONSE_TIMEOUT(" did not answer within " + LIMIT),
        READ_TIMEOUT(" did not answer in time", SocketTimeoutException.class),
        RESET(
                " reset the connection",
                SocketException.class,
                NativeIoException.class,
                ChannelOutputShutdownException.class),
        CLOSED(" closed the connection without a complete answer", PrematureChannelClosureException.class),
        HEADERS_TOO_LONG(
                " answered with more or longer headers than are read",
                TooLongHttpHeaderException.class,
                TooLongHttpLineException.class),
        /** The receiver sent more than is read of it. */
        OVER_LIMIT("", PeerLimitException.class),
        NOT_HTTP(" gave an answer that is not HTTP/1.1");

        private final String predicate;
        private final Set<Class<?>> types;

        Reason(String predicate, Class<?>... types) {
            this.predicate = predicate;
            this.types = Set.of(types);
        }

        /** Whether the call failed before its request was sent. */
        public boolean isBeforeRequest() {
            return compareTo(HANDSHAKE_TIMEOUT) <= 0;
        }

        /** Whether a time limit ended the call. */
        public boolean isTimeout() {
            return this == CONNECT_TIMEOUT
                    || this == HANDSHAKE_TIMEOUT
                    || this == RESPONSE_TIMEOUT
                    || this == READ_TIMEOUT;
        }
    }

    NoResponseException(Reason reason) {
        this(reason, reason.predicate, null);
    }

    NoResponseException(Reason reason, String predicate, Throwable cause) {
        super(predicate, cause);
        this.reason = reason;
    }

    static NoResponseException handshakeTimeout(Throwable cause) {
        String seconds = ConnectionOpener.HANDSHAKE_SECONDS + " s";
        return new NoResponseException(
                Reason.HANDSHAKE_TIMEOUT, Reason.HANDSHAKE_TIMEOUT.predicate.replace(LIMIT, seconds), cause);
    }

    /** The proxy answered with a status that says so. */
    static NoResponseException byProxy(String status) {
        return new NoResponseException(
                Reason.UNREACHABLE_BY_PROXY, Reason.UNREACHABLE_BY_PROXY.predicate + " (" + status + ")", null);
    }

    private static NoResponseException of(Reason reason, Throwable cause) {
        String predicate =
                switch (reason) {
                    case TLS -> new TlsFailure(Tls.DEFAULT, false, cause).predicate();
                    case OVER_LIMIT -> cause.getMessage();
                    default -> reason.predicate;
                };
        return new NoResponseException(reason, predicate, cause);
    }

    /** The exception of a failure of any client; empty if it is not one of a call. */
    public static Optional<NoResponseException> known(Throwable failure) {
        return failure instanceof NoResponseException known
                ? Optional.of(known)
                : Arrays.stream(Reason.values())
                        .filter(reason -> reason.types.stream().anyMatch(type -> type.isInstance(failure)))
                        .findFirst()
                        .map(reason -> of(reason, failure));
    }

    /** The exception of any failure of our client. */
    static NoResponseException of(Throwable failure) {
        if (failure instanceof DecoderException && failure.getCause() != null) {
            return of(failure.getCause());
        }
        return isSocketError(failure)
                ? of(Reason.RESET, failure)
                : known(failure).orElseGet(() -> of(Reason.NOT_HTTP, failure));
    }

    /** Whether it is a socket error, for which the JDK's transport throws a plain IOException. */
    private static boolean isSocketError(Throwable failure) {
        return failure instanceof ClosedChannelException
                || failure.getClass() == IOException.class
                // epoll transport: a reset right after the connect
                || failure instanceof ConnectException
                        && String.valueOf(failure.getMessage()).contains("Connection reset");
    }

    public Reason reason() {
        return reason;
    }

    /** The message with the timeout of the call. */
    String predicate(Duration limit) {
        return getMessage().replace(LIMIT, HttpFailures.inWords(limit));
    }
}
