package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.egress.EgressProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/** Configures Jetty's client to use the egress proxy: a tunnel to every org, for https and http. */
final class OrgProxy extends HttpProxy {

    private final EgressProxy proxy;

    OrgProxy(EgressProxy proxy) {
        super(new Origin.Address(proxy.host(), proxy.port()), false);
        this.proxy = proxy;
    }

    /** The proxy failed; not used for a 502 to 504, which means that the org was unreachable. */
    static final class Failed extends IOException {

        private static final long serialVersionUID = 1L;

        private Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Override
    public boolean requiresTunnel(Origin origin) {
        return true;
    }

    /** Makes a client, before its start, use only this proxy. */
    void configure(HttpClient client, SocketAddressResolver unchecked) {
        client.getProxyConfiguration().addProxy(this);
        if (!proxy.user().isEmpty()) {
            client.getAuthenticationStore()
                    .addAuthenticationResult(new BasicAuthentication.BasicResult(
                            getURI(),
                            HttpHeader.PROXY_AUTHORIZATION,
                            proxy.user(),
                            proxy.password().reveal(),
                            StandardCharsets.UTF_8));
        }
        // the only host connected to; configured by the operator
        client.setSocketAddressResolver(unchecked);
    }

    /** Distinguishes failures of the proxy from those of the org behind it. */
    Promise<Connection> markingFailures(Promise<Connection> promise) {
        return Promise.from(promise::succeeded, failure -> promise.failed(marked(failure)));
    }

    private static Throwable marked(Throwable failure) {
        if (failure instanceof HttpResponseException refused) {
            int status = refused.getResponse().getStatus();
            boolean ofOrg = status >= 502 && status <= 504;
            return ofOrg
                    ? failure
                    : new Failed("the proxy of this installation refused the connection (" + status + ")", failure);
        }
        boolean unreachable = failure instanceof ConnectException
                || failure instanceof SocketTimeoutException
                || failure instanceof UnknownHostException
                || failure instanceof NothingSentException
                || failure instanceof UnresolvedAddressException;
        return unreachable ? new Failed("the proxy of this installation cannot be reached", failure) : failure;
    }
}
