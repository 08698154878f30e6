package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.webhook.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Builds a connection pool in which every connect, and nothing else, asks the egress rules: they need the scheme and the
 * call's deadline, which a resolver is not told, so each connect gets a resolver of its own. Literal addresses go
 * through it too. TLS is spoken with the identity of the call.
 */
final class GuardedConnections extends PoolingHttpClientConnectionManagerBuilder {

    /** Attribute of an HttpContext: the call's {@link Deadlines.Watch}. */
    static final String WATCH = "webhooks.egress.watch";

    /** Attribute of an HttpContext: the account whose call it is. */
    static final String ACCOUNT = "webhooks.egress.account";

    /** Attribute of an HttpContext: the call's {@link Tls}. */
    static final String TLS = "webhooks.egress.tls";

    /** Attribute of an HttpContext: the call's {@link Timing.Call}, or none. */
    private static final String TIMING = "webhooks.egress.timing";

    private final GuardedNames names;
    private final Optional<EgressProxy> proxy;
    private final Function<Tls, TlsSocketStrategy> strategies;

    /**
     * @param proxy through which every connection is made
     * @param strategies how TLS is spoken with an identity
     */
    GuardedConnections(GuardedNames names, Optional<EgressProxy> proxy, Function<Tls, TlsSocketStrategy> strategies) {
        this.names = names;
        this.proxy = proxy;
        this.strategies = strategies;
    }

    /** What measures the call of a context. */
    static void measure(HttpContext context, Timing.Call timing) {
        context.setAttribute(TIMING, timing);
    }

    /** What measures the call of a context; one that nobody reads where nothing does. */
    static Timing.Call timing(HttpContext context) {
        return context.getAttribute(TIMING) instanceof Timing.Call timing ? timing : new Timing().call();
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
            SchemePortResolver ports, DnsResolver ignored, TlsSocketStrategy unused) {
        return new Operator(ports);
    }

    private final class Operator implements HttpClientConnectionOperator {

        private final SchemePortResolver ports;

        Operator(SchemePortResolver ports) {
            this.ports = ports;
        }

        @Override
        public void connect(
                ManagedHttpClientConnection connection,
                HttpHost host,
                NamedEndpoint name,
                InetSocketAddress local,
                Timeout timeout,
                SocketConfig socket,
                Object attachment,
                HttpContext context)
                throws IOException {
            timed(context, () -> guarded(host, context)
                    .connect(connection, host, name, local, timeout, socket, attachment, context));
        }

        @Override
        public void connect(
                ManagedHttpClientConnection connection,
                HttpHost host,
                InetSocketAddress local,
                TimeValue timeout,
                SocketConfig socket,
                HttpContext context)
                throws IOException {
            timed(context, () -> guarded(host, context).connect(connection, host, local, timeout, socket, context));
        }

        @Override
        public void upgrade(ManagedHttpClientConnection connection, HttpHost host, HttpContext context)
                throws IOException {
            guarded(host, context).upgrade(connection, host, context);
        }

        /** What is neither the name nor TLS is the connection. */
        private void timed(HttpContext context, Connecting connecting) throws IOException {
            Timing.Call timing = timing(context);
            Timing.Part before = timing.begin(Timing.Part.CONNECT);
            try {
                connecting.connect();
                timing.begin(before);
            } catch (UnknownHostException e) {
                timing.notResolved();
                throw e;
            } catch (IOException | RuntimeException e) {
                timing.notConnected();
                throw e;
            }
        }

        private HttpClientConnectionOperator guarded(HttpHost host, HttpContext context) {
            boolean plain = URIScheme.HTTP.same(host.getSchemeName());
            Deadlines.Watch watch = (Deadlines.Watch) context.getAttribute(WATCH);
            String account = (String) context.getAttribute(ACCOUNT);
            Timing.Call timing = timing(context);
            TlsSocketStrategy tls = timedTls(strategies.apply((Tls) context.getAttribute(TLS)), timing);
            Lookup<TlsSocketStrategy> lookup = scheme -> URIScheme.HTTPS.same(scheme) ? tls : null;
            return proxy.map(through -> new DefaultHttpClientConnectionOperator(
                            unused -> new TunnelSocket(through, () -> names.proxy(through, watch)),
                            ports,
                            names.tunnelResolver(plain),
                            lookup))
                    .orElseGet(() -> new DefaultHttpClientConnectionOperator(
                            ports, names.resolver(account, plain, watch, timing), lookup));
        }
    }

    private interface Connecting {
        void connect() throws IOException;
    }

    private static TlsSocketStrategy timedTls(TlsSocketStrategy strategy, Timing.Call timing) {
        return (socket, target, port, attachment, context) -> {
            Timing.Part before = timing.begin(Timing.Part.TLS);
            try {
                return strategy.upgrade(socket, target, port, attachment, context);
            } finally {
                timing.begin(before);
            }
        };
    }
}
