package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.LiteralAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * How the connections of a client are opened: each opening belongs to the first request that goes by it, and until it is over
 * to all that wait for a connection. Thread-safe.
 */
final class ConnectTimings {

    private final Map<Connection, ConnectTiming> unused = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ConnectTiming, Origin> pending = new ConcurrentHashMap<>();

    /** Jetty asks for the name in the thread that opens, and does not say for which connection. */
    private final ThreadLocal<ConnectTiming> beginning = new ThreadLocal<>();

    /** Opens a connection. @param opens by a promise, through which it is heard of what becomes of it */
    void open(Origin origin, Promise<Connection> promise, Consumer<Promise<Connection>> opens) {
        ConnectTiming opening = new ConnectTiming();
        pending.put(opening, origin);
        beginning.set(opening);
        try {
            opens.accept(Promise.from(
                    connection -> {
                        connected(opening, connection);
                        promise.succeeded(connection);
                    },
                    failure -> failed(opening, promise, failure)));
        } catch (RuntimeException | Error e) {
            pending.remove(opening);
            throw e;
        } finally {
            beginning.remove();
        }
    }

    /** Jetty ends all requests that wait for a connection in here: each gets the time of this one. */
    private void failed(ConnectTiming opening, Promise<Connection> promise, Throwable failure) {
        opening.failed();
        try {
            promise.failed(failure);
        } finally {
            pending.remove(opening);
        }
    }

    private void connected(ConnectTiming opening, Connection connection) {
        if (connection instanceof org.eclipse.jetty.io.Connection open
                && open.getEndPoint() instanceof SslConnection.SslEndPoint secure) {
            secure.getSslConnection().addHandshakeListener(opening);
            opening.connected(true);
        } else {
            opening.connected(false);
        }
        unused.put(connection, opening);
        pending.remove(opening);
    }

    /** How this connection was opened, if no request has gone by it yet. */
    Optional<ConnectTiming> first(Connection connection) {
        return Optional.ofNullable(unused.remove(connection));
    }

    /** What a request without a connection waited for in this time: of those that are not open yet, the longest of it. */
    Optional<ConnectTiming> awaited(Origin origin, long from, long to) {
        return pending.entrySet().stream()
                .filter(opening -> opening.getValue().equals(origin))
                .map(Map.Entry::getKey)
                .max(Comparator.comparingLong(opening -> opening.within(from, to)));
    }

    /** Reports the duration of name lookups to the timings; an address is no name. */
    SocketAddressResolver measured(SocketAddressResolver resolver) {
        return new Measured(resolver);
    }

    private final class Measured implements SocketAddressResolver {

        private final SocketAddressResolver resolver;

        Measured(SocketAddressResolver resolver) {
            this.resolver = resolver;
        }

        @Override
        public void resolve(
                String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> connecting) {
            ConnectTiming opening = beginning.get();
            if (opening == null || LiteralAddress.of(host).isPresent()) {
                resolver.resolve(host, port, context, connecting);
                return;
            }
            opening.nameAsked();
            resolver.resolve(
                    host,
                    port,
                    context,
                    Promise.from(
                            addresses -> {
                                opening.nameKnown();
                                connecting.succeeded(addresses);
                            },
                            failure -> {
                                opening.nameUnknown();
                                connecting.failed(failure);
                            }));
        }
    }
}
