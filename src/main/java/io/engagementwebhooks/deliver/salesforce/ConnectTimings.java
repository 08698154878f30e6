package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.egress.LiteralAddress;
import java.util.Collections;
import java.util.Comparator;
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
 * The connect timings of a client's connections. Each counts for the first request on that connection, and while
 * pending for all requests that wait for one. Thread-safe.
 */
final class ConnectTimings {

    private final Map<Connection, ConnectTiming> unused = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ConnectTiming, Origin> pending = new ConcurrentHashMap<>();

    /**
     * The connection that this thread opens: Jetty resolves on the same thread, without saying for which connection.
     */
    private final ThreadLocal<ConnectTiming> beginning = new ThreadLocal<>();

    /**
     * Opens a connection and measures it.
     *
     * @param opens opens it, and completes the given promise
     */
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

    /** Jetty fails all waiting requests inside the promise; each is charged this connect time. */
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

    /** The timing of this connection, if no request has used it yet. */
    Optional<ConnectTiming> first(Connection connection) {
        return Optional.ofNullable(unused.remove(connection));
    }

    /** The connect that a request without a connection waited for: of those pending, the longest within the period. */
    Optional<ConnectTiming> awaited(Origin origin, long from, long to) {
        return pending.entrySet().stream()
                .filter(opening -> opening.getValue().equals(origin))
                .map(Map.Entry::getKey)
                .max(Comparator.comparingLong(opening -> opening.within(from, to)));
    }

    /** Wraps a resolver to measure DNS lookups; literal addresses are not measured. */
    SocketAddressResolver measured(SocketAddressResolver resolver) {
        return (host, port, context, connecting) -> {
            ConnectTiming opening = beginning.get();
            if (opening == null || LiteralAddress.of(host).isPresent()) {
                resolver.resolve(host, port, context, connecting);
                return;
            }
            opening.lookupStarted();
            resolver.resolve(
                    host,
                    port,
                    context,
                    Promise.from(
                            addresses -> {
                                opening.lookupEnded();
                                connecting.succeeded(addresses);
                            },
                            failure -> {
                                opening.lookupFailed();
                                connecting.failed(failure);
                            }));
        };
    }
}
