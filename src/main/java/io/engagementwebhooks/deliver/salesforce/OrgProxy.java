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

/** The proxy, as Jetty's client takes it: a tunnel to every org, whatever its scheme. */
final class OrgProxy extends HttpProxy {

    private final EgressProxy proxy;

    OrgProxy(EgressProxy proxy) {
        super(new Origin.Address(proxy.host(), proxy.port()), false);
        this.proxy = proxy;
    }

    /** Nothing of the kind of a 502: the org did not answer the proxy. */
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

    /** Makes a client that has not started yet go by this proxy and no other way. */
    void lead(HttpClient client, SocketAddressResolver unchecked) {
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
        // the only host that is connected to, and the operator's
        client.setSocketAddressResolver(unchecked);
    }

    /** Marks a failure of the proxy, as opposed to one of the org behind it. */
    Promise<Connection> marking(Promise<Connection> promise) {
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
