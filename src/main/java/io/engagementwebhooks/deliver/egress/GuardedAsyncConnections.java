package io.engagementwebhooks.deliver.egress;

import java.net.SocketAddress;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.nio.DefaultAsyncClientConnectionOperator;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionOperator;
import org.apache.hc.client5.http.nio.ManagedAsyncClientConnection;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.util.Timeout;

/** As {@link GuardedConnections}, for the non-blocking client: one resolver for plain http and one for https. */
final class GuardedAsyncConnections extends PoolingAsyncClientConnectionManagerBuilder {

    private final GuardedNames names;

    GuardedAsyncConnections(GuardedNames names) {
        this.names = names;
    }

    @Override
    protected AsyncClientConnectionOperator createConnectionOperator(
            TlsStrategy tls, SchemePortResolver ports, DnsResolver ignored) {
        Lookup<TlsStrategy> lookup = scheme -> URIScheme.HTTPS.same(scheme) ? tls : null;
        return new BySchemeOperator(
                new Operator(lookup, ports, names.resolver(true, null)),
                new Operator(lookup, ports, names.resolver(false, null)));
    }

    private static final class Operator extends DefaultAsyncClientConnectionOperator {
        Operator(Lookup<TlsStrategy> tls, SchemePortResolver ports, DnsResolver resolver) {
            super(tls, ports, resolver);
        }
    }

    private record BySchemeOperator(AsyncClientConnectionOperator plain, AsyncClientConnectionOperator secure)
            implements AsyncClientConnectionOperator {

        @Override
        public Future<ManagedAsyncClientConnection> connect(
                ConnectionInitiator initiator,
                HttpHost host,
                NamedEndpoint name,
                SocketAddress local,
                Timeout timeout,
                Object attachment,
                HttpContext context,
                FutureCallback<ManagedAsyncClientConnection> callback) {
            return of(host).connect(initiator, host, name, local, timeout, attachment, context, callback);
        }

        @Override
        public Future<ManagedAsyncClientConnection> connect(
                ConnectionInitiator initiator,
                HttpHost host,
                SocketAddress local,
                Timeout timeout,
                Object attachment,
                FutureCallback<ManagedAsyncClientConnection> callback) {
            return of(host).connect(initiator, host, local, timeout, attachment, callback);
        }

        @Override
        public void upgrade(ManagedAsyncClientConnection connection, HttpHost host, Object attachment) {
            of(host).upgrade(connection, host, attachment);
        }

        private AsyncClientConnectionOperator of(HttpHost host) {
            return URIScheme.HTTP.same(host.getSchemeName()) ? plain : secure;
        }
    }
}
